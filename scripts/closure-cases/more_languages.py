"""Perl, Ruby, PHP and Lua programs of other shapes: gems, frameworks, autoloaders, extensions, paths."""

LIB = "usr/lib/x86_64-linux-gnu/"
SH = {"usr/bin/sh": "dash"}
bases = {"perl2": lambda: packaged("perl", "perl-base", "perl-modules-5.36", "libperl5.36", "libmojolicious-perl", "libdancer2-perl", "dash", links=SH),
         "perl-alone": lambda: packaged("perl-base", "dash", links=SH),
         "ruby2": lambda: packaged("ruby", "ruby3.1", "ruby-rack", "ruby-thor", "unicorn", "thin", "rake", "bundler", "ruby-sinatra", "ruby-webrick", "dash", links={**SH, "usr/bin/ruby": "ruby3.1"}),
         "php2": lambda: packaged("php8.2-cli", "php8.2-mbstring", "php8.2-curl", "php8.2-sqlite3", "php8.2-xml", "composer", "dash", links={**SH, "usr/bin/php": "php8.2"}),
         "lua2": lambda: packaged("lua5.4", "lua5.3", "lua-socket", "lua-cjson", "lua-lpeg", "dash", links={**SH, "usr/bin/lua": "lua5.3"})}


def case(name, base, entry, files=None, **more): return Case("more languages", name, base, files or {}, list(entry), workdir=more.pop("workdir", "/srv"), seconds=20, **more)


def cases():
    yield from perl()
    yield from ruby()
    yield from php()
    yield from lua()


def perl():
    def text(name, source, files=None, **more): return case("perl " + name, more.pop("base", "perl2"), ["perl", "/srv/a.pl"], {"srv/a.pl": source + 'print "READY\\n";\n', **(files or {})}, **more)
    yield text("FindBin", 'use FindBin;\nuse lib "$FindBin::Bin/lib";\nuse Near;\n', {"srv/lib/Near.pm": "package Near; 1;\n"})
    yield text("FindBin, gone", 'use FindBin qw($RealBin);\nuse lib "$RealBin/lib";\nuse Near;\n', blame="Near")
    yield text("FindBin, above", 'use FindBin;\nuse lib "$FindBin::Bin/../opt/l";\nuse Near;\n', {"opt/l/Near.pm": "package Near; 1;\n"})
    yield text("lib qw", "use lib qw(/opt/a /opt/b);\nuse Near;\n", {"opt/b/Near.pm": "package Near; 1;\n"})
    yield text("use if", 'use if $^O eq "MSWin32", "Win32::Gone";\n')
    yield text("require of a file", 'require "/srv/conf.pl";\n', {"srv/conf.pl": "1;\n"})
    yield text("require of a file, gone", 'require "/srv/conf.pl";\n', blame="/srv/conf.pl")
    yield text("require with ./", 'require "./conf.pl";\n', {"srv/conf.pl": "1;\n"})
    yield text("do of what is gone", 'do "/srv/conf.pl";\n')
    yield text("module returns nothing true", "use lib '/srv/l';\nuse Near;\n", {"srv/l/Near.pm": "package Near;\nour $x = 1;\n0;\n"}, blame="Near")
    yield text("base", "use lib '/srv/l';\nuse Near;\n", {"srv/l/Near.pm": "package Near;\nuse base 'Far';\n1;\n", "srv/l/Far.pm": "package Far; sub new { 1 } 1;\n"})
    yield text("base, gone", "use lib '/srv/l';\nuse Near;\n", {"srv/l/Near.pm": "package Near;\nuse base qw(Far::Gone);\n1;\n"}, blame="Far::Gone")
    yield text("autodie", "use autodie;\nuse Time::Piece;\nuse Data::Dumper;\nuse File::Spec::Functions;\nuse Encode;\nuse Storable;\n")
    yield text("perl-base alone", "use strict; use warnings; use Getopt::Long; use File::Basename; use List::Util; use POSIX;\n", base="perl-alone")
    yield text("perl-base alone lacks", "use strict; use Time::Piece;\n", base="perl-alone", blame="Time::Piece")
    yield text("perl-base alone lacks another", "use JSON::PP;\n", base="perl-alone", blame="JSON::PP")
    yield text("module by try", "BEGIN { eval { require Gone::One; Gone::One->import; 1 } or *x = sub { 1 }; }\n")
    yield text("version that is newer", "use v5.99;\n", blame="5.99")
    yield text("syntax error", "my $x = (1;\n", blame="a.pl")
    yield text("strict finds a name", "use strict;\n$undeclared = 1;\n", blame="undeclared")
    yield text("open or die", 'open(my $f, "<", "/etc/app.conf") or die "no: $!";\n', blame="/etc/app.conf")
    yield text("open or die, there", 'open(my $f, "<", "/etc/app.conf") or die "no: $!";\n', {"etc/app.conf": "x\n"})
    yield case("perl by PERL5OPT, gone", "perl2", ["perl", "-e", 'print "READY"'], env=["PERL5OPT=-MGone::One"], blame="Gone::One")
    yield case("perl -Ilib script", "perl2", ["perl", "-Ilib", "a.pl"], {"srv/a.pl": 'use Near;\nprint "READY\\n";\n', "srv/lib/Near.pm": "1;\n"})
    yield case("perl -Mlib=lib", "perl2", ["perl", "-Mlib=lib", "-MNear", "-e", 'print "READY\\n"'], {"srv/lib/Near.pm": "1;\n"})
    yield case("perl local::lib", "perl2", ["perl", "a.pl"], {"srv/a.pl": 'use Near;\nprint "READY\\n";\n', "opt/ll/lib/perl5/Near.pm": "1;\n"}, env=["PERL5LIB=/opt/ll/lib/perl5"])
    mojo = {"srv/app.pl": "use Mojolicious::Lite -signatures;\nget '/' => sub ($c) { $c->render(text => 'x') };\napp->start;\n"}
    yield case("mojolicious", "perl2", ["perl", "app.pl", "daemon", "-l", "http://127.0.0.1:8000"], mojo)
    yield case("mojolicious, part gone", "perl2", ["perl", "app.pl", "daemon", "-l", "http://127.0.0.1:8000"], {**mojo, "usr/share/perl5/Mojo/Base.pm": GONE}, blame="Mojo")
    yield case("mojolicious by env", "perl2", ["./app.pl", "version"], {"srv/app.pl": Mode("#!/usr/bin/env perl\n" + mojo["srv/app.pl"], 0o755)})
    yield case("dancer", "perl2", ["perl", "-e", "use Dancer2; get '/' => sub { 'x' }; print \"READY\\n\";"])
    yield case("dancer without Moo", "perl2", ["perl", "-e", "use Dancer2; print \"READY\\n\";"], {"usr/share/perl5/Moo.pm": GONE}, blame="Moo")


def ruby():
    def text(name, source, files=None, **more): return case("ruby " + name, "ruby2", ["ruby", "/srv/a.rb"], {"srv/a.rb": source + 'puts "READY"\n', **(files or {})}, **more)
    yield text("bundler/setup without Gemfile", "require 'bundler/setup'\n", blame="Gemfile")
    yield text("bundler/setup", "require 'bundler/setup'\nrequire 'rack'\n", {"srv/Gemfile": "source 'https://example.org'\ngem 'rack'\n"})
    yield text("bundler/setup, gem gone", "require 'bundler/setup'\n", {"srv/Gemfile": "source 'https://example.org'\ngem 'gone_gem'\n"}, blame="gone_gem")
    yield text("Bundler.require, gem gone", "require 'bundler'\nBundler.require\n", {"srv/Gemfile": "source 'https://example.org'\ngem 'gone_gem'\n"}, blame="gone_gem")
    yield text("chain of require_relative", "require_relative 'lib/a'\n", {"srv/lib/a.rb": "require_relative '../lib/b'\nrequire 'json'\n", "srv/lib/b.rb": ""})
    yield text("chain of require_relative, gone", "require_relative 'lib/a'\n", {"srv/lib/a.rb": "require_relative '../lib/b'\n"}, blame="lib/b")
    yield text("glob", "Dir[File.join(__dir__, 'lib', '*.rb')].each { |f| require f }\n", {"srv/lib/a.rb": "require 'set'\n"})
    yield text("glob, one needs what is gone", "Dir[File.join(__dir__, 'lib', '*.rb')].sort.each { |f| require f }\n", {"srv/lib/a.rb": "require 'gone_one'\n"}, blame="gone_one")
    yield text("File.expand_path", "require File.expand_path('../srv/lib/a', __dir__)\n", {"srv/lib/a.rb": ""})
    yield text("File.join gone", "require File.join(__dir__, 'lib', 'gone_one')\n", blame="gone_one")
    yield text("$: <<", "$: << File.join(__dir__, 'lib')\nrequire 'near_one'\n", {"srv/lib/near_one.rb": ""})
    yield text("begin, another error", "begin\n  require 'gone_one'\nrescue StandardError\n  nil\nend\n", blame="gone_one")
    yield text("rescue as modifier", "x = (require 'gone_one' rescue nil)\n", blame="gone_one")
    yield text("unless defined", "require 'gone_one' unless defined?(String)\n")
    yield text("in a class", "class A\n  require 'gone_one'\nend\n", blame="gone_one")
    yield text("in a block", "at_exit { require 'set' }\n")
    yield text("if __FILE__", "if __FILE__ == $0\n  require 'gone_one'\nend\n", blame="gone_one")
    yield text("begin/ensure", "begin\n  require 'json'\nensure\n  x = 1\nend\n")
    yield text("ENV.fetch", "ENV.fetch('SECRET_KEY')\n", blame="SECRET_KEY")
    yield text("ENV.fetch with a default", "ENV.fetch('SECRET_KEY', 'x')\nENV.fetch('B') { 1 }\n")
    yield text("File.read gone", "CONFIG = File.read('/etc/app.yml')\n", blame="/etc/app.yml")
    yield text("part of the library gone", "require 'openssl'\n", {LIB + "libssl.so.3": GONE}, blame="libssl.so.3")
    yield text("yaml without libyaml", "require 'yaml'\n", {LIB + "libyaml-0.so.2": GONE}, blame="libyaml-0.so.2")
    yield text("syntax error", "def f(\n  puts 'x'\nend end\n", blame="a.rb")
    yield case("ruby by RUBYOPT, gone", "ruby2", ["ruby", "-e", "puts 'READY'"], env=["RUBYOPT=-rgone_one"], blame="gone_one")
    yield case("ruby by RUBYLIB", "ruby2", ["ruby", "-rnear_one", "-e", "puts 'READY'"], {"opt/r/near_one.rb": ""}, env=["RUBYLIB=/opt/r"])
    ru = {"srv/config.ru": "run ->(env) { [200, {}, ['x']] }\n"}
    yield case("rackup", "ruby2", ["rackup", "-o", "127.0.0.1", "-p", "8000"], ru)
    yield case("rackup, config.ru gone", "ruby2", ["rackup", "-o", "127.0.0.1"], blame="config.ru")
    yield case("thin", "ruby2", ["thin", "start", "-a", "127.0.0.1", "-p", "8000"], ru)
    yield case("thin, config.ru needs", "ruby2", ["thin", "start", "-a", "127.0.0.1"], {"srv/config.ru": "require 'gone_one'\nrun 1\n"}, blame="gone_one")
    yield case("unicorn", "ruby2", ["unicorn", "-l", "127.0.0.1:8000"], ru)
    yield case("unicorn -c gone", "ruby2", ["unicorn", "-c", "/etc/unicorn.rb"], ru, blame="/etc/unicorn.rb")
    yield case("rake", "ruby2", ["rake", "go"], {"srv/Rakefile": "task(:go) { puts 'READY' }\n"})
    yield case("rake without Rakefile", "ruby2", ["rake", "go"], blame="Rakefile")
    yield case("thor", "ruby2", ["ruby", "-e", "require 'thor'; puts 'READY'"])
    yield case("bundle exec without Gemfile", "ruby2", ["bundle", "exec", "rackup"], ru, blame="Gemfile")
    gem_script = "#!/usr/bin/ruby\nrequire 'rubygems'\nload Gem.activate_bin_path('rack', 'rackup', '>= 0')\n"
    yield case("binstub of a gem that is gone", "ruby2", ["tool"], {"usr/local/bin/tool": Mode(gem_script.replace("'rack', 'rackup'", "'gone_gem', 'tool'"), 0o755)}, blame="gone_gem")


def php():
    def text(name, source, files=None, **more): return case("php " + name, more.pop("base", "php2"), ["php", "/srv/a.php"], {"srv/a.php": "<?php\n" + source + "echo \"READY\\n\";\n", **(files or {})}, **more)
    auto = {"srv/vendor/autoload.php": "<?php\nspl_autoload_register(function ($c) { $f = __DIR__ . '/src/' . str_replace('\\\\', '/', $c) . '.php'; if (is_file($f)) require $f; });\n"}
    yield text("autoload", "require __DIR__ . '/vendor/autoload.php';\n", auto)
    yield text("autoload, class there", "require __DIR__ . '/vendor/autoload.php';\nnew Near\\One();\n", {**auto, "srv/vendor/src/Near/One.php": "<?php\nnamespace Near;\nclass One {}\n"})
    yield text("autoload, class gone", "require __DIR__ . '/vendor/autoload.php';\nnew Near\\GoneOne();\n", auto, blame="GoneOne")
    yield text("extension's function", "echo mb_strlen('x');\n")
    yield text("extension's function, extension off", "echo mb_strlen('x');\n", {"etc/php/8.2/cli/conf.d/20-mbstring.ini": GONE, "usr/lib/php/20220829/mbstring.so": GONE}, blame="mb_strlen")
    yield text("function of nobody", "gone_function();\n", blame="gone_function")
    yield text("function_exists", "if (function_exists('gone_function')) { gone_function(); }\n")
    yield text("extension of the ini is gone", "", {"etc/php/8.2/cli/conf.d/99-x.ini": "extension=gone_ext.so\n"})
    yield text("include that is gone", "include 'gone_one.php';\n")
    yield text("require in a try", "try { require 'gone_one.php'; } catch (Throwable $e) { }\n", blame="gone_one.php")
    yield text("require by a variable", "$f = __DIR__ . '/lib/a.php';\nrequire $f;\n", {"srv/lib/a.php": "<?php\n"})
    yield text("require by a variable, gone", "$f = __DIR__ . '/lib/gone_one.php';\nrequire $f;\n", blame="gone_one.php")
    yield text("require by a constant", "define('ROOT', __DIR__);\nrequire ROOT . '/lib/gone_one.php';\n", blame="gone_one.php")
    yield text("require from WORKDIR", "require 'lib/a.php';\n", {"srv/lib/a.php": "<?php\n"})
    yield text("extends what is gone", "class A extends GoneBase {}\n", blame="GoneBase")
    yield text("use alone", "use Gone\\One;\n")
    yield text("syntax error", "$x = ;\n", blame="a.php")
    yield text("syntax of a newer version", "class A { public private(set) string $x; }\n", blame="a.php")
    yield text("getenv or exit", "if (!getenv('SECRET_KEY')) { fwrite(STDERR, 'no'); exit(1); }\n", blame="")
    yield case("php -S", "php2", ["php", "-S", "127.0.0.1:8000", "-t", "/srv"], {"srv/index.php": "<?php\n"})
    yield case("php -S, directory gone", "php2", ["php", "-S", "127.0.0.1:8000", "-t", "/gone"], blame="/gone")
    yield case("php -S, router gone", "php2", ["php", "-S", "127.0.0.1:8000", "/srv/router.php"], blame="")
    console = {"srv/bin/console": Mode("#!/usr/bin/env php\n<?php\nrequire dirname(__DIR__) . '/vendor/autoload.php';\necho \"READY\\n\";\n", 0o755)}
    yield case("console", "php2", ["bin/console", "server"], {**console, "srv/vendor/autoload.php": "<?php\n"})
    yield case("console, vendor gone", "php2", ["php", "bin/console"], console, blame="vendor/autoload.php")
    yield case("composer", "php2", ["composer", "--version", "--no-interaction"], env=["COMPOSER_ALLOW_SUPERUSER=1", "HOME=/tmp"])
    yield case("auto_prepend_file gone", "php2", ["php", "-d", "auto_prepend_file=/srv/gone.php", "-r", "echo 'READY';"], blame="gone.php")
    yield case("php -r", "php2", ["php", "-r", "require '/srv/gone_one.php';"], blame="gone_one.php")


def lua():
    def text(name, source, files=None, entry=None, **more): return case("lua " + name, "lua2", entry or ["lua", "/srv/a.lua"], {"srv/a.lua": source + 'print("READY")\n', **(files or {})}, **more)
    yield text("socket", 'local s = require("socket")\n')
    yield text("socket without its core", 'local s = require("socket")\n', {LIB + "lua/5.3/socket/core.so": GONE}, blame="socket.core")
    yield text("cjson", 'local c = require "cjson"\n')
    yield text("lpeg for another version", 'local c = require "gone_lpeg"\n', entry=["lua5.4", "/srv/a.lua"], blame="gone_lpeg")
    yield text("in WORKDIR", 'require("near.one")\n', {"srv/near/one.lua": "return 1\n"})
    yield text("in WORKDIR, from elsewhere", 'require("near.one")\n', {"srv/near/one.lua": "return 1\n"}, workdir="/", blame="near.one")
    yield text("init", 'require("near")\n', {"srv/near/init.lua": "return 1\n"})
    yield text("LUA_PATH", 'require("near")\n', {"opt/l/near.lua": "return 1\n"}, env=["LUA_PATH=/opt/l/?.lua;;"])
    yield text("LUA_PATH hides the usual", 'require("socket")\n', env=["LUA_PATH=/opt/l/?.lua"], blame="socket")
    yield text("LUA_INIT gone", "", env=["LUA_INIT=@/srv/gone.lua"], blame="gone.lua")
    yield text("loadfile", 'local f = loadfile("/srv/gone.lua")\n')
    yield text("dofile", 'dofile("/srv/near.lua")\n', {"srv/near.lua": "x = 1\n"})
    yield text("package.cpath", 'package.cpath = "/opt/c/?.so;" .. package.cpath\nrequire("gone_c")\n', blame="gone_c")
    yield text("syntax error", "local x = = 1\n", blame="a.lua")
    yield text("assert of a file", 'local f = assert(io.open("/etc/app.conf"))\n', blame="/etc/app.conf")
    yield text("-l", "", entry=["lua", "-l", "gone_one", "/srv/a.lua"], blame="gone_one")

"""Perl, Ruby, PHP and Lua programs."""

bases = {"perl": lambda: packaged("perl", "libjson-perl", links={}), "ruby": lambda: packaged("ruby", "ruby3.1", links={"usr/bin/ruby": "ruby3.1"}),
         "php": lambda: packaged("php8.2-cli", links={"usr/bin/php": "php8.2"}), "lua": lambda: packaged("lua5.4", links={"usr/bin/lua": "lua5.4"})}


def rows(language, suffix, program, table, extra):
    for name, source, fails in table:
        yield Case(language, name, language, {**extra, f"app/main{suffix}": source}, [program, f"/app/main{suffix}"], blame="ne" if fails else "")
    yield Case(language, "script gone", language, {}, [program, f"/app/main{suffix}"], blame=f"/app/main{suffix}")
    yield Case(language, "script unreadable", language, {f"app/main{suffix}": Mode(table[0][1], 0o600)}, [program, f"/app/main{suffix}"], user="app", blame=f"/app/main{suffix}")
    yield Case(language, "first line", language, {**extra, "app/main": Mode(f"#!/usr/bin/{program}\n" + table[0][1].replace("<?php", "<?php\n"), 0o755)}, ["/app/main"])
    yield Case(language, "interpreter gone", language, {"app/main": Mode(f"#!/usr/local/bin/{program}\n" + table[0][1], 0o755)}, ["/app/main"], blame=program)


PERL = [("nothing", 'print "READY\\n";\n', 0), ("standard", 'use strict;\nuse warnings;\nuse POSIX qw(floor);\nuse List::Util;\nuse Getopt::Long;\nprint "READY\\n";\n', 0), ("gone", 'use Gone::One;\nprint "READY\\n";\n', 1), ("own", 'use lib "/app/lib";\nuse Here;\nprint "READY\\n";\n', 0),
        ("own elsewhere", 'use lib "/app/other";\nuse HereOne;\nprint "READY\\n";\n', 1), ("require gone", 'require Gone::One;\nprint "READY\\n";\n', 1), ("require in eval", 'eval { require Gone::One };\nprint "READY\\n";\n', 0), ("require in sub", 'sub f {\n    require Gone::One;\n}\nprint "READY\\n";\n', 0),
        ("use in text", 'my $x = <<"E";\nuse the force;\nE\nprint "READY\\n";\n', 0), ("pod", 'print "READY\\n";\n\n=head1 X\n\nuse Gone::One;\n\n=cut\n', 0), ("eval text", 'eval "use Gone::One; 1" or 1;\nprint "READY\\n";\n', 0), ("end", 'print "READY\\n";\n__END__\nuse Gone::One;\n', 0),
        ("by another", 'use lib "/app/lib";\nuse Needs;\nprint "READY\\n";\n', 1), ("parent", 'package X;\nuse parent "Gone::One";\nprint "READY\\n";\n', 1), ("json", 'use JSON;\nprint encode_json({}), "READY\\n";\n', 0), ("use in block", 'if (0) {\n    use Gone::One;\n}\nprint "READY\\n";\n', 1), ("version", 'use 5.010;\nuse v5.20;\nprint "READY\\n";\n', 0)]
RUBY = [("nothing", 'puts "READY"\n', 0), ("standard", 'require "json"\nrequire "set"\nrequire "socket"\nrequire "optparse"\nputs "READY"\n', 0), ("gone", 'require "gone_one"\nputs "READY"\n', 1), ("relative", 'require_relative "lib/here"\nputs "READY"\n', 0), ("relative gone", 'require_relative "lib/gone_one"\nputs "READY"\n', 1),
        ("rescue", 'begin\n  require "gone_one"\nrescue LoadError\nend\nputs "READY"\n', 0), ("in method", 'def f\n  require "gone_one"\nend\nputs "READY"\n', 0), ("load path", '$LOAD_PATH.unshift "/app/lib"\nrequire "here"\nputs "READY"\n', 0), ("load path gone", '$LOAD_PATH.unshift "/app/lib"\nrequire "gone_one"\nputs "READY"\n', 1),
        ("modifier", 'require "gone_one" if ENV["X"]\nputs "READY"\n', 0), ("comment", '=begin\nrequire "gone_one"\n=end\nputs "READY"\n', 0), ("by another", 'require_relative "lib/needs"\nputs "READY"\n', 1), ("autoload", 'autoload :X, "gone_one"\nputs "READY"\n', 0), ("load", 'load "/app/gone_one.rb"\nputs "READY"\n', 1)]
PHP = [("nothing", '<?php echo "READY\\n";\n', 0), ("require", "<?php\nrequire __DIR__ . '/lib/here.php';\necho \"READY\\n\";\n", 0), ("require gone", "<?php\nrequire __DIR__ . '/lib/gone_one.php';\necho \"READY\\n\";\n", 1), ("autoload gone", "<?php\nrequire_once __DIR__ . '/vendor/autoload_one.php';\necho \"READY\\n\";\n", 1),
       ("include gone", "<?php\n@include __DIR__ . '/gone_one.php';\necho \"READY\\n\";\n", 0), ("in condition", "<?php\nif (file_exists('/x')) {\n    require '/x/gone_one.php';\n}\necho \"READY\\n\";\n", 0), ("in function", "<?php\nfunction f() {\n    require '/x/gone_one.php';\n}\necho \"READY\\n\";\n", 0),
       ("dirname", "<?php\nrequire dirname(__FILE__) . '/lib/here.php';\necho \"READY\\n\";\n", 0), ("parent gone", "<?php\nrequire dirname(__DIR__) . '/gone_one.php';\necho \"READY\\n\";\n", 1), ("brackets", "<?php\nrequire_once('lib/here.php');\necho \"READY\\n\";\n", 0), ("by another", "<?php\nrequire 'lib/needs.php';\necho \"READY\\n\";\n", 1), ("returned", "<?php\n$c = require __DIR__ . '/gone_one.php';\necho \"READY\\n\";\n", 1)]
LUA = [("nothing", 'print("READY")\n', 0), ("standard", 'local s = require("string")\nprint("READY")\n', 0), ("gone", 'local x = require("gone_one")\nprint("READY")\n', 1), ("gone, other form", 'require "gone_one"\nprint("READY")\n', 1), ("pcall", 'local ok = pcall(require, "gone_one")\nprint("READY")\n', 0),
       ("in function", 'local function f()\n  require("gone_one")\nend\nprint("READY")\n', 0), ("path", 'package.path = "/app/lib/?.lua;" .. package.path\nrequire("here")\nprint("READY")\n', 0), ("dofile gone", 'dofile("/app/gone_one.lua")\nprint("READY")\n', 1), ("comment", '-- require("gone_one")\nprint("READY")\n', 0)]


def cases():
    yield from rows("perl", ".pl", "perl", PERL, {"app/lib/Here.pm": "package Here;\n1;\n", "app/lib/Needs.pm": "package Needs;\nuse Gone::One;\n1;\n"})
    yield Case("perl", "-M gone", "perl", {}, ["perl", "-MGone::One", "-e", "1"], blame="Gone::One")
    yield Case("perl", "-I", "perl", {"app/lib/Here.pm": "1;\n"}, ["perl", "-I/app/lib", "-MHere", "-e", 'print "READY\\n"'])
    yield Case("perl", "PERL5LIB", "perl", {"app/lib/Here.pm": "1;\n"}, ["perl", "-MHere", "-e", 'print "READY\\n"'], env=["PERL5LIB=/app/lib"])
    yield from rows("ruby", ".rb", "ruby", RUBY, {"app/lib/here.rb": "", "app/lib/needs.rb": 'require "gone_one"\n'})
    yield from rows("php", ".php", "php", PHP, {"app/lib/here.php": "<?php\n", "app/lib/needs.php": "<?php\nrequire __DIR__ . '/gone_one.php';\n"})
    yield from rows("lua", ".lua", "lua", LUA, {"app/lib/here.lua": "return {}\n"})

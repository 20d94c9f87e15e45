"""Java, Node, Perl, Ruby, PHP and Lua programs for the fourth time, written from the issue's text alone."""
import io, json, os, subprocess, zipfile

JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
LIB = "usr/lib/x86_64-linux-gnu/"
SH = {"usr/bin/sh": "dash"}
bases = {"unseen-perl": lambda: packaged("perl", "libwww-perl", "liblwp-protocol-https-perl", "libtemplate-perl", "libdbi-perl", "libmoo-perl", "libplack-perl", "libnet-ssleay-perl", "dash", links=SH),
         "unseen-php": lambda: packaged("php8.2-cli", "php8.2-intl", "php8.2-mbstring", "php8.2-sqlite3", "php8.2-opcache", "php-symfony-console", "dash", links={**SH, "usr/bin/php": "php8.2"}),
         "unseen-lua": lambda: packaged("lua5.3", "lua-sec", "lua-expat", "lua-filesystem", "dash", links={**SH, "usr/bin/lua": "lua5.3"})}


def cases():
    yield from java()
    yield from node()
    yield from perl()
    yield from ruby()
    yield from php()
    yield from lua()


SOURCES = {
    "u/Main.java": 'package u; public class Main { public static void main(String[] a) { System.out.println("READY"); } }',
    "u/Uses.java": 'package u; public class Uses { public static void main(String[] a) { new v.Lib().go(); System.out.println("READY"); } }',
    "u/Provider.java": 'package u; public class Provider { public static void main(String[] a) { for (Runnable r : java.util.ServiceLoader.load(Runnable.class)) r.run(); System.out.println("READY"); } }',
    "u/Deep.java": 'package u; public class Deep extends v.Middle { public static void main(String[] a) { System.out.println("READY"); } }',
    "u/Jni.java": 'package u; public class Jni { static { System.loadLibrary("unative"); } public static void main(String[] a) { System.out.println("READY"); } }',
    "u/Config.java": 'package u; public class Config { public static void main(String[] a) throws Exception { String p = System.getenv().getOrDefault("CONFIG", "/etc/app/app.properties"); try (java.io.InputStream in = new java.io.FileInputStream(p)) { new java.util.Properties().load(in); } System.out.println("READY"); } }',
    "u/Zone.java": 'package u; public class Zone { public static void main(String[] a) { System.out.println(java.time.ZonedDateTime.now(java.time.ZoneId.of("Europe/Paris")) + " READY"); } }',
    "u/Lambda.java": 'package u; public class Lambda { interface Step { void go(); } public static void main(String[] a) { Step s = () -> v.Lib.quiet(); java.util.List.of(s).forEach(Step::go); System.out.println("READY"); } }',
    "v/Lib.java": 'package v; public class Lib implements Runnable { public void go() { w.Base.touch(); } public void run() { } public static void quiet() { } }',
    "v/Middle.java": 'package v; public class Middle extends w.Base { }',
    "w/Base.java": 'package w; public class Base { public static void touch() { } }',
}


def built(): return compiled("unseen", SOURCES)


def jar(content, manifest=None):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        if manifest is not None:
            lines = []
            for line in ["Manifest-Version: 1.0"] + [f"{k}: {v}" for k, v in manifest.items()]:
                lines.append(line[:70])
                lines += [" " + line[i:i + 69] for i in range(70, len(line), 69)]
            file.writestr("META-INF/MANIFEST.MF", "\r\n".join(lines) + "\r\n\r\n")
        for name, text in content.items(): file.writestr(name, text)
    return data.getvalue()


def java():
    if not os.path.exists(JAVA + "/bin/javac"): return
    whole = built()
    def only(*prefixes): return {k: v for k, v in whole.items() if k.startswith(prefixes)}
    def case(name, entry, files, base="java", **more): return Case("unseen java", name, base, files, list(entry), workdir=more.pop("workdir", "/srv"), seconds=12, **more)
    names = [f"a-library-with-a-rather-long-name-{i}.jar" for i in range(5)]
    lines = {"Main-Class": "u.Uses", "Class-Path": " ".join("lib/" + n for n in names + ["v.jar", "w.jar"])}
    parts = {"srv/app.jar": jar(only("u/"), lines), "srv/lib/v.jar": jar(only("v/")), "srv/lib/w.jar": jar(only("w/"))}
    yield case("Class-Path over several lines", ["java", "-jar", "app.jar"], parts)
    yield case("Class-Path over several lines, the last is gone", ["java", "-jar", "app.jar"], {k: v for k, v in parts.items() if "w.jar" not in k}, blame="w.Base")
    yield case("Class-Path with a folder", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(only("u/"), {"Main-Class": "u.Uses", "Class-Path": "classes/ file:/opt/w.jar"}), **{"srv/classes/" + k: v for k, v in only("v/").items()}, "opt/w.jar": parts["srv/lib/w.jar"]})
    yield case("Class-Path with a folder that lacks its stroke", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(only("u/"), {"Main-Class": "u.Uses", "Class-Path": "classes lib/w.jar"}), **{"srv/classes/" + k: v for k, v in only("v/").items()}, "srv/lib/w.jar": parts["srv/lib/w.jar"]}, blame="v.Lib")
    jib = {"app/jib-classpath-file": "/app/resources:/app/classes:/app/libs/v.jar:/app/libs/w.jar", "app/jib-main-class-file": "u.Uses", **{"app/classes/" + k: v for k, v in only("u/").items()}, "app/libs/v.jar": parts["srv/lib/v.jar"], "app/libs/w.jar": parts["srv/lib/w.jar"]}
    yield case("jib", ["java", "-cp", "@/app/jib-classpath-file", "u.Uses"], jib)
    yield case("jib, library gone", ["java", "-cp", "@/app/jib-classpath-file", "u.Uses"], {k: v for k, v in jib.items() if "w.jar" not in k}, blame="w.Base")
    yield case("jib, both by files", ["java", "-cp", "@/app/jib-classpath-file", "@/app/jib-main-class-file"], jib)
    services = {"META-INF/services/java.lang.Runnable": "# comment\nv.Lib\n"}
    yield case("provider", ["java", "-jar", "app.jar"], {"srv/app.jar": jar({**whole, **services}, {"Main-Class": "u.Provider"})})
    yield case("provider gone", ["java", "-jar", "app.jar"], {"srv/app.jar": jar({**only("u/"), **services}, {"Main-Class": "u.Provider"})}, blame="v.Lib")
    yield case("class two above gone", ["java", "-cp", "a.jar:v.jar", "u.Deep"], {"srv/a.jar": jar(only("u/")), "srv/v.jar": parts["srv/lib/v.jar"]}, blame="w.Base")
    newer = {k: v[:7] + b"\x41" + v[8:] if k == "v/Lib.class" else v for k, v in whole.items()}
    yield case("one class for a newer Java", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(newer, {"Main-Class": "u.Uses"})}, blame="v.Lib")
    yield case("one class for a newer Java, not used", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(newer, {"Main-Class": "u.Main"})})
    native = f"{work}/unseen-libunative.so"
    if not os.path.exists(native):
        with open(native + ".c", "w") as file: file.write("int unative(void) { return 1; }\n")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", native, native + ".c"], check=True)
    yield case("native library by its directory", ["java", "-Djava.library.path=/opt/native", "-jar", "app.jar"], {"srv/app.jar": jar(whole, {"Main-Class": "u.Jni"}), "opt/native/libunative.so": Host(native)})
    yield case("native library by another directory", ["java", "-Djava.library.path=/opt/lib", "-jar", "app.jar"], {"srv/app.jar": jar(whole, {"Main-Class": "u.Jni"}), "opt/native/libunative.so": Host(native)}, blame="unative")
    yield case("native library needs one that is gone", ["java", "-Djava.library.path=/opt/native", "-jar", "app.jar"], {"srv/app.jar": jar(whole, {"Main-Class": "u.Jni"}), "opt/native/libunative.so": Host("/usr/lib/python3/dist-packages/lxml/etree.cpython-311-x86_64-linux-gnu.so")}, blame="")
    yield case("configuration by a variable or a default", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(whole, {"Main-Class": "u.Config"}), "etc/app/app.properties": "a=b\n"})
    yield case("configuration by a variable or a default, gone", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(whole, {"Main-Class": "u.Config"})}, blame="/etc/app/app.properties")
    home = "usr/lib/jvm/java-17-openjdk-amd64/lib/"
    main = {"srv/app.jar": jar(whole, {"Main-Class": "u.Main"})}
    yield case("runtime without its list of machines", ["java", "-jar", "app.jar"], {**main, home + "jvm.cfg": GONE, "etc/java-17-openjdk/jvm-amd64.cfg": GONE}, blame="jvm.cfg")
    yield case("runtime without time zones", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(whole, {"Main-Class": "u.Zone"}), home + "tzdb.dat": GONE}, blame="tzdb.dat")
    yield case("runtime without time zones, not asked", ["java", "-jar", "app.jar"], {**main, home + "tzdb.dat": GONE})
    yield case("runtime without its settings of security", ["java", "-jar", "app.jar"], {**main, "etc/java-17-openjdk/security": GONE, "usr/lib/jvm/java-17-openjdk-amd64/conf/security": GONE})
    yield case("runtime by a link of alternatives that leads nowhere", ["/usr/local/bin/java", "-jar", "app.jar"], {**main, "usr/local/bin/java": Link("/etc/alternatives/java-gone")}, blame="/usr/local/bin/java")
    yield case("agent named by the archive is gone", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(whole, {"Main-Class": "u.Main", "Launcher-Agent-Class": "x.Agent"})}, blame="x.Agent")
    yield case("class in a folder that is not its package", ["java", "-cp", "/srv/u", "Main"], {"srv/u/Main.class": whole["u/Main.class"]}, blame="Main")
    yield case("in a lambda's list", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(only("u/"), {"Main-Class": "u.Lambda"})}, blame="v.Lib")


def node():
    M = "app/node_modules/"
    OK = "console.log('READY');\n"
    def case(name, text, files=None, entry=("node", "main.js"), base="node", **more):
        return Case("unseen node", name, base, {k: json.dumps(v) if isinstance(v, dict) else v for k, v in {"app/main.js": text + OK, **(files or {})}.items()}, list(entry), workdir=more.pop("workdir", "/app"), seconds=10, **more)
    esm = {"app/package.json": {"type": "module"}}
    prisma = {M + "@prisma/client/package.json": {"main": "default.js"}, M + "@prisma/client/default.js": "module.exports = {\n  ...require('.prisma/client/default'),\n}\n"}
    yield case("client that a build generates", "const { PrismaClient } = require('@prisma/client');\nnew PrismaClient();\n", {**prisma, M + ".prisma/client/default.js": "exports.PrismaClient = class {};\n"})
    yield case("client that a build generates, not copied", "const { PrismaClient } = require('@prisma/client');\nnew PrismaClient();\n", prisma, blame=".prisma/client")
    sharp = {M + "sharp/package.json": {"main": "lib/index.js"}, M + "sharp/lib/index.js": "const platform = `${process.platform}-${process.arch}`;\nconst paths = [`../src/build/Release/sharp-${platform}.node`, `@img/sharp-${platform}/sharp.node`];\nlet sharp;\nconst errors = [];\nfor (const path of paths) {\n  try {\n    sharp = require(path);\n    break;\n  } catch (err) {\n    errors.push(err);\n  }\n}\nif (!sharp) {\n  throw new Error(`Could not load the module for ${platform}`);\n}\nmodule.exports = sharp;\n"}
    yield case("native part for another machine is installed", "require('sharp');\n", {**sharp, M + "@img/sharp-darwin-arm64/sharp.node": "x"}, blame="sharp")
    yield case("alias of the compiler", "const { x } = require('@/lib/x');\n", {"app/lib/x.js": "exports.x = 1;\n"}, blame="@/lib/x")
    yield case("data without its type", "import d from './d.json';\n", {**esm, "app/d.json": "{}"}, blame="d.json")
    only = {M + "chalky/package.json": {"type": "module", "exports": {".": "./index.js"}}, M + "chalky/index.js": "export default 1;\n"}
    yield case("module by require", "const c = require('chalky');\n", only, blame="chalky")
    yield case("module by import()", "import('chalky').then(c => c.default);\n", only)
    yield case("name of a script's object", "import { x } from './a.cjs';\n", {**esm, "app/a.cjs": "module.exports = { x: 1, y: 2 };\n"})
    yield case("name of a script's object, gone", "import { z } from './a.cjs';\n", {**esm, "app/a.cjs": "module.exports = { x: 1, y: 2 };\n"}, blame="z")
    yield case("name through another script", "import { x } from './a.cjs';\n", {**esm, "app/a.cjs": "module.exports = require('./b.cjs');\n", "app/b.cjs": "exports.x = 1;\n"})
    yield case("default of a script", "import a from './a.cjs';\na.x;\n", {**esm, "app/a.cjs": "module.exports = { x: 1 };\n"})
    yield case("configuration by NODE_ENV, which is not set", "const fs = require('fs'), path = require('path');\nfs.readFileSync(path.resolve(process.cwd(), 'config', `${process.env.NODE_ENV}.json`));\n", {"app/config/production.json": {}}, blame="undefined.json")
    yield case("configuration by NODE_ENV", "const fs = require('fs'), path = require('path');\nfs.readFileSync(path.resolve(process.cwd(), 'config', `${process.env.NODE_ENV}.json`));\n", {"app/config/production.json": {}}, env=["NODE_ENV=production"])
    yield case("native part without its library", "require('./build/x.node');\n", {"app/build/x.node": Host("/usr/lib/python3/dist-packages/lxml/etree.cpython-311-x86_64-linux-gnu.so")}, blame="lib")
    standalone = "const path = require('path');\nconst dir = path.join(__dirname);\nprocess.env.NODE_ENV = 'production';\nprocess.chdir(__dirname);\nrequire('nextish');\nconst { startServer } = require('nextish/dist/server/lib/start-server');\nstartServer({ dir });\n"
    nextish = {M + "nextish/package.json": {"main": "dist/index.js"}, M + "nextish/dist/index.js": "", M + "nextish/dist/server/lib/start-server.js": "exports.startServer = ({ dir }) => { require('fs').readFileSync(dir + '/.next/BUILD_ID'); };\n"}
    yield case("standalone", standalone, {**nextish, "app/.next/BUILD_ID": "x"})
    yield case("standalone, its build left out", standalone, nextish, blame="BUILD_ID")
    yield case("standalone, a part of the framework left out", standalone, {k: v for k, v in nextish.items() if "start-server" not in k}, blame="start-server")
    yield case("worker by its address", "import { Worker } from 'node:worker_threads';\nnew Worker(new URL('./w.js', import.meta.url));\n", {**esm, "app/w.js": "import './gone.js';\n"}, blame="gone.js")
    yield case("bin of package.json by npx", "", {"app/package.json": {"name": "tool", "bin": {"tool": "./cli.js"}}, M + ".bin/tool": Link("../tool/cli.js"), M + "tool/cli.js": Mode("#!/usr/bin/env node\nrequire('gone-dep');\n", 0o755)}, ["npx", "tool"], "npm", blame="gone-dep")
    yield case("npm with a script of its package alone", "", {"app/package.json": {"scripts": {"start": "next-gone start"}}}, ["npm", "start"], "npm", blame="next-gone")
    yield case("npm with a script of its package", "", {"app/package.json": {"scripts": {"start": "serve ."}}, M + ".bin/serve": Link("../serve/bin.js"), M + "serve/bin.js": Mode("#!/usr/bin/env node\n" + OK, 0o755)}, ["npm", "start"], "npm")
    yield case("package whose types alone are there", "require('typed');\n", {M + "typed/package.json": {"types": "index.d.ts"}, M + "typed/index.d.ts": "export {};\n"}, blame="typed")
    yield case("package that was pruned", "const a = require('a');\n", {M + "a/index.js": "const { b } = require('b/lib');\n", M + "b/package.json": {"main": "index.js"}, M + "b/index.js": ""}, blame="b/lib")
    yield case("self by its name in a workspace", "import { x } from '@me/app/x';\n", {"app/package.json": {"name": "@me/app", "type": "module", "exports": {"./x": "./src/x.js"}}, "app/src/x.js": "export const x = 1;\n"})
    yield case("getter that nobody takes", "Object.defineProperty(exports, 'lazy', { get: () => require('gone-dep') });\n")
    yield case("proxy of lazy parts", "const lazy = { get a() { return require('gone-a'); }, b: () => require('gone-b') };\nObject.keys(lazy);\n")
    yield case("source maps and comments", "//# sourceMappingURL=main.js.map\n/* require('gone-dep') */\nconst s = \"require('gone-dep')\";\n")
    yield case("in a class's field", "class A { dep = require('gone-dep'); }\nnew A();\n", blame="gone-dep")
    yield case("in a default of a parameter", "function f(x = require('gone-dep')) {}\nf(1);\n")
    yield case("in a promise that fails", "Promise.resolve().then(() => require('gone-dep')).catch(() => {});\n")


def perl():
    def t(name, text, files=None, **more): return Case("unseen languages", "perl " + name, "unseen-perl", {"srv/a.pl": text + 'print "READY\\n";\n', **(files or {})}, more.pop("entry", ["perl", "/srv/a.pl"]), workdir="/srv", seconds=10, **more)
    yield t("LWP", "use LWP::UserAgent;\nmy $ua = LWP::UserAgent->new(timeout => 5);\n")
    yield t("LWP without what it needs", "use LWP::UserAgent;\nmy $ua = LWP::UserAgent->new(timeout => 5);\n", {"usr/share/perl5/HTTP/Status.pm": GONE}, blame="HTTP")
    yield t("LWP, https comes later", "use LWP::UserAgent;\nmy $r = LWP::UserAgent->new->get('https://127.0.0.1:1/');\n", {"usr/share/perl5/LWP/Protocol/https.pm": GONE})
    yield t("SSL without its library", "use Net::SSLeay;\n", {LIB + "libssl.so.3": GONE}, blame="libssl.so.3")
    yield t("Template", "use Template;\nmy $t = Template->new({ INCLUDE_PATH => '/srv/t' });\n$t->process('a.tt', {}) or die $t->error;\n", {"srv/t/a.tt": "x\n"})
    yield t("Template, its file gone", "use Template;\nmy $t = Template->new({ INCLUDE_PATH => '/srv/t' });\n$t->process('a.tt', {}) or die $t->error;\n", {"srv/t": DIRECTORY}, blame="a.tt")
    moo = {"srv/lib/App.pm": "package App;\nuse Moo;\nwith 'App::Role';\nsub run { 1 }\n1;\n"}
    yield t("role", "use lib '/srv/lib';\nuse App;\nApp->new->run;\n", {**moo, "srv/lib/App/Role.pm": "package App::Role;\nuse Moo::Role;\n1;\n"})
    yield t("role gone", "use lib '/srv/lib';\nuse App;\nApp->new->run;\n", moo, blame="App::Role")
    yield t("class above gone, by Moo", "use lib '/srv/lib';\nuse App;\nApp->new;\n", {"srv/lib/App.pm": "package App;\nuse Moo;\nextends 'App::Base';\n1;\n"}, blame="App::Base")
    yield t("driver gone", "use DBI;\nmy $d = DBI->connect('dbi:Pg:dbname=x', '', '', { RaiseError => 1 });\n", blame="Pg")
    yield t("driver gone, tried", "use DBI;\nmy $d = eval { DBI->connect('dbi:Pg:dbname=x', '', '', { RaiseError => 1 }) };\n")
    yield t("program that is a module too", "package App;\nsub run { require Gone::Server; }\n__PACKAGE__->run unless caller;\n", blame="Gone::Server")
    yield t("program that is a module too, loaded", "use lib '/srv';\nrequire './app.pl';\n", {"srv/app.pl": "package App;\nsub run { require Gone::Server; }\n__PACKAGE__->run unless caller;\n1;\n"})
    yield t("eval of a text", 'eval "use Gone::Fast; 1" or print "slow\\n";\n')
    yield t("name in another case", "use lib '/srv/lib';\nuse My::App;\n", {"srv/lib/My/app.pm": "package My::App; 1;\n"}, blame="My::App")
    yield t("directory for a machine", "use Near;\n", {"opt/ll/lib/perl5/x86_64-linux-gnu-thread-multi/Near.pm": "package Near; 1;\n"}, env=["PERL5LIB=/opt/ll/lib/perl5"])
    yield t("middleware gone", "use Plack::Builder;\nmy $app = builder { enable 'Gone'; sub { [200, [], []] } };\n", blame="Plack::Middleware::Gone")
    yield t("middleware", "use Plack::Builder;\nmy $app = builder { enable 'ContentLength'; sub { [200, [], []] } };\n")
    yield t("chain of three modules", "use lib 'lib';\nuse A1;\n", {"srv/lib/A1.pm": "package A1;\nuse strict;\nuse B1;\n1;\n", "srv/lib/B1.pm": "package B1;\nuse C1 qw(x);\n1;\n"}, blame="C1")
    yield t("interpreter of perlbrew", "", {"srv/run": Mode("#!/opt/perlbrew/perls/5.38/bin/perl\nprint 'READY';\n", 0o755)}, entry=["/srv/run"], blame="/opt/perlbrew/perls/5.38/bin/perl")


def ruby():
    def t(name, text, files=None, base="ruby2", **more): return Case("unseen languages", "ruby " + name, base, {"srv/a.rb": text + 'puts "READY"\n', **(files or {})}, more.pop("entry", ["ruby", "/srv/a.rb"]), workdir="/srv", seconds=12, **more)
    gemfile = "source 'https://example.org'\n"
    yield t("gem by its path", "require 'bundler/setup'\nrequire 'mylib'\n", {"srv/Gemfile": gemfile + "gem 'mylib', path: 'vendor/mylib'\n", "srv/vendor/mylib/mylib.gemspec": "Gem::Specification.new do |s|\n  s.name = 'mylib'\n  s.version = '1.0'\n  s.summary = 'x'\n  s.authors = ['x']\n  s.files = []\nend\n", "srv/vendor/mylib/lib/mylib.rb": ""})
    yield t("gem by its path, gone", "require 'bundler/setup'\nrequire 'mylib'\n", {"srv/Gemfile": gemfile + "gem 'mylib', path: 'vendor/mylib'\n"}, blame="mylib")
    yield t("another Ruby is demanded", "require 'bundler/setup'\n", {"srv/Gemfile": gemfile + "ruby '3.3.0'\n"}, blame="3.3.0")
    yield t("this Ruby is demanded", "require 'bundler/setup'\n", {"srv/Gemfile": gemfile + "ruby '~> 3.1'\n"})
    yield t("Gemfile by a variable, gone", "require 'bundler/setup'\n", {"srv/Gemfile": gemfile}, env=["BUNDLE_GEMFILE=/opt/Gemfile"], blame="/opt/Gemfile")
    spec = "Gem::Specification.new do |s|\n  s.name = 'near'.freeze\n  s.version = '1.0.0'\n  s.require_paths = ['lib'.freeze]\n  s.summary = 'x'\n  s.authors = ['x']\nend\n"
    vendored = {"srv/Gemfile": gemfile + "gem 'near'\n", "srv/Gemfile.lock": "GEM\n  remote: https://example.org/\n  specs:\n    near (1.0.0)\n\nPLATFORMS\n  ruby\n  x86_64-linux\n\nDEPENDENCIES\n  near\n\nBUNDLED WITH\n   2.3.15\n", "srv/vendor/bundle/ruby/3.1.0/gems/near-1.0.0/lib/near.rb": "", "srv/vendor/bundle/ruby/3.1.0/specifications/near-1.0.0.gemspec": spec}
    yield t("gems in a folder of their own", "require 'bundler/setup'\nrequire 'near'\n", vendored, env=["BUNDLE_PATH=/srv/vendor/bundle"])
    yield t("gems in a folder of their own, not told", "require 'bundler/setup'\nrequire 'near'\n", vendored, blame="near")
    yield t("gems in a folder of their own, its record gone", "require 'bundler/setup'\n", {k: v for k, v in vendored.items() if "specifications" not in k}, env=["BUNDLE_PATH=/srv/vendor/bundle"], blame="near")
    yield t("standalone", "require_relative 'bundle/bundler/setup'\nrequire 'near'\n", {"srv/bundle/bundler/setup.rb": "$:.unshift File.expand_path(\"#{__dir__}/../ruby/3.1.0/gems/near-1.0.0/lib\")\n", "srv/bundle/ruby/3.1.0/gems/near-1.0.0/lib/near.rb": ""})
    yield t("standalone, not copied", "require_relative 'bundle/bundler/setup'\n", blame="bundle/bundler/setup")
    tool = {"srv/exe/tool": Mode("#!/usr/bin/env ruby\n$LOAD_PATH.unshift File.expand_path('../lib', __dir__)\nrequire 'tool/cli'\nTool::CLI.start\n", 0o755)}
    yield t("program of a gem", "", {**tool, "srv/lib/tool/cli.rb": "module Tool\n  class CLI\n    def self.start\n      puts 'READY'\n    end\n  end\nend\n"}, entry=["/srv/exe/tool"])
    yield t("program of a gem, its library gone", "", tool, entry=["/srv/exe/tool"], blame="tool/cli")
    yield t("program of a gem, needs another", "", {**tool, "srv/lib/tool/cli.rb": "require 'tool/version'\nmodule Tool\n  class CLI\n    def self.start; end\n  end\nend\n"}, entry=["/srv/exe/tool"], blame="tool/version")
    yield t("native part of a gem gone", "require 'nokogiri'\n", {LIB + "ruby/vendor_ruby/3.1.0/nokogiri/nokogiri.so": GONE, "usr/lib/x86_64-linux-gnu/ruby/vendor_ruby/3.1.0/nokogiri": GONE}, "rack", blame="nokogiri")
    yield t("Rakefile needs what is gone", "", {"srv/Rakefile": "require 'gone_tasks'\ntask(:go) { puts 'READY' }\n"}, entry=["rake", "go"], blame="gone_tasks")
    yield t("task that is none", "", {"srv/Rakefile": "task(:go) { puts 'READY' }\n"}, entry=["rake", "start"], blame="start")
    yield t("config.ru and its application", "", {"srv/config.ru": "require_relative 'app'\nrun App.new\n", "srv/app.rb": "class App\n  def call(env)\n    [200, {}, ['x']]\n  end\nend\n"}, entry=["rackup", "-o", "127.0.0.1", "-p", "8000"])
    yield t("config.ru, its application gone", "", {"srv/config.ru": "require_relative 'app'\nrun App.new\n"}, entry=["rackup", "-o", "127.0.0.1", "-p", "8000"], blame="app")
    yield t("puma's file names another that is gone", "", {"srv/config/puma.rb": "bind 'tcp://127.0.0.1:8000'\nrackup '/srv/other.ru'\n", "srv/config.ru": "run ->(e) { [200, {}, []] }\n"}, "rack", entry=["puma", "-C", "config/puma.rb"], blame="other.ru")
    yield t("template gone", "require 'erb'\nT = ERB.new(File.read(File.join(__dir__, 'views', 'a.erb')))\n", blame="a.erb")
    yield t("template", "require 'erb'\nT = ERB.new(File.read(File.join(__dir__, 'views', 'a.erb')))\n", {"srv/views/a.erb": "x\n"})


def php():
    def t(name, text, files=None, **more): return Case("unseen languages", "php " + name, "unseen-php", {"srv/a.php": "<?php\n" + text + "echo \"READY\\n\";\n", **(files or {})}, more.pop("entry", ["php", "/srv/a.php"]), workdir="/srv", seconds=10, **more)
    real = "<?php\nclass ComposerAutoloaderInitabc\n{\n    private static $loader;\n    public static function loadClassLoader($class)\n    {\n        if ('Composer\\Autoload\\ClassLoader' === $class) {\n            require __DIR__ . '/ClassLoader.php';\n        }\n    }\n    public static function getLoader()\n    {\n        if (null !== self::$loader) {\n            return self::$loader;\n        }\n%s        spl_autoload_register(array('ComposerAutoloaderInitabc', 'loadClassLoader'), true, true);\n        self::$loader = $loader = new \\Composer\\Autoload\\ClassLoader(\\dirname(__DIR__));\n        spl_autoload_unregister(array('ComposerAutoloaderInitabc', 'loadClassLoader'));\n        require __DIR__ . '/autoload_static.php';\n        call_user_func(\\Composer\\Autoload\\ComposerStaticInitabc::getInitializer($loader));\n        $loader->register(true);\n        $filesToLoad = \\Composer\\Autoload\\ComposerStaticInitabc::$files;\n        $requireFile = \\Closure::bind(static function ($fileIdentifier, $file) {\n            if (empty($GLOBALS['__composer_autoload_files'][$fileIdentifier])) {\n                $GLOBALS['__composer_autoload_files'][$fileIdentifier] = true;\n                require $file;\n            }\n        }, null, null);\n        foreach ($filesToLoad as $fileIdentifier => $file) {\n            $requireFile($fileIdentifier, $file);\n        }\n        return $loader;\n    }\n}\n"
    static = "<?php\nnamespace Composer\\Autoload;\nclass ComposerStaticInitabc\n{\n    public static $files = array (\n        'x1' => __DIR__ . '/..' . '/near/helpers/functions.php',\n    );\n    public static $prefixLengthsPsr4 = array (\n        'A' => array ('App\\\\' => 4),\n    );\n    public static $prefixDirsPsr4 = array (\n        'App\\\\' => array (0 => __DIR__ . '/../..' . '/src'),\n    );\n    public static function getInitializer(ClassLoader $loader)\n    {\n        return \\Closure::bind(function () use ($loader) {\n            $loader->prefixLengthsPsr4 = ComposerStaticInitabc::$prefixLengthsPsr4;\n            $loader->prefixDirsPsr4 = ComposerStaticInitabc::$prefixDirsPsr4;\n        }, null, ClassLoader::class);\n    }\n}\n"
    V = "srv/vendor/"
    vendor = {V + "autoload.php": "<?php\n// autoload.php @generated by Composer\nrequire_once __DIR__ . '/composer/autoload_real.php';\nreturn ComposerAutoloaderInitabc::getLoader();\n", V + "composer/autoload_real.php": real % "", V + "composer/autoload_static.php": static, V + "composer/ClassLoader.php": Host("/usr/share/php/Composer/Autoload/ClassLoader.php"), V + "near/helpers/functions.php": "<?php\nfunction near_help() { return 1; }\n", "srv/src/Kernel.php": "<?php\nnamespace App;\nclass Kernel\n{\n    public function run(): void {}\n}\n"}
    use = "require __DIR__ . '/vendor/autoload.php';\nuse App\\Kernel;\n$kernel = new Kernel();\n$kernel->run();\nnear_help();\n"
    def less(*names): return {k: v for k, v in vendor.items() if not k.endswith(names)}
    yield t("composer", use, vendor)
    yield t("composer, its real part gone", use, less("autoload_real.php"), blame="autoload_real.php")
    yield t("composer, its table gone", use, less("autoload_static.php"), blame="autoload_static.php")
    yield t("composer, a file that it always loads gone", use, less("functions.php"), blame="functions.php")
    yield t("composer, class of the application gone", use, less("Kernel.php"), blame="App\\Kernel")
    yield t("composer, class in another case on disk", use, {**less("Kernel.php"), "srv/src/kernel.php": vendor["srv/src/Kernel.php"]}, blame="Kernel")
    yield t("composer, class above gone", use, {**vendor, "srv/src/Kernel.php": "<?php\nnamespace App;\nclass Kernel extends BaseKernel\n{\n}\n"}, blame="BaseKernel")
    platform = "<?php\n$issues = array();\nif (!(PHP_VERSION_ID >= %d)) {\n    $issues[] = 'Your Composer dependencies require a PHP version \">= 8.3.0\". You are running ' . PHP_VERSION . '.';\n}\nif ($issues) {\n    if (!headers_sent()) {\n        header('HTTP/1.1 500 Internal Server Error');\n    }\n    trigger_error('Composer detected issues in your platform: ' . implode(' ', $issues), E_USER_ERROR);\n}\n"
    check = {V + "composer/autoload_real.php": real % "        require __DIR__ . '/platform_check.php';\n"}
    yield t("composer, a newer PHP is demanded", use, {**vendor, **check, V + "composer/platform_check.php": platform % 80300}, blame="8.3")
    yield t("composer, this PHP is demanded", use, {**vendor, **check, V + "composer/platform_check.php": platform % 80100})
    console = "require '/usr/share/php/Symfony/Component/Console/autoload.php';\nuse Symfony\\Component\\Console\\Application;\n$a = new Application('x', '1');\n$a->setAutoExit(false);\n$a->run();\n"
    yield t("console of Symfony", console)
    yield t("console of Symfony, its folder gone", console, {"usr/share/php/Symfony/Component/Console/autoload.php": GONE}, blame="autoload.php")
    yield t("console of Symfony, what it needs gone", console, {"usr/share/php/Symfony/Component/String": GONE}, blame="String")
    yield t("opcache gone", "", {"usr/lib/php/20220829/opcache.so": GONE})
    yield t("intl without its library", "new Collator('de');\n", {LIB + "libicui18n.so.72": GONE}, blame="Collator")
    yield t("intl", "new Collator('de');\n")
    yield t("database class without its extension", "new PDO('sqlite::memory:');\n", {"etc/php/8.2/cli/conf.d/10-pdo.ini": GONE, "etc/php/8.2/cli/conf.d/20-pdo_sqlite.ini": GONE}, blame="PDO")
    yield t("runtime of Symfony gone", "", {"srv/bin/console": Mode("#!/usr/bin/env php\n<?php\nuse App\\Kernel;\nif (!is_file(dirname(__DIR__).'/vendor/autoload_runtime.php')) {\n    throw new LogicException('Symfony Runtime is missing.');\n}\nrequire_once dirname(__DIR__).'/vendor/autoload_runtime.php';\necho 'READY';\n", 0o755), **vendor}, entry=["bin/console"], blame="autoload_runtime.php")
    yield t("root by a variable", "require getenv('APP_ROOT') . '/boot.php';\n", {"opt/app/boot.php": "<?php\n"}, env=["APP_ROOT=/opt/app"])
    yield t("root by a variable, gone", "require getenv('APP_ROOT') . '/boot.php';\n", {"opt/app/boot.php": "<?php\n"}, env=["APP_ROOT=/opt/other"], blame="boot.php")
    yield t("own loader without a test", "spl_autoload_register(fn ($c) => require __DIR__ . \"/src/$c.php\");\nnew Widget();\n", {"srv/src/Widget.php": "<?php\nclass Widget {}\n"})
    yield t("own loader without a test, gone", "spl_autoload_register(fn ($c) => require __DIR__ . \"/src/$c.php\");\nnew Widget();\n", blame="Widget")
    yield t("template with html", "$title = 'x';\n?>\n<h1><?= $title ?></h1>\n<?php\nrequire 'foot.php';\n", {"srv/foot.php": "<p>foot</p>\n"})
    yield t("archive gone", "", entry=["php", "tool.phar", "list"], blame="tool.phar")


def lua():
    def t(name, text, files=None, **more): return Case("unseen languages", "lua " + name, "unseen-lua", {"srv/a.lua": text + 'print("READY")\n', **(files or {})}, more.pop("entry", ["lua", "/srv/a.lua"]), workdir="/srv", seconds=10, **more)
    yield t("ssl", 'local ssl = require("ssl")\n')
    yield t("ssl without its library", 'local ssl = require("ssl")\n', {LIB + "libssl.so.3": GONE}, blame="libssl.so.3")
    yield t("ssl without sockets", 'local ssl = require("ssl")\n', {"usr/share/lua/5.3/socket.lua": GONE, LIB + "lua/5.3/socket": GONE}, blame="socket")
    yield t("expat without its library", 'local lxp = require("lxp")\n', {LIB + "libexpat.so.1": GONE}, blame="libexpat.so.1")
    yield t("file system", 'local lfs = require "lfs"\nfor f in lfs.dir("/srv") do end\n')
    yield t("file system, directory gone", 'local lfs = require "lfs"\nfor f in lfs.dir("/srv/plugins") do end\n', blame="/srv/plugins")
    yield t("path of the program", 'local here = arg[0]:match("(.*/)") or "./"\npackage.path = here .. "?.lua;" .. package.path\nlocal near = require("near")\n', {"srv/near.lua": "return {}\n"})
    yield t("path of the program, gone", 'local here = arg[0]:match("(.*/)") or "./"\npackage.path = here .. "?.lua;" .. package.path\nlocal near = require("near")\n', workdir="/", blame="near") if False else t("module of a module", 'local a = require("app.a")\n', {"srv/app/a.lua": 'local b = require("app.b")\nreturn {}\n'}, blame="app.b")
    yield t("loop over names", 'for _, n in ipairs({ "one", "two" }) do\n  require("routes." .. n)\nend\n', {"srv/routes/one.lua": "return 1\n", "srv/routes/two.lua": "return 2\n"})
    yield t("loop over names, one gone", 'for _, n in ipairs({ "one", "two" }) do\n  require("routes." .. n)\nend\n', {"srv/routes/one.lua": "return 1\n"}, blame="routes.two")
    yield t("one or the other", 'local ok, m = pcall(require, "gone_fast")\nif not ok then m = require("near") end\n', {"srv/near.lua": "return {}\n"})
    yield t("one or the other, both gone", 'local ok, m = pcall(require, "gone_fast")\nif not ok then m = require("gone_slow") end\n', blame="gone_slow")
    yield t("rocks of another version", 'require("rock")\n', {"usr/local/share/lua/5.1/rock.lua": "return {}\n"}, blame="rock")
    yield t("rocks of this version", 'require("rock")\n', {"usr/local/share/lua/5.3/rock.lua": "return {}\n"})
    yield t("interpreter that is gone", "", {"srv/run": Mode("#!/usr/bin/env luajit\nprint('READY')\n", 0o755)}, entry=["/srv/run"], blame="luajit")
    yield t("program by its argument", "dofile(arg[1])\n", {"srv/b.lua": "x = 1\n"}, cmd=["/srv/b.lua"])
    yield t("program by its argument, gone", "dofile(arg[1])\n", cmd=["/srv/gone.lua"], blame="/srv/gone.lua")
    yield t("module that ends with an error", 'require("near")\n', {"srv/near.lua": 'error("no database")\n'}, blame="")
    yield t("object with methods", 'local App = {}\nApp.__index = App\nfunction App.new() return setmetatable({}, App) end\nfunction App:run() return require("gone_server") end\nApp.new():run()\n', blame="gone_server")
    yield t("object with methods, not run", 'local App = {}\nApp.__index = App\nfunction App.new() return setmetatable({}, App) end\nfunction App:run() return require("gone_server") end\nApp.new()\n')

"""Programs for the seventh time: tried once with a binary that had been mended by all others."""
import json, os

OK = "#!/bin/sh\necho READY\n"
P = "print('READY', flush=True)\n"
J = "console.log('READY');\n"
LIB = "usr/lib/x86_64-linux-gnu/"
SITE = "usr/local/lib/python3.11/dist-packages/"
M = "app/node_modules/"
JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
bases = {}


def cases():
    yield from native()
    yield from scripts()
    yield from python()
    yield from node()
    yield from java()
    yield from languages()


def native():
    def case(name, entry, files=None, base="unseen-tools", **more): return Case("foreign native", name, base, files or {}, list(entry), seconds=10, **more)
    yield case("sqlite over a script of the image", ["sqlite3", ":memory:", ".read /srv/init.sql"], {"srv/init.sql": "select 1;\n"})
    yield case("rsync without what it compresses by", ["rsync", "--version"], {LIB + "libzstd.so.1": GONE, LIB + "libzstd.so.1.5.4": GONE}, blame="libzstd.so.1")
    yield case("bsdtar without XML", ["bsdtar", "--version"], {LIB + "libxml2.so.2": GONE, LIB + "libxml2.so.2.9.14": GONE}, blame="libxml2.so.2")
    yield case("fish without its scripts", ["fish", "-c", "echo READY"], {"usr/share/fish": GONE})
    yield case("wget by a link", ["/srv/fetch", "--version"], {"srv/fetch": Link("/usr/bin/wget")})
    yield case("wget for a closed directory", ["/srv/in/fetch", "--version"], {"srv/in": Mode(None, 0o700), "srv/in/fetch": Link("/usr/bin/wget")}, user="app", blame="/srv/in")
    yield case("loader by its own path", ["/lib64/ld-linux-x86-64.so.2", "/usr/bin/jq", "-n", "1"])
    yield case("loader by its own path, program gone", ["/lib64/ld-linux-x86-64.so.2", "/usr/bin/jqq", "-n", "1"], blame="/usr/bin/jqq")
    yield case("timeout in front", ["timeout", "5", "jq", "-n", "1"])
    yield case("timeout in front, program gone", ["timeout", "5", "jqq", "-n", "1"], blame="jqq")


def scripts():
    def script(name, text, cmd=("/srv/app",), files=None, head="#!/bin/bash\n", **more):
        return Case("foreign scripts", name, "entry", {"srv/app": OK, "entrypoint": Mode(head + text, 0o755), **(files or {})}, ["/entrypoint"], list(cmd), seconds=10, **more)
    yield script("logger functions and steps", 'set -euo pipefail\nlog() { printf "[%s] %s\\n" "$(date +%T)" "$*" >&2; }\ndie() { log "$@"; exit 1; }\n[[ -n "${APP_MODE:-}" ]] || die "APP_MODE must be set"\nlog "mode $APP_MODE"\nexec "$@"\n', blame="APP_MODE")
    yield script("logger functions and steps, set", 'set -euo pipefail\nlog() { printf "[%s] %s\\n" "$(date +%T)" "$*" >&2; }\ndie() { log "$@"; exit 1; }\n[[ -n "${APP_MODE:-}" ]] || die "APP_MODE must be set"\nlog "mode $APP_MODE"\nexec "$@"\n', env=["APP_MODE=web"])
    yield script("versions of a runtime by a link", 'export RUNTIME_HOME=/opt/runtime-$(cat /opt/CURRENT)\nexec "$RUNTIME_HOME/bin/run" "$@"\n', files={"opt/CURRENT": "2.1\n", "opt/runtime-2.1/bin/run": OK})
    yield script("versions of a runtime by a link, another", 'export RUNTIME_HOME=/opt/runtime-$(cat /opt/CURRENT)\nexec "$RUNTIME_HOME/bin/run" "$@"\n', files={"opt/CURRENT": "2.2\n", "opt/runtime-2.1/bin/run": OK}, blame="/opt/runtime-2.2/bin/run")
    yield script("options of a file", 'OPTS=()\nwhile read -r line; do\n  case "$line" in ""|\\#*) continue ;; esac\n  OPTS+=("$line")\ndone < /etc/app.options\nexec /srv/app "${OPTS[@]}"\n', files={"etc/app.options": "# x\n--fast\n"})
    yield script("options of a file, gone", 'set -e\nOPTS=()\nwhile read -r line; do\n  OPTS+=("$line")\ndone < /etc/app.options\nexec /srv/app "${OPTS[@]}"\n', blame="/etc/app.options")
    yield script("jar by a pattern", 'JAR=$(ls /srv/*.jar | head -n 1)\nif [ -z "$JAR" ]; then echo "no jar" >&2; exit 1; fi\nexec /srv/app "$JAR"\n', blame="")
    yield script("jar by a pattern, there", 'JAR=$(ls /srv/*.jar | head -n 1)\nif [ -z "$JAR" ]; then echo "no jar" >&2; exit 1; fi\nexec /srv/app "$JAR"\n', files={"srv/app-1.jar": "x"})
    yield script("drops its rights where it is root", 'if [ "$(id -u)" = 0 ]; then\n  chown -R app: /srv/data\n  exec setpriv --reuid app --regid app --init-groups "$@"\nfi\nexec "$@"\n', files={"srv/data": DIRECTORY})
    yield script("drops its rights to nobody that is", 'set -e\nif [ "$(id -u)" = 0 ]; then\n  exec gosu service "$@"\nfi\nexec "$@"\n', blame="service")
    yield script("trap and wait", 'term() { kill -TERM "$child" 2>/dev/null; }\ntrap term TERM INT\n"$@" &\nchild=$!\nwait "$child"\n')
    yield script("trap and wait, gone", 'term() { kill -TERM "$child" 2>/dev/null; }\ntrap term TERM INT\n"$@" &\nchild=$!\nwait "$child"\n', ["/srv/gone"], blame="/srv/gone")
    yield script("heredoc of settings", 'set -e\ncat > /etc/app.conf <<EOF\nport=${PORT:-80}\nEOF\nexec "$@"\n')
    yield script("heredoc of settings, for USER", 'set -e\ncat > /etc/app.conf <<EOF\nport=${PORT:-80}\nEOF\nexec "$@"\n', user="app", blame="/etc/app.conf")


def python():
    def source(name, text, files=None, entry=("python3", "main.py"), base="names", **more):
        return Case("foreign python", name, base, {"app/main.py": text + P, **(files or {})}, list(entry), seconds=20, workdir="/app", **more)
    yield source("plugins by a list", "import importlib\nPLUGINS = ['plugins.auth', 'plugins.metrics']\nfor name in PLUGINS:\n    module = importlib.import_module(name)\n    module.setup({})\n", {"app/plugins/__init__.py": "", "app/plugins/auth.py": "def setup(config):\n    config['auth'] = True\n", "app/plugins/metrics.py": "def setup(config):\n    config['metrics'] = True\n"})
    yield source("plugins by a list, one without its function", "import importlib\nPLUGINS = ['plugins.auth', 'plugins.metrics']\nfor name in PLUGINS:\n    module = importlib.import_module(name)\n    module.setup({})\n", {"app/plugins/__init__.py": "", "app/plugins/auth.py": "def setup(config):\n    config['auth'] = True\n", "app/plugins/metrics.py": "def init(config):\n    config['metrics'] = True\n"}, blame="setup")
    yield source("subclass hooks", "class Base:\n    registry = []\n    def __init_subclass__(cls, **kw):\n        super().__init_subclass__(**kw)\n        Base.registry.append(cls)\nimport impl\nfor cls in Base.registry:\n    cls().run()\n", {"app/impl.py": "x = 1\n"})
    yield source("circular import that works", "import a\n", {"app/a.py": "import b\nX = 1\n", "app/b.py": "import a\ndef f():\n    return a.X\n"})
    yield source("circular import that does not", "import a\n", {"app/a.py": "from b import f\nX = 1\n", "app/b.py": "from a import X\ndef f():\n    return X\n"}, blame="X")
    yield source("module of its own named like the library's", "import logging\nlogging.getLogger('x')\n", {"app/logging.py": "LEVEL = 1\n"}, blame="getLogger")
    yield source("configparser with a section", "import configparser\nc = configparser.ConfigParser()\nc.read('/etc/app.ini')\nport = c['server']['port']\n", {"etc/app.ini": "[server]\nport = 1\n"})
    yield source("configparser, file gone", "import configparser\nc = configparser.ConfigParser()\nc.read('/etc/app.ini')\nport = c['server']['port']\n", blame="")
    yield source("typed settings", "import os\nfrom typing import NamedTuple\nclass Settings(NamedTuple):\n    host: str\n    port: int\ndef load():\n    return Settings(host=os.environ.get('HOST', '0.0.0.0'), port=int(os.environ['PORT']))\nsettings = load()\n", blame="PORT")
    yield source("typed settings, set", "import os\nfrom typing import NamedTuple\nclass Settings(NamedTuple):\n    host: str\n    port: int\ndef load():\n    return Settings(host=os.environ.get('HOST', '0.0.0.0'), port=int(os.environ['PORT']))\nsettings = load()\n", env=["PORT=80"])
    yield source("walrus, match and exception groups", "import sys\nif (n := len(sys.argv)) > 5:\n    import gone\nmatch n:\n    case 1:\n        kind = 'one'\n    case _:\n        kind = 'more'\ntry:\n    pass\nexcept* ValueError:\n    pass\n")
    yield source("decorators of the library", "import functools, contextlib\n@contextlib.contextmanager\ndef session():\n    yield {}\n@functools.wraps(session)\ndef other():\n    with session() as s:\n        return s\nother()\n")
    yield source("server of sockets", "import socketserver\nfrom handlers import EchoHandler\nwith socketserver.TCPServer(('127.0.0.1', 0), EchoHandler) as server:\n    pass\n", {"app/handlers.py": "import socketserver\nclass EchoHandler(socketserver.BaseRequestHandler):\n    def handle(self):\n        import gone\n"})
    yield source("server of sockets, handler renamed", "import socketserver\nfrom handlers import EchoHandler\nwith socketserver.TCPServer(('127.0.0.1', 0), EchoHandler) as server:\n    pass\n", {"app/handlers.py": "import socketserver\nclass Echo(socketserver.BaseRequestHandler):\n    pass\n"}, blame="EchoHandler")


def node():
    def case(name, text, files=None, entry=("node", "index.js"), base="node", **more):
        return Case("foreign node", name, base, {k: json.dumps(v) if isinstance(v, dict) else v for k, v in {"app/index.js": text + J, **(files or {})}.items()}, list(entry), workdir="/app", seconds=10, **more)
    esm = {"app/package.json": {"type": "module"}}
    container = "const { Container } = require('./lib/container');\nconst c = new Container();\nc.register('db', () => require('./lib/db'));\nc.register('web', () => require('./lib/web'));\nc.get('db');\n"
    lib = {"app/lib/container.js": "class Container {\n  constructor() { this.factories = new Map(); }\n  register(name, make) { this.factories.set(name, make); return this; }\n  get(name) { return this.factories.get(name)(); }\n}\nmodule.exports = { Container };\n", "app/lib/db.js": "module.exports = {};\n"}
    yield case("container of factories", container, lib)
    yield case("container of factories, class not given", container, {**lib, "app/lib/container.js": lib["app/lib/container.js"].replace("{ Container }", "{ Registry: Container }")}, blame="Container")
    yield case("commands of process.argv", "const commands = { serve: './commands/serve', build: './commands/build' };\nconst name = process.argv[2] || 'serve';\nrequire(commands[name]);\n", {"app/commands/serve.js": ""})
    yield case("commands of process.argv, gone", "const commands = { serve: './commands/serve', build: './commands/build' };\nconst name = process.argv[2] || 'serve';\nrequire(commands[name]);\n", {"app/commands/serve.js": ""}, cmd=["build"], blame="./commands/build")
    yield case("ESM barrel", "import { createApp, VERSION } from './src/index.js';\ncreateApp(VERSION);\n", {**esm, "app/src/index.js": "export { createApp } from './app.js';\nexport * from './version.js';\n", "app/src/app.js": "import { readConfig } from './config.js';\nexport const createApp = (v) => readConfig(v);\n", "app/src/version.js": "export const VERSION = '1';\n", "app/src/config.js": "export const readConfig = (v) => ({ v });\n"})
    yield case("ESM barrel, part of a part gone", "import { createApp, VERSION } from './src/index.js';\ncreateApp(VERSION);\n", {**esm, "app/src/index.js": "export { createApp } from './app.js';\nexport * from './version.js';\n", "app/src/app.js": "import { readConfig } from './config.js';\nexport const createApp = (v) => readConfig(v);\n", "app/src/version.js": "export const VERSION = '1';\n", "app/src/config.js": "export const loadConfig = (v) => ({ v });\n"}, blame="readConfig")
    yield case("default that is an object", "import settings from './settings.js';\nsettings.load();\n", {**esm, "app/settings.js": "export default {\n  load() { return 1; },\n};\n"})
    yield case("class of a base in another file", "const Base = require('./base');\nclass App extends Base {\n  start() { return super.start(); }\n}\nnew App().start();\n", {"app/base.js": "module.exports = class Base {\n  start() { return require('./plugins/main'); }\n};\n"}, blame="./plugins/main")
    yield case("settings that must be numbers", "const assert = require('assert');\nassert(process.env.PORT, 'PORT is required');\n", blame="PORT")
    yield case("settings that may be missing", "const fs = require('fs');\nconst file = process.env.CONFIG || '/etc/app.json';\nconst config = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};\n")
    yield case("certificate is read at once", "const fs = require('fs');\nconst options = {\n  key: fs.readFileSync('/certs/tls.key'),\n  cert: fs.readFileSync('/certs/tls.crt'),\n};\n", blame="/certs/tls.key")
    yield case("dotenv of its own", "const fs = require('fs');\nfor (const line of fs.readFileSync('.env', 'utf8').split('\\n')) {\n  const [k, v] = line.split('=');\n  if (k) process.env[k] = v;\n}\nif (!process.env.SECRET) process.exit(1);\n", {"app/.env": "SECRET=1\n"})
    yield case("listener that is added later", "const { EventEmitter } = require('events');\nclass Bus extends EventEmitter {}\nconst bus = new Bus();\nbus.on('x', () => require('gone'));\n")
    yield case("package's own name", "const self = require('shop/lib/a');\n", {"app/package.json": {"name": "shop", "exports": {"./lib/*": "./lib/*.js"}}, "app/lib/a.js": ""})


def java():
    if not os.path.exists(JAVA + "/bin/javac"): return
    sources = {"d/Main.java": 'package d; import java.util.*; public class Main { interface Cmd { int run(List<String> a); } static final Map<String, Cmd> CMDS = new HashMap<>(); static { CMDS.put("serve", a -> new e.Server().run()); CMDS.put("check", a -> 0); } public static void main(String[] x) { if (x.length < 1) { System.err.println("usage: main CMD"); System.exit(64); } Cmd c = CMDS.get(x[0]); if (c == null) { System.err.println("no " + x[0]); System.exit(64); } int r = c.run(Arrays.asList(x)); if (r == 0) System.out.println("READY"); System.exit(r); } }',
               "e/Server.java": "package e; public class Server { public int run() { return 0; } }",
               "d/Flag.java": 'package d; public class Flag { public static void main(String[] x) { boolean debug = false; for (String a : x) { switch (a) { case "--debug": debug = true; break; case "--version": System.out.println("READY 1"); return; default: System.err.println("unknown " + a); System.exit(1); } } new e.Server().run(); System.out.println("READY"); } }',
               "d/Need.java": 'package d; public class Need { static String need(String n) { String v = System.getenv(n); if (v == null) throw new IllegalArgumentException("missing " + n); return v; } public static void main(String[] x) { String u = need("DB_URL"); System.out.println("READY " + u.length()); } }',
               "d/Cfg.java": 'package d; import java.io.*; import java.util.*; public class Cfg { public static void main(String[] x) throws IOException { Properties p = new Properties(); File f = new File(x.length > 0 ? x[0] : "conf/app.properties"); try (FileReader r = new FileReader(f)) { p.load(r); } System.out.println("READY"); } }',
               "d/Opt.java": 'package d; public class Opt { public static void main(String[] x) { String m = System.getProperty("mode", "fast"); try { Class.forName("e." + m); } catch (ClassNotFoundException ex) { System.out.println("plain"); } System.out.println("READY"); } }'}
    whole = compiled("foreign", sources)
    def case(name, main, without=(), cmd=None, files=None, **more):
        inside = {n: text for n, text in whole.items() if not n.startswith(tuple(without))}
        return Case("foreign java", name, "java", {"srv/app.jar": packed(inside, {"Main-Class": "d." + main}), **(files or {})}, ["java", "-jar", "/srv/app.jar"], cmd, workdir="/srv", seconds=15, **more)
    yield case("command of a map", "Main", cmd=["serve"])
    yield case("command of a map that needs nothing", "Main", ["e/Server"], ["check"])
    yield case("command of a map, none", "Main", blame="")
    yield case("flags in a loop", "Flag", cmd=["--debug"])
    yield case("flags in a loop, one unknown", "Flag", cmd=["--fast"], blame="")
    yield case("flags in a loop, only the version", "Flag", ["e/Server"], ["--version"])
    yield case("flags in a loop, its class gone", "Flag", ["e/Server"], blame="e.Server")
    yield case("variable by a function", "Need", blame="DB_URL")
    yield case("variable by a function, set", "Need", env=["DB_URL=x"])
    yield case("properties by a relative path", "Cfg", files={"srv/conf/app.properties": "a=1\n"})
    yield case("properties by a relative path, gone", "Cfg", blame="conf/app.properties")
    yield case("class that may be missing", "Opt")


def languages():
    def php(name, text, files=None, **more): return Case("foreign languages", "php " + name, "unseen-php", {"srv/index.php": "<?php\ndeclare(strict_types=1);\n" + text + "echo \"READY\\n\";\n", **(files or {})}, ["php", "/srv/index.php"], workdir="/srv", seconds=10, **more)
    yield php("services by closures", "$services = [\n    'clock' => fn () => new DateTimeImmutable('@0'),\n    'mail' => fn () => new GoneMailer(),\n];\n$now = $services['clock']();\n")
    yield php("services by closures, one made", "$services = [\n    'clock' => fn () => new DateTimeImmutable('@0'),\n    'mail' => fn () => new GoneMailer(),\n];\n$now = $services['mail']();\n", blame="GoneMailer")
    yield php("enumeration that has no such case", "enum Level: string { case Info = 'info'; case Warn = 'warn'; }\n$level = Level::Debug;\n", blame="Debug")
    yield php("constant of a class", "class A { const X = 1; }\n$x = A::X;\n")
    yield php("settings by parse_ini_file", "$c = parse_ini_file(__DIR__ . '/app.ini', true);\nif ($c === false) {\n    exit(2);\n}\n", blame="app.ini")
    yield php("first-class callables", "$f = strlen(...);\n$n = $f('x');\n$m = array_map(strtoupper(...), ['a']);\n")
    def perl(name, text, files=None, **more): return Case("foreign languages", "perl " + name, "unseen-perl", {"srv/app.pl": "use strict;\nuse warnings;\n" + text + 'print "READY\\n";\n', **(files or {})}, ["perl", "/srv/app.pl"], workdir="/srv", seconds=10, **more)
    yield perl("options by Getopt::Long", "use Getopt::Long;\nGetOptions('port=i' => \\my $port, 'debug' => \\my $debug) or die;\n$port ||= 80;\n")
    yield perl("file of settings", "open my $fh, '<', '/etc/app.conf' or die \"no settings: $!\";\nmy %c = map { chomp; split /=/, $_, 2 } <$fh>;\nclose $fh;\n", blame="/etc/app.conf")
    yield perl("class with parent", "package Animal;\nsub new { my ($c, %a) = @_; return bless {%a}, $c }\nsub speak { return 'x' }\npackage Dog;\nour @ISA = ('Animal');\npackage main;\nmy $d = Dog->new(name => 'a');\n$d->speak;\n")
    yield perl("data that is JSON", "use JSON::PP;\nmy $c = decode_json(do { local (@ARGV, $/) = ('/srv/c.json'); <> });\n", {"srv/c.json": "{}"})
    def ruby(name, text, files=None, **more): return Case("foreign languages", "ruby " + name, "ruby2", {"srv/app.rb": "# frozen_string_literal: true\n" + text + 'puts "READY"\n', **(files or {})}, ["ruby", "app.rb"], workdir="/srv", seconds=12, **more)
    yield ruby("settings of YAML beside", "require 'yaml'\nCONFIG = YAML.load_file(File.join(__dir__, 'config', 'app.yml'))\n", {"srv/config/app.yml": "a: 1\n"})
    yield ruby("settings of YAML beside, gone", "require 'yaml'\nCONFIG = YAML.load_file(File.join(__dir__, 'config', 'app.yml'))\n", blame="app.yml")
    yield ruby("method that its class has not", "class App\n  def run\n    1\n  end\nend\nApp.new.start\n", blame="start")
    yield ruby("constant that its module has not", "require_relative 'shop'\nShop::VERSIONS.size\n", {"srv/shop.rb": "module Shop\n  VERSION = '1'\nend\n"}, blame="VERSIONS")
    yield ruby("variables that are demanded", "%w[A_URL B_URL].each do |name|\n  abort(\"#{name} is missing\") unless ENV.key?(name)\nend\n", blame="A_URL")
    def lua(name, text, files=None, **more): return Case("foreign languages", "lua " + name, "unseen-lua", {"srv/main.lua": text + 'print("READY")\n', **(files or {})}, ["lua", "main.lua"], workdir="/srv", seconds=10, **more)
    yield lua("classes by a function", "local function class(base)\n  local c = {}\n  c.__index = c\n  if base then setmetatable(c, { __index = base }) end\n  c.new = function(...) local o = setmetatable({}, c); if o.init then o:init(...) end; return o end\n  return c\nend\nlocal A = class()\nfunction A:init(n) self.n = n end\nlocal B = class(A)\nlocal b = B.new(1)\nassert(b.n == 1)\n")
    yield lua("settings returned by a file", 'local c = dofile("config.lua")\nassert(c.port, "port is missing")\n', {"srv/config.lua": "return { host = 'x' }\n"}, blame="port")
    yield lua("settings returned by a file, whole", 'local c = dofile("config.lua")\nassert(c.port, "port is missing")\n', {"srv/config.lua": "return { port = 80 }\n"})

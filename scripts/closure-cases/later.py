"""Programs for the fifth time: other shapes of every family, written when the faults of the fourth were not known yet."""
import json, os

OK = "#!/bin/sh\necho READY\n"
P = "print('READY', flush=True)\n"
J = "console.log('READY');\n"
LIB = "usr/lib/x86_64-linux-gnu/"
SITE = "usr/local/lib/python3.11/dist-packages/"
M = "app/node_modules/"
JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
bases = {"later-tools": lambda: packaged("git", "vim-tiny", "lsof", "strace", "xxd", "zip", "lz4", "libxml2", "socat", "iproute2", "dash", "bash", "coreutils", "cron", "procps", links={"usr/bin/sh": "dash"})}


def cases():
    yield from native()
    yield from scripts()
    yield from python()
    yield from node()
    yield from java()
    yield from languages()


def native():
    def case(name, entry, files=None, base="later-tools", **more): return Case("later native", name, base, files or {}, list(entry), seconds=10, **more)
    yield case("lsof", ["lsof", "-v"])
    yield case("lsof without a library of the network", ["lsof", "-v"], {LIB + "libtirpc.so.3": GONE}, blame="libtirpc.so.3")
    yield case("strace without unwinding", ["strace", "-V"], {LIB + "libunwind.so.8": GONE}, blame="")
    yield case("ip", ["ip", "-V"])
    yield case("ip without libbpf", ["ip", "-V"], {LIB + "libbpf.so.1": GONE, LIB + "libbpf.so.1.1.0": GONE}, blame="libbpf.so.1")
    yield case("git without what compresses", ["git", "--version"], {LIB + "libz.so.1": GONE}, blame="libz.so.1")
    yield case("git, its programs gone", ["git", "--version"], {"usr/lib/git-core": GONE})
    yield case("xxd", ["xxd", "-v"])
    yield case("cron in front, for USER", ["cron", "-f"], user="app", blame="")
    yield case("program by a relative link", ["/opt/current/bin/app"], {"opt/v1/bin/app": OK, "opt/current": Link("v1")})
    yield case("program by a relative link to what is gone", ["/opt/current/bin/app"], {"opt/v1/bin/app": OK, "opt/current": Link("v2")}, blame="/opt/current/bin/app")
    yield case("program hidden by a directory made later", ["app"], {"usr/local/bin/app": DIRECTORY, "usr/bin/app": OK})
    yield case("library path of a build machine alone", ["/srv/run"], {"srv/run": Mode("#!/bin/sh\nLD_LIBRARY_PATH=/opt/l exec xxd -v\n", 0o755)})
    yield case("busybox in the place of coreutils", ["busybox", "sh", "-c", "echo READY"], {"usr/bin/busybox": Host("/bin/busybox")})
    yield case("account by HOME alone", ["sh", "-c", "cd $HOME && echo READY"], {"home/app": DIRECTORY}, user="1000", env=["HOME=/home/app"])
    yield case("directory of the build as WORKDIR", ["./run"], {"build/run": OK}, workdir="/app", blame="./run")
    yield case("executable by the group of a number", ["/srv/app"], {"srv/app": Mode(OK, 0o750, 4000)}, user="1000:4000")
    yield case("executable by the group of another number", ["/srv/app"], {"srv/app": Mode(OK, 0o750, 4000)}, user="1000:4001", blame="/srv/app")


def scripts():
    def script(name, text, cmd=("/srv/app",), files=None, head="#!/bin/bash\n", **more):
        return Case("later scripts", name, "entry", {"srv/app": OK, "entry.sh": Mode(head + text, 0o755), **(files or {})}, ["/entry.sh"], list(cmd), seconds=10, **more)
    yield script("commands of a table", 'declare -A COMMANDS=( [web]="/srv/app" [worker]="/srv/worker" )\ncommand="${COMMANDS[${ROLE:-web}]}"\nexec $command\n')
    yield script("commands of a table, gone", 'declare -A COMMANDS=( [web]="/srv/app" [worker]="/srv/worker" )\ncommand="${COMMANDS[${ROLE:-web}]}"\nexec $command\n', env=["ROLE=worker"], blame="/srv/worker")
    yield script("program in a sub-directory of its own", 'cd "${0%/*}" || exit 1\nexec ./srv/app\n')
    yield script("first existing of some files", 'for c in /etc/app.yml /srv/default.yml; do\n  [ -f "$c" ] && CONFIG=$c && break\ndone\n: "${CONFIG:?no configuration}"\nexec "$@"\n', files={"srv/default.yml": "x"})
    yield script("first existing of some files, none", 'for c in /etc/app.yml /srv/default.yml; do\n  [ -f "$c" ] && CONFIG=$c && break\ndone\n: "${CONFIG:?no configuration}"\nexec "$@"\n', blame="")
    yield script("reads variables of a file", 'set -euo pipefail\nwhile IFS="=" read -r key value; do\n  [ -n "$key" ] && export "$key=$value"\ndone < /srv/env.list\nexec "$PROGRAM"\n', files={"srv/env.list": "A=1\nPROGRAM=/srv/app\n"})
    yield script("reads variables of a file, gone", 'set -euo pipefail\nwhile IFS="=" read -r key value; do\n  [ -n "$key" ] && export "$key=$value"\ndone < /srv/env.list\nexec "$PROGRAM"\n', blame="/srv/env.list")
    yield script("function by its name", 'run_web() { exec /srv/app; }\nrun_job() { exec /srv/job; }\n"run_${1}"\n', ["web"])
    yield script("function by its name, its program gone", 'run_web() { exec /srv/app; }\nrun_job() { exec /srv/job; }\n"run_${1}"\n', ["job"], blame="/srv/job")
    yield script("function by its name, none", 'run_web() { exec /srv/app; }\n"run_${1}"\n', ["cron"], blame="run_cron")
    yield script("type -p", 'P=$(type -p env) || exit 1\nexec "$P" /srv/app\n')
    yield script("hash", 'set -e\nhash gone-tool\nexec "$@"\n', blame="gone-tool")
    yield script("a trap that ends well", 'trap "exit 0" ERR\nset -e\nfalse\nexec /srv/gone\n')
    yield script("a trap on errors", 'set -eE\ntrap "echo failed" ERR\ncp /srv/none /tmp/x\nexec "$@"\n', blame="/srv/none")
    yield script("variable's default by a command", 'PORT=${PORT:-$(cat /srv/port)}\nset -e\n[ "$PORT" = 80 ]\nexec "$@"\n', files={"srv/port": "80\n"})
    yield script("version is compared", 'set -e\nV=$(cat /srv/VERSION)\nif [ "${V%%.*}" -lt 2 ]; then echo "too old"; exit 1; fi\nexec "$@"\n', files={"srv/VERSION": "1.4.2\n"}, blame="")
    yield script("version is compared, new enough", 'set -e\nV=$(cat /srv/VERSION)\nif [ "${V%%.*}" -lt 2 ]; then echo "too old"; exit 1; fi\nexec "$@"\n', files={"srv/VERSION": "2.4.2\n"})
    yield script("sources all of a directory", 'set -e\nshopt -s nullglob\nfor f in /srv/env.d/*.sh; do . "$f"; done\nexec "$RUN"\n', files={"srv/env.d/10.sh": "RUN=/srv/app\n", "srv/env.d/20.sh": "RUN=/srv/gone\n"}, blame="/srv/gone")
    yield script("makes its account and becomes it", 'set -e\nif ! id app >/dev/null 2>&1; then useradd app; fi\nexec gosu app "$@"\n')
    yield script("chmod of its own secrets", 'set -e\nchmod 600 /srv/key.pem\nexec "$@"\n', blame="/srv/key.pem")
    yield script("wrapper of a wrapper", 'exec tini -- nice -n 5 env A=1 "$@"\n', ["/srv/gone"], blame="/srv/gone")
    yield script("sh in the place of bash", 'arr=(a b)\necho "${arr[1]}"\nexec "$@"\n', head="#!/bin/sh\n", blame="")
    yield script("sh in the place of bash, nothing of bash", 'x="a b"\nset -- $x\nif [ "$#" = 2 ]; then exec /srv/app; fi\n', head="#!/bin/sh\n")
    yield script("source in sh", 'source /srv/env.sh\nexec "$@"\n', files={"srv/env.sh": "A=1\n"}, head="#!/bin/sh\n")
    yield script("source in sh under -e", 'set -e\nsource /srv/env.sh\nexec "$@"\n', files={"srv/env.sh": "A=1\n"}, head="#!/bin/sh\n", blame="source")


def python():
    def source(name, text, files=None, entry=("python3", "/app/main.py"), base="names", **more):
        return Case("later python", name, base, {"app/main.py": text + P, **(files or {})}, list(entry), seconds=10, **more)
    yield source("settings by a class", "from settings import Settings\ns = Settings()\ns.load()\n", {"app/settings.py": "import json\nclass Settings:\n    path = '/app/settings.json'\n    def load(self):\n        with open(self.path) as f:\n            self.data = json.load(f)\n"}, blame="settings.json")
    yield source("settings by a class, there", "from settings import Settings\ns = Settings()\ns.load()\n", {"app/settings.py": "import json\nclass Settings:\n    path = '/app/settings.json'\n    def load(self):\n        with open(self.path) as f:\n            self.data = json.load(f)\n", "app/settings.json": "{}"})
    yield source("optional by importlib.util", "import importlib.util as u\nHAS = u.find_spec('gone') is not None\nif HAS:\n    import gone\nelse:\n    gone = None\n")
    yield source("module in a folder with a dash", "import my_pkg.tool\n", {"app/my-pkg/tool.py": ""}, blame="my_pkg")
    yield source("package without what its list names", "from pkg import *\nrun()\n", {"app/pkg/__init__.py": "from .core import *\n__all__ = ['run']\n", "app/pkg/core.py": "def start():\n    pass\n"}, blame="run")
    yield source("star through two packages", "from pkg import *\nrun()\n", {"app/pkg/__init__.py": "from .core import *\n", "app/pkg/core.py": "def run():\n    pass\n"})
    yield source("abstract class above is gone", "from base import Base\nclass App(Base):\n    pass\nApp()\n", {"app/base.py": "class Bases:\n    pass\n"}, blame="Base")
    yield source("command of a table", "import sys, importlib\nCOMMANDS = {'web': 'cmd.web', 'job': 'cmd.job'}\nimportlib.import_module(COMMANDS[sys.argv[1]])\n", {"app/cmd/__init__.py": "", "app/cmd/web.py": ""}, cmd=["web"])
    yield source("command of a table, gone", "import sys, importlib\nCOMMANDS = {'web': 'srvcmd.web', 'job': 'srvcmd.job'}\nimportlib.import_module(COMMANDS[sys.argv[1]])\n", {"app/srvcmd/__init__.py": "", "app/srvcmd/web.py": ""}, cmd=["job"], blame="srvcmd.job")
    yield source("read by a thread's pool", "from concurrent.futures import ThreadPoolExecutor\ndef f():\n    import gone\nwith ThreadPoolExecutor() as p:\n    p.submit(f)\n")
    yield source("context of its own", "class C:\n    def __enter__(self):\n        import gone\n    def __exit__(self, *a):\n        return False\nwith C():\n    pass\n", blame="gone")
    yield source("cached property", "from functools import cached_property\nclass A:\n    @cached_property\n    def x(self):\n        import gone\nA()\n")
    yield source("signals and a loop that ends", "import signal, time\nsignal.signal(signal.SIGTERM, lambda *a: None)\nfor i in range(1):\n    time.sleep(0)\n")
    yield source("variables by a helper", "import os\ndef env(name):\n    value = os.environ.get(name)\n    if value is None:\n        raise RuntimeError(f'{name} is not set')\n    return value\nTOKEN = env('API_TOKEN')\n", blame="API_TOKEN")
    yield source("variables by a helper, given", "import os\ndef env(name):\n    value = os.environ.get(name)\n    if value is None:\n        raise RuntimeError(f'{name} is not set')\n    return value\nTOKEN = env('API_TOKEN')\n", env=["API_TOKEN=x"])
    yield source("path by a variable or a default", "import os, json\nwith open(os.environ.get('CONFIG', '/etc/app/config.json')) as f:\n    json.load(f)\n", blame="/etc/app/config.json")
    yield source("path by a variable", "import os, json\nwith open(os.environ.get('CONFIG', '/etc/app/config.json')) as f:\n    json.load(f)\n", {"srv/c.json": "{}"}, env=["CONFIG=/srv/c.json"])
    yield source("template of a package", "from string import Template\nfrom pathlib import Path\nROOT = Path(__file__).resolve().parents[1]\nT = Template((ROOT / 'templates' / 'a.txt').read_text())\n", {"templates/a.txt": "x"})
    yield source("template of a package, gone", "from string import Template\nfrom pathlib import Path\nROOT = Path(__file__).resolve().parents[1]\nT = Template((ROOT / 'templates' / 'a.txt').read_text())\n", blame="a.txt")
    yield source("exits by the result of main", "import sys\ndef main():\n    try:\n        import gone\n    except ImportError as error:\n        print(error, file=sys.stderr)\n        return 1\n    return 0\nif __name__ == '__main__':\n    code = main()\n    if code:\n        sys.exit(code)\n", blame="gone")
    yield source("tests are left out", "try:\n    from tests import fixtures\nexcept ModuleNotFoundError:\n    fixtures = None\nfrom app import run\nrun()\n", {"app/app.py": "def run():\n    pass\n"})
    yield source("generated code is gone", "from proto import service_pb2\n", {"app/proto/__init__.py": "", "app/proto/service.proto": ""}, blame="service_pb2")
    yield source("wheel for another machine", "import fast\n", {SITE + "fast.cpython-311-aarch64-linux-gnu.so": Mode(b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x03\0\xb7\0" + b"\0" * 200, 0o755)}, blame="fast")
    yield source("wheel for musl", "import fast\n", {SITE + "fast.cpython-311-x86_64-linux-musl.so": Mode("x", 0o755)}, blame="fast")


def node():
    def case(name, text, files=None, entry=("node", "main.js"), base="node", **more):
        return Case("later node", name, base, {k: json.dumps(v) if isinstance(v, dict) else v for k, v in {"app/main.js": text + J, **(files or {})}.items()}, list(entry), workdir=more.pop("workdir", "/app"), seconds=10, **more)
    esm = {"app/package.json": {"type": "module"}}
    yield case("routes of a folder", "const fs = require('fs'), path = require('path');\nfor (const f of fs.readdirSync(path.join(__dirname, 'routes'))) { require(path.join(__dirname, 'routes', f)); }\n", {"app/routes/a.js": "require('gone-dep');\n"}, blame="gone-dep")
    yield case("routes of a folder, fine", "const fs = require('fs'), path = require('path');\nfor (const f of fs.readdirSync(path.join(__dirname, 'routes'))) { require(path.join(__dirname, 'routes', f)); }\n", {"app/routes/a.js": ""})
    yield case("class above is gone", "const { Base } = require('./base');\nclass A extends Base {}\nnew A();\n", {"app/base.js": "exports.Bases = class {};\n"}, blame="Base")
    yield case("bootstrap function", "async function main() { const { start } = require('./server'); await start(); }\nmain().catch(e => { console.error(e); process.exit(1); });\n", blame="./server")
    yield case("bootstrap function, fine", "async function main() { const { start } = require('./server'); await start(); }\nmain().catch(e => { console.error(e); process.exit(1); });\n", {"app/server.js": "exports.start = async () => {};\n"})
    yield case("environment by a scheme", "const need = ['A', 'B'];\nconst missing = need.filter(n => !process.env[n]);\nif (missing.length) { console.error(missing); process.exit(1); }\n", blame="A")
    yield case("environment by a scheme, given", "const need = ['A', 'B'];\nconst missing = need.filter(n => !process.env[n]);\nif (missing.length) { console.error(missing); process.exit(1); }\n", env=["A=1", "B=1"])
    yield case("compiled import of a type", "\"use strict\";\nvar __importDefault = (this && this.__importDefault) || function (mod) { return (mod && mod.__esModule) ? mod : { \"default\": mod }; };\nObject.defineProperty(exports, \"__esModule\", { value: true });\nconst express_1 = __importDefault(require(\"gone-express\"));\nconst app = (0, express_1.default)();\n", blame="gone-express")
    yield case("compiled import of a module beside", "\"use strict\";\nObject.defineProperty(exports, \"__esModule\", { value: true });\nconst a_1 = require(\"./a\");\n(0, a_1.run)();\n", {"app/a.js": "\"use strict\";\nObject.defineProperty(exports, \"__esModule\", { value: true });\nexports.run = run;\nfunction run() { }\n"})
    yield case("compiled import of a module beside, name gone", "\"use strict\";\nObject.defineProperty(exports, \"__esModule\", { value: true });\nconst a_1 = require(\"./a\");\n(0, a_1.go)();\n", {"app/a.js": "\"use strict\";\nObject.defineProperty(exports, \"__esModule\", { value: true });\nexports.run = run;\nfunction run() { }\n"}, blame="go")
    yield case("re-export of all", "import { x } from './i.js';\nx();\n", {**esm, "app/i.js": "export * from './a.js';\n", "app/a.js": "export function x() {}\n"})
    yield case("re-export of all, gone", "import { y } from './i.js';\n", {**esm, "app/i.js": "export * from './a.js';\n", "app/a.js": "export function x() {}\n"}, blame="y")
    yield case("top-level await of a file", "import { readFile } from 'node:fs/promises';\nconst c = JSON.parse(await readFile('./config.json', 'utf8'));\n", esm, blame="config.json")
    yield case("top-level await of a file, there", "import { readFile } from 'node:fs/promises';\nconst c = JSON.parse(await readFile('./config.json', 'utf8'));\n", {**esm, "app/config.json": "{}"})
    yield case("promise of a file, not awaited", "require('fs').promises.readFile('./x.json').catch(() => {});\n")
    yield case("optional peer by a function", "function optional(name) { try { return require(name); } catch (e) { if (e.code !== 'MODULE_NOT_FOUND') throw e; } }\noptional('gone-dep');\n")
    yield case("package with a wrong case of its file", "require('./lib/Server');\n", {"app/lib/server.js": ""}, blame="lib/Server")
    yield case("module by an absolute path", "require('/app/lib/a');\n", {"app/lib/a.js": ""})
    yield case("module by an absolute path of the build", "require('/build/lib/a');\n", {"app/lib/a.js": ""}, blame="/build/lib/a")
    yield case("static server of a folder that is gone", "const http = require('http'), fs = require('fs');\nconst index = fs.readFileSync('public/index.html');\nhttp.createServer((q, r) => r.end(index)).listen(3000);\n", blame="public/index.html")
    yield case("script of a package by node_modules/.bin", "", {M + ".bin/tool": Link("../tool/bin/tool.js"), M + "tool/bin/tool.js": Mode("#!/usr/bin/env node\nrequire('../lib');\n" + J, 0o755)}, ["./node_modules/.bin/tool"], blame="../lib")
    yield case("npm run with a variable for Windows", "", {"app/package.json": {"scripts": {"start": "cross-env NODE_ENV=production node main.js"}}}, ["npm", "start"], "npm", blame="cross-env")


def java():
    if not os.path.exists(JAVA + "/bin/javac"): return
    sources = {"a/Main.java": 'package a; import java.util.function.*; public class Main { static final Supplier<b.Part> MAKE = b.Part::new; public static void main(String[] x) { run(x.length > 0 ? x[0] : "web"); System.out.println("READY"); } static void run(String s) { switch (s) { case "web": new b.Web().go(); break; case "job": new b.Job().go(); break; default: throw new IllegalArgumentException(s); } } }',
               "b/Part.java": "package b; public class Part { }", "b/Web.java": "package b; public class Web { public void go() { } }", "b/Job.java": "package b; public class Job { public void go() { } }",
               "a/Init.java": 'package a; public class Init { static { try { Class.forName("b.Part"); } catch (ClassNotFoundException e) { throw new IllegalStateException(e); } } public static void main(String[] x) { System.out.println("READY"); } }',
               "a/Try.java": 'package a; public class Try { public static void main(String[] x) { try { new b.Web().go(); } catch (NoClassDefFoundError e) { System.out.println("without"); } System.out.println("READY"); } }',
               "a/Res.java": 'package a; public class Res { public static void main(String[] x) throws Exception { var u = Thread.currentThread().getContextClassLoader().getResource("app.yml"); u.openStream().close(); System.out.println("READY"); } }',
               "a/Rec.java": 'package a; public class Rec { record R(b.Part p) { } public static void main(String[] x) { System.out.println(new R(null) + "READY"); } }'}
    whole = compiled("later", sources)
    def case(name, main, without=(), cmd=None, extra=None, **more):
        inside = {n: text for n, text in {**whole, **(extra or {})}.items() if not n.startswith(tuple(without))}
        return Case("later java", name, "java", {"srv/app.jar": packed(inside, {"Main-Class": "a." + main})}, ["java", "-jar", "/srv/app.jar"], cmd, seconds=12, **more)
    yield case("chosen by the argument", "Main")
    yield case("chosen by the argument, another gone", "Main", ["b/Job"], ["web"])
    yield case("chosen by the argument, gone", "Main", ["b/Job"], ["job"], blame="b.Job")
    yield case("chosen by the argument, none", "Main", (), ["cron"], blame="")
    yield case("made by a reference that nobody calls", "Main", ["b/Part"], blame="b.Part")
    yield case("named when the class is made ready", "Init", ["b/Part"], blame="b.Part")
    yield case("an error that is caught", "Try", ["b/Web"])
    yield case("resource by the loader", "Res", extra={"app.yml": "a: 1\n"})
    yield case("resource by the loader, gone", "Res", blame="app.yml")
    yield case("part of a record gone", "Rec", ["b/Part"])
    yield case("inner class of a record gone", "Rec", ["a/Rec$R"], blame="a.Rec$R")


def languages():
    def php(name, text, files=None, **more): return Case("later languages", "php " + name, "unseen-php", {"srv/a.php": "<?php\n" + text + "echo \"READY\\n\";\n", **(files or {})}, ["php", "/srv/a.php"], workdir="/srv", seconds=10, **more)
    yield php("routes of a table", "$routes = require __DIR__ . '/routes.php';\nforeach ($routes as $path => $class) {\n    $handlers[$path] = new $class();\n}\n", {"srv/routes.php": "<?php\nreturn ['/' => Home::class];\nclass Home {}\n"})
    yield php("routes of a table, class gone", "$routes = require __DIR__ . '/routes.php';\nforeach ($routes as $path => $class) {\n    $handlers[$path] = new $class();\n}\n", {"srv/routes.php": "<?php\nreturn ['/' => Home::class];\n"}, blame="Home")
    yield php("container of factories", "$c = ['log' => function () { return new GoneLogger(); }];\n")
    yield php("container of factories, made", "$c = ['log' => function () { return new GoneLogger(); }];\n$c['log']();\n", blame="GoneLogger")
    yield php("configuration by its environment", "$env = getenv('APP_ENV') ?: 'prod';\n$config = require __DIR__ . \"/config/$env.php\";\n", {"srv/config/prod.php": "<?php return [];\n"})
    yield php("configuration by its environment, gone", "$env = getenv('APP_ENV') ?: 'prod';\n$config = require __DIR__ . \"/config/$env.php\";\n", {"srv/config/prod.php": "<?php return [];\n"}, env=["APP_ENV=stage"], blame="config/stage.php")
    yield php("abstract class in another file", "require 'base.php';\nclass A extends Base { public function run() { return parent::run(); } }\n(new A)->run();\n", {"srv/base.php": "<?php\nabstract class Base { public function run() { require __DIR__ . '/part.php'; } }\n"}, blame="part.php")
    yield php("extension of arrays", "$x = array_is_list([1]) && ctype_digit('1') && json_encode([1]);\n")
    yield php("curl that is not installed", "$h = curl_init();\n", blame="curl_init")
    yield php("intl that is installed", "echo Normalizer::normalize('a');\n")
    def perl(name, text, files=None, **more): return Case("later languages", "perl " + name, "unseen-perl", {"srv/a.pl": text + 'print "READY\\n";\n', **(files or {})}, ["perl", "/srv/a.pl"], workdir="/srv", seconds=10, **more)
    yield perl("try of a module or another", "BEGIN {\n    eval { require Gone::Fast; Gone::Fast->import; 1 } || do { require List::Util; };\n}\n")
    yield perl("module of a variable's name", "my $m = $ENV{DRIVER} || 'Near';\neval \"require $m; 1\" or die $@;\n", blame="Near")
    yield perl("library beside, with dirname", "use File::Basename;\nuse lib dirname(__FILE__) . '/lib';\nuse Near;\n", {"srv/lib/Near.pm": "package Near; 1;\n"})
    yield perl("library beside, with dirname, gone", "use File::Basename;\nuse lib dirname(__FILE__) . '/lib';\nuse Near;\n", {"srv/lib/Far.pm": "package Far; 1;\n"}, blame="Near")
    yield perl("extension of Perl's own gone", "use Digest::SHA;\n", {LIB + "perl/5.36/auto/Digest/SHA/SHA.so": GONE}, blame="SHA.so")
    yield perl("method of an own class", "package App;\nsub new { bless {}, shift }\nsub run { my $s = shift; $s->load }\nsub load { require Gone::Store }\npackage main;\nApp->new->run;\n", blame="Gone::Store")
    yield perl("reads its own end", "while (<DATA>) { }\n", {"srv/a.pl": "while (<DATA>) { }\nprint 'READY';\n__DATA__\nuse Gone::One;\n"})
    def ruby(name, text, files=None, **more): return Case("later languages", "ruby " + name, "ruby2", {"srv/a.rb": text + 'puts "READY"\n', **(files or {})}, more.pop("entry", ["ruby", "/srv/a.rb"]), workdir="/srv", seconds=12, **more)
    yield ruby("module that includes one that is gone", "module App\n  include GoneModule\nend\n", blame="GoneModule")
    yield ruby("file by __FILE__", "require File.dirname(__FILE__) + '/lib/a'\n", {"srv/lib/a.rb": ""})
    yield ruby("file by __FILE__, gone", "require File.dirname(__FILE__) + '/lib/a'\n", blame="lib/a")
    yield ruby("lock of another release", "require 'bundler/setup'\n", {"srv/Gemfile": "source 'https://example.org'\ngem 'rack'\n", "srv/Gemfile.lock": "GEM\n  remote: https://example.org/\n  specs:\n    rack (9.9.9)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  rack\n\nBUNDLED WITH\n   2.3.15\n"}, blame="rack")
    yield ruby("optional with a flag", "begin\n  require 'gone_fast'\n  FAST = true\nrescue LoadError\n  FAST = false\nend\nputs FAST\n")
    yield ruby("configuration demanded", "require 'json'\nCONFIG = JSON.parse(File.read(ENV.fetch('CONFIG', '/etc/app.json')))\n", blame="/etc/app.json")
    yield ruby("sinatra of classes", "require 'sinatra/base'\nclass App < Sinatra::Base\n  get('/') { 'x' }\nend\n")
    yield ruby("sinatra without rack", "require 'sinatra/base'\n", {"usr/lib/ruby/vendor_ruby/rack.rb": GONE}, blame="rack")
    def lua(name, text, files=None, **more): return Case("later languages", "lua " + name, "unseen-lua", {"srv/a.lua": text + 'print("READY")\n', **(files or {})}, ["lua", "/srv/a.lua"], workdir="/srv", seconds=10, **more)
    yield lua("class of another file", 'local Base = require("base")\nlocal App = setmetatable({}, { __index = Base })\nApp.run()\n', {"srv/base.lua": 'local B = {}\nfunction B.run() return require("store") end\nreturn B\n'}, blame="store")
    yield lua("settings by a file of their own", 'local config = {}\nlocal f = loadfile("config.lua", "t", config)\nif not f then error("no configuration") end\nf()\n', blame="config.lua")
    yield lua("global of a module", 'require("strict")\nvalue = compute(2)\n', {"srv/strict.lua": "function compute(x) return x * 2 end\n"})
    yield lua("integer division by 5.3", "print(7 // 2, 7 & 3)\n")
    yield lua("environment demanded", 'local url = os.getenv("DATABASE_URL")\nif url == nil then\n  io.stderr:write("DATABASE_URL is not set\\n")\n  os.exit(1)\nend\n', blame="DATABASE_URL")

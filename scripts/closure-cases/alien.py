"""Programs for the eighth time: other packages of Debian, and programs of several files as people write them."""
import io, json, os

OK = "#!/bin/sh\necho READY\n"
P = "print('READY', flush=True)\n"
J = "console.log('READY');\n"
LIB = "usr/lib/x86_64-linux-gnu/"
SITE = "usr/local/lib/python3.11/dist-packages/"
M = "app/node_modules/"
bases = {"alien-tools": lambda: packaged("tcl8.6", "ed", "patch", "xz-utils", "zstd", "redis-tools", "redis-server", "lighttpd", "memcached", "gettext-base", "diffutils", "strace", "unzip", "dash", "bash", "coreutils", "cron", "make", "less", "haproxy", "libc-bin", "postgresql-client-15", links={"usr/bin/sh": "dash", "usr/bin/tclsh": "tclsh8.6"})}


def cases():
    yield from native()
    yield from places()
    yield from scripts()
    yield from python()
    yield from node()
    yield from java()
    yield from languages()


def native():
    def case(name, entry, files=None, base="alien-tools", **more): return Case("alien native", name, base, files or {}, list(entry), seconds=10, **more)
    yield case("tcl over a script", ["tclsh", "/srv/a.tcl"], {"srv/a.tcl": "puts READY\n"})
    yield case("tcl without its library's start", ["tclsh", "/srv/a.tcl"], {"srv/a.tcl": "puts READY\n", LIB + "libtcl8.6.so": GONE}, blame="libtcl8.6.so")
    yield case("redis with settings that are gone", ["redis-server", "/etc/redis/redis.conf"], {"etc/redis/redis.conf": GONE}, blame="/etc/redis/redis.conf")
    yield case("redis with settings and a module that is gone", ["redis-server", "/etc/r.conf"], {"etc/r.conf": "port 0\nloadmodule /usr/lib/redis/search.so\n"}, blame="search.so")
    yield case("redis asked for its version", ["redis-server", "--version"])
    yield case("redis, jemalloc left out", ["redis-server", "--version"], {LIB + "libjemalloc.so.2": GONE}, blame="libjemalloc.so.2")
    yield case("memcached for root without -u", ["memcached", "-p", "0", "-U", "0"], blame="")
    yield case("memcached for USER", ["memcached", "-l", "127.0.0.1"], user="app")
    yield case("lighttpd's module named in settings is gone", ["lighttpd", "-tt", "-f", "/etc/l.conf"], {"etc/l.conf": 'server.document-root = "/srv"\nserver.modules = ("mod_gone")\n'}, blame="mod_gone")
    yield case("lighttpd's settings", ["lighttpd", "-tt", "-f", "/etc/l.conf"], {"etc/l.conf": 'server.document-root = "/srv"\nserver.modules = ("mod_access")\n', "srv": DIRECTORY})
    yield case("haproxy without its settings", ["haproxy", "-c", "-f", "/usr/local/etc/haproxy/haproxy.cfg"], blame="haproxy.cfg")
    yield case("psql's real program", ["/usr/lib/postgresql/15/bin/psql", "--version"])
    yield case("psql without libpq", ["/usr/lib/postgresql/15/bin/psql", "--version"], {LIB + "libpq.so.5": GONE}, blame="libpq.so.5")
    yield case("cron in front for USER", ["cron", "-f"], user="app", blame="")
    yield case("cron in front for root", ["cron", "-f"], {"var/spool": DIRECTORY})
    yield case("make of a file that is gone", ["make", "-C", "/srv", "run"], {"srv": DIRECTORY}, blame="")
    yield case("make of a target that is gone", ["make", "-C", "/srv", "serve"], {"srv/Makefile": "run:\n\t@echo READY\n"}, blame="serve")
    yield case("xz without its library's version", ["xz", "--version"], {LIB + "liblzma.so.5": Link("liblzma.so.5.9.9")}, blame="liblzma.so.5")
    yield case("program by an absolute link of another root", ["tool"], {"usr/local/bin/tool": Link("/build/out/tool")}, blame="tool")
    yield case("patch's dash", ["sh", "-c", "patch --version | head -n1 && echo READY"])


def places():
    def case(name, entry, files=None, base="names", **more): return Case("alien places", name, base, files or {}, list(entry), seconds=10, **more)
    yield case("pid file in a directory of root", ["sh", "-c", "set -e; echo $$ > /var/run/app.pid; echo READY"], user="app", blame="/run")
    yield case("pid file of root", ["sh", "-c", "set -e; mkdir -p /var/run; echo $$ > /var/run/app.pid; echo READY"])
    yield case("log of its own group", ["sh", "-c", "set -e; echo x >> /var/log/app/a.log; echo READY"], {"var/log/app": Mode(None, 0o2775, 0)}, user="app:root")
    yield case("zone of a program that demands it", ["python3", "-c", "import zoneinfo; zoneinfo.ZoneInfo('Europe/Rome'); print('READY')"], blame="")
    yield case("certificates that a program demands", ["python3", "-c", "import ssl; c = ssl.create_default_context(cafile='/etc/ssl/certs/ca-certificates.crt'); print('READY')"], {"etc/ssl/certs/ca-certificates.crt": GONE}, blame="ca-certificates.crt")
    yield case("certificates that nobody demands", ["python3", "-c", "import ssl; c = ssl.create_default_context(); print('READY')"], {"etc/ssl/certs/ca-certificates.crt": GONE})
    yield case("tempfile without /tmp", ["python3", "-c", "import tempfile; d = tempfile.mkdtemp(); print('READY')"], {"tmp": GONE, "var/tmp": GONE, "usr/tmp": GONE}, user="app", blame="/tmp")
    yield case("tempfile without /tmp, root", ["python3", "-c", "import tempfile; d = tempfile.mkdtemp(); print('READY')"], {"tmp": GONE, "var/tmp": GONE})
    yield case("home by the account", ["python3", "-c", "import pathlib; pathlib.Path.home().joinpath('.cache').mkdir(); print('READY')"], {"home/app": Mode(None, 0o755, 1000)}, user="app")
    yield case("home by the account, gone", ["python3", "-c", "import pathlib; pathlib.Path.home().joinpath('.cache').mkdir(); print('READY')"], user="app", blame="/home/app")
    yield case("locale that is not made", ["python3", "-c", "import locale; locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8'); print('READY')"], blame="de_DE")
    yield case("locale by the environment that is not made", ["bash", "-c", "echo READY"], env=["LC_ALL=de_DE.UTF-8"], base="entry")
    yield case("account by name in the program", ["python3", "-c", "import pwd, os; os.setuid(pwd.getpwnam('nobody').pw_uid); print('READY')"], blame="nobody")
    yield case("account by name in the program, there", ["python3", "-c", "import pwd, os; os.setuid(pwd.getpwnam('www-data').pw_uid); print('READY')"])


def scripts():
    def script(name, text, cmd=("/srv/app",), files=None, head="#!/bin/sh\n", **more):
        return Case("alien scripts", name, "entry", {"srv/app": OK, "usr/local/bin/start": Mode(head + text, 0o755), **(files or {})}, ["start"], list(cmd), seconds=10, **more)
    bash = "#!/bin/bash\n"
    yield script("library of functions by a relative path", 'here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" &>/dev/null && pwd)"\n. "$here/../lib/app/log.sh"\nlog starting\nexec "$@"\n', head=bash, files={"usr/local/lib/app/log.sh": 'log() { printf "%s\\n" "$*" >&2; }\n'})
    yield script("library of functions by a relative path, gone", 'here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" &>/dev/null && pwd)"\nset -e\n. "$here/../lib/app/log.sh"\nlog starting\nexec "$@"\n', head=bash, blame="log.sh")
    yield script("services of a table", 'declare -A SERVICES=([api]=/srv/api [worker]=/srv/worker)\nprog=${SERVICES[${ROLE:-api}]:-}\n[[ -n $prog ]] || { echo "no such role" >&2; exit 64; }\nexec "$prog"\n', head=bash, files={"srv/api": OK})
    yield script("services of a table, role's program gone", 'declare -A SERVICES=([api]=/srv/api [worker]=/srv/worker)\nprog=${SERVICES[${ROLE:-api}]:-}\n[[ -n $prog ]] || { echo "no such role" >&2; exit 64; }\nexec "$prog"\n', head=bash, files={"srv/api": OK}, env=["ROLE=worker"], blame="/srv/worker")
    yield script("services of a table, no such role", 'declare -A SERVICES=([api]=/srv/api [worker]=/srv/worker)\nprog=${SERVICES[${ROLE:-api}]:-}\n[[ -n $prog ]] || { echo "no such role" >&2; exit 64; }\nexec "$prog"\n', head=bash, files={"srv/api": OK}, env=["ROLE=cron"], blame="")
    yield script("arguments are kept in an array", 'args=("$@")\nif [[ "${args[0]}" == -* ]]; then args=(/srv/app "${args[@]}"); fi\nexec "${args[@]}"\n', ["-v"], head=bash)
    yield script("arguments are kept in an array, program gone", 'args=("$@")\nif [[ "${args[0]}" == -* ]]; then args=(/srv/daemon "${args[@]}"); fi\nexec "${args[@]}"\n', ["-v"], head=bash, blame="/srv/daemon")
    yield script("settings are rewritten by sed", 'set -e\nsed -i "s/@PORT@/${PORT:-80}/" /etc/app/app.conf\nexec "$@"\n', files={"etc/app/app.conf": "port @PORT@\n"})
    yield script("settings are rewritten by sed, gone", 'set -e\nsed -i "s/@PORT@/${PORT:-80}/" /etc/app/app.conf\nexec "$@"\n', blame="/etc/app/app.conf")
    yield script("settings are rewritten by sed for USER", 'set -e\nsed -i "s/@PORT@/${PORT:-80}/" /etc/app/app.conf\nexec "$@"\n', files={"etc/app/app.conf": "port @PORT@\n"}, user="app", blame="/etc/app")
    yield script("secrets of a directory become variables", 'for f in /run/secrets/*; do\n  [ -f "$f" ] || continue\n  name=$(basename "$f" | tr a-z- A-Z_)\n  export "$name=$(cat "$f")"\ndone\n: "${API_KEY:?API_KEY must be set}"\nexec "$@"\n', files={"run/secrets/api-key": "x\n"})
    yield script("secrets of a directory become variables, none", 'for f in /run/secrets/*; do\n  [ -f "$f" ] || continue\n  name=$(basename "$f" | tr a-z- A-Z_)\n  export "$name=$(cat "$f")"\ndone\n: "${API_KEY:?API_KEY must be set}"\nexec "$@"\n', blame="API_KEY")
    yield script("environment file", 'set -a\n[ -f /etc/default/app ] && . /etc/default/app\nset +a\nexec "${APP_BIN:-/srv/app}" "$@"\n', [], files={"etc/default/app": "APP_BIN=/srv/other\n"}, blame="/srv/other")
    yield script("environment file that is not there", 'set -a\n[ -f /etc/default/app ] && . /etc/default/app\nset +a\nexec "${APP_BIN:-/srv/app}" "$@"\n', [])
    yield script("lock by mkdir", 'if ! mkdir /tmp/app.lock 2>/dev/null; then\n  echo "already running" >&2\n  exit 1\nfi\ntrap \'rmdir /tmp/app.lock\' EXIT\n"$@"\n')
    yield script("numbers are compared", 'set -eu\nworkers=${WORKERS:-$(nproc)}\nif [ "$workers" -lt 1 ] || [ "$workers" -gt 512 ]; then\n  echo "bad WORKERS" >&2\n  exit 2\nfi\nexec "$@"\n', env=["WORKERS=0"], blame="")
    yield script("numbers are compared, good", 'set -eu\nworkers=${WORKERS:-$(nproc)}\nif [ "$workers" -lt 1 ] || [ "$workers" -gt 512 ]; then\n  echo "bad WORKERS" >&2\n  exit 2\nfi\nexec "$@"\n', env=["WORKERS=4"])
    yield script("bash's test in sh", 'if [[ "$1" == /srv/* ]]; then exec "$@"; fi\necho "not ours" >&2\nexit 1\n', blame="[[")
    yield script("function keyword in sh", 'function start {\n  exec "$@"\n}\nstart "$@"\n', blame="")
    yield script("here-string in sh", 'read a <<< "x"\nexec "$@"\n', blame="")
    yield script("program is looked for", 'for p in node nodejs python3; do\n  if command -v "$p" >/dev/null 2>&1; then FOUND=$p; break; fi\ndone\n[ -n "${FOUND:-}" ] || { echo "no runtime" >&2; exit 127; }\nexec "$FOUND" -c "print(\'READY\')"\n')
    yield Case("alien scripts", "supervisor of two programs", "pyweb", {"etc/s.conf": "[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=/tmp/s.pid\n[program:a]\ncommand=/srv/app\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n", "srv/app": OK}, ["supervisord", "-c", "/etc/s.conf"], seconds=12)
    yield Case("alien scripts", "supervisor whose settings include what is gone", "pyweb", {"etc/s.conf": "[supervisord]\nnodaemon=true\nlogfile=/var/log/gone/s.log\n"}, ["supervisord", "-n", "-c", "/etc/s.conf"], seconds=12, blame="/var/log/gone")
    yield Case("alien scripts", "nested interpreter with an argument", "entry", {"srv/run": "#!/srv/interp -x\nREADY\n", "srv/interp": "#!/bin/sh\n[ \"$1\" = -x ] || exit 3\ncat \"$2\"\n"}, ["/srv/run"], seconds=10)
    yield Case("alien scripts", "nested interpreter with an argument, inner gone", "entry", {"srv/run": "#!/srv/interp -x\nREADY\n", "srv/interp": "#!/usr/bin/lua\nprint(1)\n"}, ["/srv/run"], seconds=10, blame="/usr/bin/lua")
    yield Case("alien scripts", "runsvdir of two services, one has no run", "entry", {"etc/sv/a/run": OK, "etc/sv/b/log": DIRECTORY}, ["runsvdir", "-P", "/etc/sv"], seconds=6)
    yield Case("alien scripts", "runsv of what has no directory", "entry", {}, ["runsv", "/etc/sv/gone"], seconds=6, blame="/etc/sv/gone")


def python():
    def source(name, text, files=None, entry=("python3", "main.py"), base="names", **more):
        return Case("alien python", name, base, {"app/main.py": text + P, **(files or {})}, list(entry), seconds=20, workdir="/app", **more)
    hexagon = {"app/shop/__init__.py": "", "app/shop/domain/__init__.py": "from .orders import Order\n", "app/shop/domain/orders.py": "from __future__ import annotations\nfrom dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass Order:\n    number: int\n    lines: tuple[str, ...] = ()\n",
               "app/shop/adapters/__init__.py": "", "app/shop/adapters/memory.py": "from ..domain import Order\nfrom ..ports import Repository\n\nclass MemoryRepository(Repository):\n    def __init__(self):\n        self.orders = {}\n    def add(self, order: Order) -> None:\n        self.orders[order.number] = order\n",
               "app/shop/ports.py": "import abc\n\nclass Repository(abc.ABC):\n    @abc.abstractmethod\n    def add(self, order): ...\n"}
    main = "from shop.adapters.memory import MemoryRepository\nfrom shop.domain import Order\nrepo = MemoryRepository()\nrepo.add(Order(1))\n"
    yield source("layers of a shop", main, hexagon)
    yield source("layers of a shop, a port is gone", main, {k: v for k, v in hexagon.items() if "ports" not in k}, blame="ports")
    yield source("layers of a shop, abstract method not made", main, {**hexagon, "app/shop/ports.py": hexagon["app/shop/ports.py"] + "    @abc.abstractmethod\n    def get(self, number): ...\n"}, blame="get")
    yield source("layers of a shop, dataclass with a default first", main, {**hexagon, "app/shop/domain/orders.py": "from dataclasses import dataclass\n@dataclass\nclass Order:\n    lines: tuple = ()\n    number: int\n"}, blame="")
    yield source("relative import in a program", "from . import helper\n", {"app/helper.py": ""}, blame="")
    yield source("relative import beyond the top", "import pkg.a\n", {"app/pkg/__init__.py": "", "app/pkg/a.py": "from ... import b\n"}, blame="")
    yield source("circle of two modules by their attributes", "import a\n", {"app/a.py": "import b\nX = 1\n", "app/b.py": "import a\nY = a.X\n"}, blame="X")
    yield source("circle of two modules that waits", "import a\nimport b\nb.f()\n", {"app/a.py": "import b\nX = 1\n", "app/b.py": "import a\ndef f():\n    return a.X\n"})
    ini = "import configparser\nfrom pathlib import Path\ncfg = configparser.ConfigParser()\ncfg.read(Path(__file__).with_name('app.ini'))\nhost = cfg.get('db', 'host')\nport = cfg.getint('db', 'port', fallback=5432)\n"
    yield source("INI with what is asked for", ini, {"app/app.ini": "[db]\nhost = x\n"})
    yield source("INI without its section", ini, {"app/app.ini": "[database]\nhost = x\n"}, blame="db")
    yield source("INI without its key", ini, {"app/app.ini": "[db]\nhostname = x\n"}, blame="host")
    yield source("INI with a number that is none", ini, {"app/app.ini": "[db]\nhost = x\nport = http\n"}, blame="http")
    toml = "import tomllib\nwith open('app.toml', 'rb') as f:\n    c = tomllib.load(f)\nname = c['server']['name']\n"
    yield source("TOML with its key", toml, {"app/app.toml": "[server]\nname = 'x'\n"})
    yield source("TOML without its key", toml, {"app/app.toml": "[server]\nhost = 'x'\n"}, blame="name")
    yield source("JSON without its key", "import json\nwith open('c.json') as f:\n    c = json.load(f)\nurl = c['database']['url']\n", {"app/c.json": "{\"database\": {\"dsn\": 1}}"}, blame="url")
    yield source("JSON that is none", "import json\nwith open('c.json') as f:\n    c = json.load(f)\n", {"app/c.json": "{'a': 1}\n"}, blame="c.json")
    yield source("number of the environment", "import os\nport = int(os.environ.get('PORT', '80'))\n", env=["PORT=http"], blame="PORT")
    yield source("boolean of the environment", "import os\ndebug = os.getenv('DEBUG', 'false').lower() in ('1', 'true')\nif debug:\n    import debugpy\n", env=["DEBUG=no"])
    yield source("boolean of the environment, on", "import os\ndebug = os.getenv('DEBUG', 'false').lower() in ('1', 'true')\nif debug:\n    import debugpy\n", env=["DEBUG=True"], blame="debugpy")
    yield source("plugins of a package by pkgutil", "import importlib, pkgutil, plugins\nfor m in pkgutil.iter_modules(plugins.__path__, plugins.__name__ + '.'):\n    importlib.import_module(m.name)\n", {"app/plugins/__init__.py": "", "app/plugins/one.py": "NAME = 1\n", "app/plugins/two.py": "from gone_sdk import Client\n"}, blame="gone_sdk")
    yield source("plugins of a package by pkgutil, fine", "import importlib, pkgutil, plugins\nfor m in pkgutil.iter_modules(plugins.__path__, plugins.__name__ + '.'):\n    importlib.import_module(m.name)\n", {"app/plugins/__init__.py": "", "app/plugins/one.py": "NAME = 1\n"})
    yield source("lazy attributes of a package", "import pkg\npkg.fast\n", {"app/pkg/__init__.py": "import importlib\ndef __getattr__(name):\n    if name in ('fast', 'slow'):\n        return importlib.import_module('.' + name, __name__)\n    raise AttributeError(name)\n"}, blame="pkg.fast")
    yield source("lazy attributes of a package, not asked", "import pkg\n", {"app/pkg/__init__.py": "import importlib\ndef __getattr__(name):\n    return importlib.import_module('.' + name, __name__)\n"})
    yield source("resources of a package", "from importlib import resources\ntext = resources.files('pkg').joinpath('schema.sql').read_text()\n", {"app/pkg/__init__.py": "", "app/pkg/schema.sql": "x"})
    yield source("resources of a package, not packed", "from importlib import resources\ntext = resources.files('pkg').joinpath('schema.sql').read_text()\n", {"app/pkg/__init__.py": ""}, blame="schema.sql")
    yield source("version by its metadata, not installed", "from importlib.metadata import version\n__version__ = version('shop')\n", {"app/shop/__init__.py": ""}, blame="shop")
    yield source("version by its metadata, caught", "from importlib.metadata import version, PackageNotFoundError\ntry:\n    __version__ = version('shop')\nexcept PackageNotFoundError:\n    __version__ = '0'\n")
    yield source("sqlite of a file", "import sqlite3\ncon = sqlite3.connect('/var/lib/app/app.db')\ncon.execute('create table if not exists t (a)')\n", blame="/var/lib/app")
    yield source("sqlite of a file, there", "import sqlite3\ncon = sqlite3.connect('/var/lib/app/app.db')\ncon.execute('create table if not exists t (a)')\n", {"var/lib/app": DIRECTORY})
    yield source("logger into a directory that is gone", "import logging\nlogging.basicConfig(filename='/var/log/shop/shop.log')\n", blame="/var/log/shop")
    yield source("rotating log", "import logging.handlers\nh = logging.handlers.RotatingFileHandler('/var/log/shop/shop.log', maxBytes=1000)\n", blame="/var/log/shop")
    yield source("dictConfig with a class that is gone", "import logging.config\nlogging.config.dictConfig({'version': 1, 'formatters': {'json': {'()': 'pythonjsonlogger.jsonlogger.JsonFormatter'}}, 'handlers': {'c': {'class': 'logging.StreamHandler', 'formatter': 'json'}}, 'root': {'handlers': ['c']}})\n", blame="pythonjsonlogger")
    yield source("method that its class has not", "from store import Store\ns = Store()\ns.connect()\n", {"app/store.py": "class Store:\n    def open(self):\n        pass\n"}, blame="connect")
    yield source("arguments that its function has not", "from store import connect\nconnect(url='x', pool=3)\n", {"app/store.py": "def connect(url):\n    return url\n"}, blame="pool")
    yield source("newer syntax by an older Python's name", "def f[T](x: T) -> T:\n    return x\n", blame="")
    yield source("Python 2", "print 'x'\n", blame="")
    yield source("tabs and blanks", "if True:\n        x = 1\n\ty = 2\n", blame="")
    yield source("only for types", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gone import Gone\ndef f(x: 'Gone') -> None: ...\n")
    def web(name, files, entry, **more): return Case("alien python", name, "web", files, entry, seconds=20, workdir="/app", **more)
    flask = {"app/shop/__init__.py": "from flask import Flask\n\ndef create_app(config=None):\n    app = Flask(__name__)\n    app.config.from_object(config or 'shop.settings')\n    from .views import bp\n    app.register_blueprint(bp)\n    return app\n", "app/shop/settings.py": "DEBUG = False\n", "app/shop/views.py": "from flask import Blueprint\nbp = Blueprint('views', __name__)\n@bp.route('/')\ndef index():\n    return 'x'\n"}
    yield web("gunicorn and a factory", flask, ["gunicorn", "--check-config", "shop:create_app()"])
    yield web("gunicorn and a factory, settings gone", {k: v for k, v in flask.items() if "settings" not in k}, ["gunicorn", "--check-config", "shop:create_app()"], blame="shop.settings")
    yield web("gunicorn and a factory that needs an argument", {**flask, "app/shop/__init__.py": flask["app/shop/__init__.py"].replace("config=None", "config")}, ["gunicorn", "--check-config", "shop:create_app()"], blame="")
    yield web("flask's command with an app that is gone", flask, ["flask", "--app", "store", "routes"], blame="store")
    yield web("flask's command", flask, ["flask", "--app", "shop", "routes"])
    dj = {"app/manage.py": "#!/usr/bin/env python3\nimport os, sys\ndef main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n    from django.core.management import execute_from_command_line\n    execute_from_command_line(sys.argv)\nif __name__ == '__main__':\n    main()\n", "app/site_/__init__.py": "", "app/site_/settings.py": "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django.contrib.contenttypes', 'polls']\nROOT_URLCONF = 'site_.urls'\n", "app/site_/urls.py": "from django.urls import path, include\nurlpatterns = [path('polls/', include('polls.urls'))]\n", "app/polls/__init__.py": "", "app/polls/urls.py": "urlpatterns = []\n"}
    yield web("django checks itself", dj, ["python3", "manage.py", "check"])
    yield web("django checks itself, an app is gone", {k: v for k, v in dj.items() if "polls" not in k}, ["python3", "manage.py", "check"], blame="polls")
    yield web("django checks itself, urls of an app are gone", {k: v for k, v in dj.items() if "polls/urls" not in k}, ["python3", "manage.py", "check"], blame="polls.urls")
    yield web("uvicorn whose app has another name", {"app/main.py": "from fastapi import FastAPI\napi = FastAPI()\n"}, ["uvicorn", "main:app"], blame="app")
    yield web("celery whose tasks are gone", {"app/tasks.py": "from celery import Celery\napp = Celery('x', broker='memory://')\n"}, ["celery", "-A", "jobs", "report"], blame="jobs")
    yield web("celery", {"app/tasks.py": "from celery import Celery\napp = Celery('x', broker='memory://')\n"}, ["celery", "-A", "tasks", "report"])


def node():
    def case(name, text, files=None, entry=("node", "src/index.js"), base="node", **more):
        return Case("alien node", name, base, {k: json.dumps(v) if isinstance(v, dict) else v for k, v in {"app/src/index.js": text + J, **(files or {})}.items()}, list(entry), workdir="/app", seconds=10, **more)
    esm = {"app/package.json": {"type": "module"}}
    base = {"app/src/base.js": "module.exports = class Base {\n  constructor(name) { this.name = name; }\n  start() { this.setup(); }\n};\n"}
    yield case("base class of the whole module", "const Base = require('./base');\nclass App extends Base {\n  setup() { this.x = require('./x'); }\n}\nnew App('a').start();\n", {**base, "app/src/x.js": ""})
    yield case("base class of the whole module, its hook needs what is gone", "const Base = require('./base');\nclass App extends Base {\n  setup() { this.x = require('./x'); }\n}\nnew App('a').start();\n", base, blame="./x")
    yield case("base class that is a plain object", "const Base = require('./base');\nclass App extends Base {}\nnew App();\n", {"app/src/base.js": "exports.Base = class {};\n"}, blame="")
    yield case("method that a class has not", "const { Store } = require('./store');\nconst s = new Store();\ns.connect();\n", {"app/src/store.js": "class Store {\n  open() {}\n}\nmodule.exports = { Store };\n"}, blame="connect")
    yield case("settings by layers", "const fs = require('fs'), path = require('path');\nconst env = process.env.APP_ENV || 'production';\nconst load = n => JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'config', n + '.json')));\nconst config = { ...load('default'), ...load(env) };\nif (!config.port) throw new Error('port');\n", {"app/config/default.json": {"port": 1}, "app/config/production.json": {}})
    yield case("settings by layers, one is gone", "const fs = require('fs'), path = require('path');\nconst env = process.env.APP_ENV || 'production';\nconst load = n => JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'config', n + '.json')));\nconst config = { ...load('default'), ...load(env) };\n", {"app/config/default.json": {"port": 1}}, env=["APP_ENV=staging"], blame="staging.json")
    yield case("settings by layers, key missing", "const fs = require('fs'), path = require('path');\nconst load = n => JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'config', n + '.json')));\nconst config = { ...load('default') };\nif (!config.port) throw new Error('port');\n", {"app/config/default.json": {"host": 1}}, blame="port")
    yield case("JSON that is none", "const c = require('./c.json');\n", {"app/src/c.json": "{a: 1}"}, blame="c.json")
    yield case("JSON of a key that is not there", "const c = require('./c.json');\nconst u = c.database.url;\n", {"app/src/c.json": {"db": {"url": 1}}}, blame="database")
    yield case("conditions of a package, browser alone", "require('dom');\n", {M + "dom/package.json": {"name": "dom", "exports": {"browser": "./b.js"}}, M + "dom/b.js": ""}, blame="dom")
    yield case("conditions of a package, asked for", "require('dom');\n", {M + "dom/package.json": {"name": "dom", "exports": {"worker": "./b.js"}}, M + "dom/b.js": ""}, ["node", "-C", "worker", "src/index.js"])
    yield case("imports map by condition", "import db from '#db';\n", {"app/package.json": {"type": "module", "imports": {"#db": {"node": "./src/db-node.js", "default": "./src/db.js"}}}, "app/src/db.js": "export default 1;\n"}, blame="db-node.js")
    yield case("default export that is not there", "import db from './db.js';\n", {**esm, "app/src/db.js": "export const db = 1;\n"}, blame="default")
    yield case("require in a module", "const fs = require('fs');\n", esm, blame="require")
    yield case("__dirname in a module", "import path from 'path';\nconst p = path.join(__dirname, 'a');\n", esm, blame="__dirname")
    yield case("import in a script", "import fs from 'fs';\n", {"app/package.json": {"name": "x"}}, blame="")
    yield case("JSON by an attribute", "import c from './c.json' with { type: 'json' };\n", {**esm, "app/src/c.json": {}})
    yield case("JSON without an attribute", "import c from './c.json';\n", {**esm, "app/src/c.json": {}}, blame="c.json")
    yield case("child of a script, gone", "const { fork } = require('child_process');\nconst c = fork(require.resolve('./job'));\n", blame="./job")
    yield case("program that is run and waited for", "const { execFileSync } = require('child_process');\nexecFileSync('git', ['--version']);\n", blame="git")
    yield case("program that may be gone", "const { execFileSync } = require('child_process');\nlet v = 'none';\ntry { v = execFileSync('git', ['--version']).toString(); } catch {}\n")
    yield case("private class field and static block", "class A {\n  #x = 1;\n  static count = 0;\n  static { A.count = 1; }\n  get x() { return this.#x; }\n}\nif (new A().x !== 1) require('gone');\n")
    yield case("generator of tasks", "function* tasks() {\n  yield './a';\n  yield './b';\n}\nfor (const t of tasks()) require(t);\n", {"app/src/a.js": ""}, blame="./b")
    yield case("routes in a map", "const routes = new Map([['/', './home'], ['/x', './x']]);\nfor (const [p, f] of routes) require(f);\n", {"app/src/home.js": ""}, blame="./x")
    yield case("chain of promises", "Promise.resolve().then(() => require('./late')).catch(e => { console.error(e.message); process.exitCode = 1; });\nprocess.on('exit', c => { if (c === 0) console.log('x'); });\n", {"app/src/index.js": "Promise.resolve().then(() => require('./late')).then(() => console.log('READY')).catch(e => { console.error(e.message); process.exit(3); });\n"}, blame="./late")
    yield case("handler of what nobody caught", "process.on('uncaughtException', e => { console.error(e); process.exit(1); });\nrequire('./late');\n", blame="./late")
    yield case("constant that is used before", "start();\nconst x = 1;\nfunction start() { return x; }\n", blame="x")
    yield case("undefined name", "const app = makeApp();\n", blame="makeApp")


def java():
    sources = {"a/Main.java": 'package a; import java.util.*; import java.util.function.*; public class Main { sealed interface Shape permits Circle, Square {} record Circle(double r) implements Shape {} record Square(double s) implements Shape {} public static void main(String[] x) { List<Shape> l = List.of(new Circle(1), new Square(2)); double t = 0; for (Shape s : l) { if (s instanceof Circle c) t += c.r(); else if (s instanceof Square q) t += q.s(); } System.out.println("READY " + t); } }',
               "a/Plug.java": 'package a; import java.util.*; public class Plug { public interface Step { String name(); } public static void main(String[] x) { Step found = null; for (Step s : ServiceLoader.load(Step.class)) if (s.name().equals("b")) found = s; if (found == null) throw new IllegalStateException("no step b"); System.out.println("READY"); } }',
               "b/Step.java": 'package b; public class Step implements a.Plug.Step { public String name() { return "b"; } }',
               "a/Conf.java": 'package a; import java.io.*; import java.util.*; public class Conf { final Properties p = new Properties(); Conf() { try (InputStream in = Conf.class.getResourceAsStream("/application.properties")) { if (in == null) throw new UncheckedIOException(new FileNotFoundException("application.properties")); p.load(in); } catch (IOException e) { throw new UncheckedIOException(e); } } String need(String k) { String v = p.getProperty(k); if (v == null) throw new IllegalStateException("missing " + k); return v; } public static void main(String[] x) { Conf c = new Conf(); int port = Integer.parseInt(c.need("port")); System.out.println("READY " + port); } }',
               "a/Dir.java": 'package a; import java.nio.file.*; public class Dir { public static void main(String[] x) throws Exception { Path d = Path.of(System.getenv().getOrDefault("DATA", "/var/lib/a")); Files.writeString(d.resolve("state"), "x"); System.out.println("READY"); } }',
               "a/Reflect.java": 'package a; public class Reflect { public static void main(String[] x) throws Exception { String driver = x.length > 0 ? x[0] : "b.Driver"; Runnable r = (Runnable) Class.forName(driver).getDeclaredConstructor().newInstance(); r.run(); System.out.println("READY"); } }',
               "b/Driver.java": "package b; public class Driver implements Runnable { public void run() { } }",
               "a/Logs.java": 'package a; import java.util.logging.*; public class Logs { public static void main(String[] x) throws Exception { Logger.getLogger("a").info("up"); System.out.println("READY"); } }',
               "a/Thread2.java": 'package a; import java.util.concurrent.*; public class Thread2 { public static void main(String[] x) throws Exception { ExecutorService e = Executors.newFixedThreadPool(1); Future<Integer> f = e.submit(() -> new b.Work().run()); System.out.println("READY " + f.get()); e.shutdown(); } }',
               "b/Work.java": "package b; public class Work { public int run() { return 1; } }",
               "a/NoMain.java": "package a; public class NoMain { public void main(String[] x) { } }"}
    whole = compiled("alien", sources)
    if not whole: return
    def case(name, main, without=(), extra=None, entry=("java", "-jar", "/srv/app.jar"), cmd=None, files=None, **more):
        inside = {**{n: t for n, t in whole.items() if not n.startswith(tuple(without))}, **(extra or {})}
        return Case("alien java", name, "java", {"srv/app.jar": packed(inside, {"Main-Class": "a." + main}), **(files or {})}, list(entry), cmd, workdir="/srv", seconds=15, **more)
    service = {"META-INF/services/a.Plug$Step": "b.Step\n"}
    yield case("sealed records", "Main")
    yield case("sealed records, one left out", "Main", ["a/Main$Square"], blame="a.Main$Square")
    yield case("service is chosen by its name", "Plug", extra=service)
    yield case("service is chosen by its name, none", "Plug", blame="")
    yield case("service is chosen by its name, its class gone", "Plug", ["b/Step"], service, blame="b.Step")
    yield case("settings inside", "Conf", extra={"application.properties": "port=80\n"})
    yield case("settings inside, not packed", "Conf", blame="application.properties")
    yield case("settings inside, key missing", "Conf", extra={"application.properties": "host=x\n"}, blame="port")
    yield case("settings inside, number that is none", "Conf", extra={"application.properties": "port=http\n"}, blame="http")
    yield case("writes into a directory that is gone", "Dir", blame="/var/lib/a")
    yield case("writes into a directory by a variable", "Dir", env=["DATA=/srv"])
    yield case("writes into a directory of root, as USER", "Dir", env=["DATA=/srv"], user="app", blame="/srv")
    yield case("driver by a default", "Reflect")
    yield case("driver by an argument, gone", "Reflect", cmd=["c.Driver"], blame="c.Driver")
    yield case("logging's settings by a file that is gone", "Logs", entry=["java", "-Djava.util.logging.config.file=/etc/l.properties", "-jar", "/srv/app.jar"])
    yield case("task of another thread, its class gone", "Thread2", ["b/Work"], blame="b.Work")
    yield case("task of another thread", "Thread2")
    yield case("main that is not static", "NoMain", blame="main")
    yield case("argument file is gone", "Main", entry=["java", "@/srv/args", "a.Main"], blame="/srv/args")
    yield case("argument file", "Main", entry=["java", "@/srv/args", "a.Main"], files={"srv/args": "-cp\n/srv/app.jar\n# comment\n-Xmx64m\n"})


def languages():
    def php(name, text, files=None, **more): return Case("alien languages", "php " + name, "unseen-php", {"srv/bin/app": "#!/usr/bin/php\n<?php\n" + text + "echo \"READY\\n\";\n", **(files or {})}, ["/srv/bin/app"], workdir="/srv", seconds=10, **more)
    psr = "spl_autoload_register(function (string $class): void {\n    $prefix = 'Shop\\\\';\n    if (!str_starts_with($class, $prefix)) {\n        return;\n    }\n    $file = __DIR__ . '/../src/' . str_replace('\\\\', '/', substr($class, strlen($prefix))) . '.php';\n    if (is_file($file)) {\n        require $file;\n    }\n});\n"
    kernel = {"srv/src/Kernel.php": "<?php\nnamespace Shop;\nuse Shop\\Http\\Router;\nfinal class Kernel {\n    public function __construct(private Router $router) {}\n    public function run(): int { return $this->router->match('/'); }\n}\n", "srv/src/Http/Router.php": "<?php\nnamespace Shop\\Http;\nclass Router {\n    public function match(string $p): int { return 0; }\n}\n"}
    yield php("kernel and its router", psr + "$k = new Shop\\Kernel(new Shop\\Http\\Router());\n$k->run();\n", kernel)
    yield php("kernel and its router, in another case", psr + "$k = new Shop\\Kernel(new Shop\\Http\\Router());\n$k->run();\n", {"srv/src/Kernel.php": kernel["srv/src/Kernel.php"], "srv/src/http/router.php": kernel["srv/src/Http/Router.php"]}, blame="Router")
    yield php("interface that is not fulfilled", "interface Job { public function run(): void; public function name(): string; }\nclass Mail implements Job {\n    public function run(): void {}\n}\n$j = new Mail();\n", blame="name")
    yield php("match that finds nothing", "$driver = getenv('DRIVER') ?: 'file';\n$class = match ($driver) {\n    'redis' => 'Redis',\n    'apcu' => 'APCUIterator',\n};\n", blame="")
    yield php("match with a default", "$driver = getenv('DRIVER') ?: 'file';\n$class = match ($driver) {\n    'redis' => 'Redis',\n    default => 'ArrayObject',\n};\nnew $class();\n")
    yield php("types that do not fit", "declare(strict_types=1);\nfunction port(int $p): int { return $p; }\nport('80');\n", blame="")
    yield php("database by PDO, no driver", "$db = new PDO('pgsql:host=localhost');\n", blame="")
    yield php("database by PDO in memory", "$db = new PDO('sqlite::memory:');\n$db->exec('create table t (a)');\n")
    yield php("required extension is asked for", "foreach (['mbstring', 'redis'] as $e) {\n    if (!extension_loaded($e)) {\n        fwrite(STDERR, \"$e is missing\\n\");\n        exit(1);\n    }\n}\n", blame="redis")
    def perl(name, text, files=None, **more): return Case("alien languages", "perl " + name, "unseen-perl", {"srv/bin/app": Mode("#!/usr/bin/perl\nuse v5.36;\n" + text + 'print "READY\\n";\n', 0o755), **(files or {})}, ["/srv/bin/app"], workdir="/srv", seconds=10, **more)
    yield perl("library beside the program", "use FindBin qw($RealBin);\nuse lib \"$RealBin/../lib\";\nuse Shop::App;\nShop::App->new->run;\n", {"srv/lib/Shop/App.pm": "package Shop::App;\nuse v5.36;\nuse parent 'Shop::Base';\nsub run ($self) { return $self->name }\n1;\n", "srv/lib/Shop/Base.pm": "package Shop::Base;\nuse v5.36;\nsub new ($class) { bless {}, $class }\nsub name ($self) { 'x' }\n1;\n"})
    yield perl("library beside the program, its base gone", "use FindBin qw($RealBin);\nuse lib \"$RealBin/../lib\";\nuse Shop::App;\nShop::App->new->run;\n", {"srv/lib/Shop/App.pm": "package Shop::App;\nuse v5.36;\nuse parent 'Shop::Base';\nsub run ($self) { return $self->name }\n1;\n"}, blame="Shop")
    yield perl("module that does not end true", "use lib '/srv/lib';\nuse Shop;\n", {"srv/lib/Shop.pm": "package Shop;\nsub x { 1 }\n0;\n"}, blame="Shop")
    yield perl("function that is not exported", "use lib '/srv/lib';\nuse Shop qw(start);\n", {"srv/lib/Shop.pm": "package Shop;\nuse Exporter 'import';\nour @EXPORT_OK = qw(run);\nsub run { 1 }\n1;\n"}, blame="start")
    yield perl("newer than this Perl", "use v5.40;\n", blame="")
    yield perl("variable that is not declared", "$total = 1;\n", blame="total")
    yield perl("database by DBI, driver gone", "use DBI;\nmy $d = DBI->connect('dbi:Pg:dbname=x', '', '', {RaiseError => 1});\n", blame="DBD")
    yield perl("extension's own part gone", "use List::Util qw(sum);\nsay sum(1, 2);\n", {LIB + "perl-base/auto/List/Util/Util.so": GONE}, blame="Util.so")
    def ruby(name, text, files=None, **more): return Case("alien languages", "ruby " + name, "ruby2", {"srv/bin/app": Mode("#!/usr/bin/ruby\n" + text + 'puts "READY"\n', 0o755), **(files or {})}, ["/srv/bin/app"], workdir="/srv", seconds=12, **more)
    lib = {"srv/lib/shop.rb": "require_relative 'shop/version'\nmodule Shop\n  autoload :Server, 'shop/server'\n  autoload :Worker, 'shop/worker'\nend\n", "srv/lib/shop/version.rb": "module Shop\n  VERSION = '1'\nend\n", "srv/lib/shop/server.rb": "module Shop\n  class Server\n    def self.start = new\n  end\nend\n"}
    yield ruby("autoload of what is not asked for", "$LOAD_PATH.unshift(File.expand_path('../lib', __dir__))\nrequire 'shop'\nShop::Server.start\n", lib)
    yield ruby("autoload of what is asked for, gone", "$LOAD_PATH.unshift(File.expand_path('../lib', __dir__))\nrequire 'shop'\nShop::Worker.start\n", lib, blame="shop/worker")
    yield ruby("struct and keywords", "Point = Struct.new(:x, :y, keyword_init: true)\nPoint.new(x: 1, y: 2)\ncase { kind: 'a', n: 1 }\nin { kind: 'a', n: Integer => n } then n\nend\n")
    yield ruby("variable demanded by fetch", "url = ENV.fetch('DATABASE_URL')\n", blame="DATABASE_URL")
    yield ruby("variable by fetch with a block", "url = ENV.fetch('DATABASE_URL') { 'sqlite' }\n")
    yield ruby("tasks of a directory", "Dir[File.join(__dir__, '..', 'tasks', '*.rb')].sort.each { |f| require f }\n", {"srv/tasks/a.rb": "require 'gone_client'\n"}, blame="gone_client")
    yield ruby("optparse that demands", "require 'optparse'\nopts = {}\nOptionParser.new { |o| o.on('-p', '--port N', Integer) { |v| opts[:port] = v } }.parse!\nabort 'need --port' unless opts[:port]\n", blame="")
    yield ruby("gem that is not there", "gem 'rails', '~> 7'\nrequire 'rails'\n", blame="rails")
    yield ruby("method of nothing", "config = { 'db' => nil }\nhost = config['db']['host']\n", blame="")
    def lua(name, text, files=None, **more): return Case("alien languages", "lua " + name, "unseen-lua", {"srv/main.lua": text + 'print("READY")\n', **(files or {})}, ["lua", "main.lua"], workdir="/srv", seconds=10, **more)
    yield lua("path made longer", 'package.path = "/srv/lib/?.lua;/srv/lib/?/init.lua;" .. package.path\nlocal shop = require("shop")\nshop.start()\n', {"srv/lib/shop/init.lua": 'local M = {}\nlocal log = require("shop.log")\nfunction M.start() log.info("x") end\nreturn M\n', "srv/lib/shop/log.lua": "return { info = function(m) io.stderr:write(m) end }\n"})
    yield lua("path made longer, part gone", 'package.path = "/srv/lib/?.lua;/srv/lib/?/init.lua;" .. package.path\nlocal shop = require("shop")\nshop.start()\n', {"srv/lib/shop/init.lua": 'local M = {}\nlocal log = require("shop.log")\nfunction M.start() log.info("x") end\nreturn M\n'}, blame="shop.log")
    yield lua("function that its module has not", 'local m = require("m")\nm.run()\n', {"srv/m.lua": "return { start = function() end }\n"}, blame="run")
    yield lua("pcall of what may be gone", 'local ok, json = pcall(require, "cjson")\nif not ok then json = { encode = tostring } end\nprint(json.encode(1))\n')
    yield lua("goto and attributes of 5.4", "local x <const> = 1\nprint(x)\n", blame="")

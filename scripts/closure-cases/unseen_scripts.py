"""Scripts, wrappers and Python programs for the fourth time, written from the issue's text alone."""
import os, py_compile, subprocess

OK = "#!/bin/sh\necho READY\n"
P = "print('READY', flush=True)\n"
SITE = "usr/local/lib/python3.11/dist-packages/"
LIB = "usr/lib/x86_64-linux-gnu/"
bases = {}


def script(name, text, cmd=("/srv/app",), files=None, head="#!/bin/sh\n", **more):
    return Case("unseen scripts", name, "entry", {"srv/app": OK, "entry.sh": Mode(head + text, 0o755), **(files or {})}, ["/entry.sh"], list(cmd), seconds=10, **more)


def bash(name, text, cmd=("/srv/app",), files=None, **more): return script(name, text, cmd, files, "#!/bin/bash\n", **more)


def run(name, entry, files=None, **more): return Case("unseen scripts", name, "entry", {"srv/app": OK, **(files or {})}, list(entry), seconds=10, **more)


def python(name, text, files=None, entry=("python3", "/app/main.py"), base="names", **more):
    return Case("unseen python", name, base, {"app/main.py": text + P, **(files or {})}, list(entry), seconds=10, **more)


def cases():
    yield from scripts()
    yield from wrappers()
    yield from plain()
    yield from web()


def scripts():
    arch = 'case "$(uname -m)" in\n  x86_64|amd64) BIN=/srv/%s-amd64 ;;\n  aarch64) BIN=/srv/app-arm64 ;;\n  *) echo "unknown machine" >&2; exit 1 ;;\nesac\nexec "$BIN" "$@"\n'
    yield script("program by the machine", arch % "app", files={"srv/app-amd64": OK})
    yield script("program by the machine, gone", arch % "app", files={"srv/app-arm64": OK}, blame="/srv/app-amd64")
    common = 'set -eu\n. "$(dirname "$0")/lib/common.sh"\nlog starting\nexec "$@"\n'
    yield script("functions beside the script", common, files={"lib/common.sh": 'log() { printf "%s\\n" "$*"; }\n'})
    yield script("functions beside the script, gone", common, blame="common.sh")
    yield script("functions beside the script, one is gone", common, files={"lib/common.sh": 'info() { printf "%s\\n" "$*"; }\n'}, blame="log")
    yield bash("pipefail and a file that is gone", 'set -euo pipefail\ncat /etc/app.list | sort | head -n 3\nexec "$@"\n', blame="/etc/app.list")
    yield bash("a pipe without pipefail", 'set -eu\ncat /etc/app.list | sort | head -n 3\nexec "$@"\n')
    yield bash("another name for the program", 'exec -a server /srv/app "$@"\n')
    yield bash("another name for the program, gone", 'exec -a server /srv/server "$@"\n', blame="/srv/server")
    yield bash("descriptor of a file that is gone", 'exec 3</etc/app.lock\nexec "$@"\n', blame="/etc/app.lock")
    yield bash("output through tee", 'exec > >(tee -a /tmp/log) 2>&1\nexec "$@"\n')
    yield bash("text of a process", 'source <(echo "RUN=/srv/app")\nexec "$RUN"\n')
    yield script("waits for ever by a program that is gone", 'until gone-nc -z db 5432; do\n  echo waiting\n  sleep 1\ndone\nexec "$@"\n')
    yield script("waits for some time by a program that is gone", 'i=0\nuntil gone-nc -z db 5432; do\n  i=$((i + 1))\n  [ "$i" -lt 3 ] || { echo "gave up" >&2; exit 1; }\n  sleep 0.1\ndone\nexec "$@"\n', blame="")
    yield script("first of two that is there", 'exec "$(command -v gone-node || command -v env)" "$@"\n')
    yield script("first of two, none is there", 'exec "$(command -v gone-node || command -v gone-nodejs)" "$@"\n', blame="")
    yield script("version from a file", 'V=$(cat /srv/VERSION)\nexec /srv/app-$V "$@"\n', files={"srv/VERSION": "1.2\n", "srv/app-1.2": OK})
    yield script("version from a file, program of another", 'V=$(cat /srv/VERSION)\nexec /srv/app-$V "$@"\n', files={"srv/VERSION": "1.3\n", "srv/app-1.2": OK}, blame="/srv/app-1.3")
    long = 'while [ $# -gt 0 ]; do\n  case "$1" in\n    --program=*) PROGRAM="${1#*=}" ;;\n    --debug) set -x ;;\n    --) shift; break ;;\n    *) echo "unknown $1" >&2; exit 2 ;;\n  esac\n  shift\ndone\nexec "${PROGRAM:-/srv/app}" "$@"\n'
    yield script("long options", long, ["--program=/srv/app", "--", "x"])
    yield script("long options, program gone", long, ["--program=/srv/gone", "--", "x"], blame="/srv/gone")
    yield script("long options, one that is none", long, ["--gone"], blame="")
    yield script("must be root", '[ "$(id -u)" -eq 0 ] || { echo "run as root" >&2; exit 1; }\nexec "$@"\n', user="app", blame="")
    yield script("must not be root", 'if [ "$(id -u)" = 0 ]; then echo "do not run as root" >&2; exit 1; fi\nexec "$@"\n', blame="")
    yield script("must not be root, as USER", 'if [ "$(id -u)" = 0 ]; then echo "do not run as root" >&2; exit 1; fi\nexec "$@"\n', user="app")
    yield script("one of two variables", 'set -e\nif [ -z "${DATABASE_URL:-}" ] && [ -z "${DB_HOST:-}" ]; then\n  echo "set DATABASE_URL or DB_HOST" >&2\n  exit 1\nfi\nexec "$@"\n', env=["DB_HOST=x"])
    yield script("renders by a here-document into what is closed", 'set -e\ncat > /etc/app.conf <<EOF\nport=${PORT:-80}\nEOF\nexec "$@"\n', user="app", blame="/etc/app.conf")
    yield script("loop over needed files", 'for f in /etc/a.conf /etc/b.conf; do\n  if [ ! -r "$f" ]; then echo "$f is missing" >&2; exit 78; fi\ndone\nexec "$@"\n', files={"etc/a.conf": "x"}, blame="")
    yield script("loop over needed programs", 'for p in sed awk gone-jq; do\n  command -v "$p" >/dev/null 2>&1 || { echo "$p is missing" >&2; exit 1; }\ndone\nexec "$@"\n', blame="gone-jq")
    yield script("loop over needed programs, all there", 'for p in sed awk grep; do\n  command -v "$p" >/dev/null 2>&1 || { echo "$p is missing" >&2; exit 1; }\ndone\nexec "$@"\n')
    yield script("falls back to the shell", 'if [ "$#" -eq 0 ]; then set -- sh -c "echo READY"; fi\nexec "$@"\n', [])
    yield script("trap and wait", 'trap "kill -TERM $PID" TERM\n"$@" &\nPID=$!\nwait "$PID"\n')
    yield script("trap and wait, gone", '"$@" &\nPID=$!\nwait "$PID"\n', ["/srv/gone"], blame="/srv/gone")
    yield script("python inside", 'set -e\npython3 - <<EOF\nimport json\nprint(json.dumps({}))\nEOF\nexec "$@"\n')
    yield script("python inside, its module gone", 'set -e\npython3 - <<EOF\nimport gone_module\nEOF\nexec "$@"\n', blame="gone_module")
    yield script("python -c inside, its module gone", 'set -e\nPORT=$(python3 -c "import gone_yaml; print(80)")\nexec "$@"\n', blame="gone_yaml")
    yield script("chain of three scripts", 'exec /opt/a.sh "$@"\n', files={"opt/a.sh": Mode('#!/bin/bash\nexec /opt/b.sh "$@"\n', 0o755), "opt/b.sh": Mode('#!/bin/sh\nexec "$@"\n', 0o755)})
    yield script("chain of three scripts, the last is not executable", 'exec /opt/a.sh "$@"\n', files={"opt/a.sh": Mode('#!/bin/bash\nexec /opt/b.sh "$@"\n', 0o755), "opt/b.sh": Mode('#!/bin/sh\nexec "$@"\n', 0o644)}, blame="/opt/b.sh")


def wrappers():
    yield run("env in another directory", ["env", "-C", "/srv", "./app"])
    yield run("env in a directory that is gone", ["env", "-C", "/opt/gone", "./app"], blame="/opt/gone")
    yield run("env without all", ["env", "-i", "/srv/app"])
    yield run("env that takes PATH away", ["env", "-u", "PATH", "PATH=/opt", "app"], blame="app")
    yield run("flock", ["flock", "/tmp/lock", "/srv/app"])
    yield run("flock in a directory that is gone", ["flock", "/run/none/lock", "/srv/app"], blame="/run/none")
    yield run("prlimit", ["prlimit", "--nofile=512", "/srv/app"])
    yield run("prlimit, gone", ["prlimit", "--nofile=512", "/srv/gone"], blame="/srv/gone")
    yield run("setarch", ["setarch", "x86_64", "-R", "/srv/gone"], blame="/srv/gone")
    yield run("perl that starts another", ["perl", "-e", "exec @ARGV or die", "/srv/gone"], blame="/srv/gone")
    yield run("python that starts another", ["python3", "-c", "import os, sys; os.execvp(sys.argv[1], sys.argv[1:])", "/srv/gone"], blame="/srv/gone")
    yield run("python's server of files", ["python3", "-m", "http.server", "8000"])
    yield run("python's server of files, directory gone", ["python3", "-m", "http.server", "-d", "/srv/www", "8000"])
    yield run("tini with an account and a shell", ["tini", "-g", "--", "gosu", "app", "sh", "-ec", "cd /srv; exec ./gone"], blame="gone")
    yield run("runuser with a login, home gone", ["runuser", "-l", "app", "-c", "/srv/app"])
    yield run("gosu and a home that is closed", ["gosu", "app", "sh", "-c", "cd /root && ./app"], blame="/root")
    yield run("sh -c of several lines", ["sh", "-c", "set -e\ncd /srv\n./app\n"])
    yield run("sh -c of several lines, gone", ["sh", "-c", "set -e\ncd /srv\n./gone\n"], blame="gone")
    yield run("script by its interpreter, not executable", ["bash", "/srv/run"], {"srv/run": "#!/bin/bash\nexec /srv/app\n"})
    yield run("script whose interpreter is a link into a closed home", ["/srv/run"], {"srv/run": Mode("#!/usr/local/bin/mysh\n", 0o755), "usr/local/bin/mysh": Link("/root/bin/mysh"), "root/bin/mysh": Mode(Host("/usr/bin/dash"), 0o755)}, user="app", blame="")
    yield run("word for the shell in an exec form", ["/srv/app", "||", "true"])
    yield run("several words in one", ["sh -c /srv/app"], blame="sh -c /srv/app")


def plain():
    entry = SITE + "tool-1.0.dist-info/"
    points = {entry + "METADATA": "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n", entry + "entry_points.txt": "[app.plugins]\nred = tool.red:Plugin\n", SITE + "tool/__init__.py": ""}
    load = "from importlib.metadata import entry_points\nfor point in entry_points(group='app.plugins'):\n    point.load()\n"
    yield python("plugins by entry points", load, {**points, SITE + "tool/red.py": "class Plugin: pass\n"})
    yield python("plugins by entry points, module gone", load, points, blame="tool.red")
    yield python("plugins by entry points, name gone", load, {**points, SITE + "tool/red.py": ""}, blame="Plugin")
    yield python("plugins by entry points, not loaded", load.replace("point.load()", "print(point.name)"), points)
    yield python("version made by the build is gone", "import pkg\n", {"app/pkg/__init__.py": "from ._version import version\n"}, blame="_version")
    yield python("version made by the build may be gone", "import pkg\n", {"app/pkg/__init__.py": "try:\n    from ._version import version\nexcept ImportError:\n    version = 'unknown'\n"})
    os.makedirs(f"{work}/unseen-pyc", exist_ok=True)
    path = f"{work}/unseen-pyc/near.pyc"
    if not os.path.exists(path):
        with open(path[:-1], "w") as file: file.write("import json\ndef run():\n    return 1\n")
        py_compile.compile(path[:-1], cfile=path)
    yield python("module without its source", "import near\nnear.run()\n", {"app/near.pyc": Host(path)})
    yield python("extension with a short name", "import far\n", {SITE + "far.so": Mode("x", 0o755)}, blame="far")
    yield python("relative PYTHONPATH", "import near\n", {"srv/src/near.py": ""}, env=["PYTHONPATH=src"], workdir="/srv")
    yield python("relative PYTHONPATH, another WORKDIR", "import near\n", {"srv/src/near.py": ""}, env=["PYTHONPATH=src"], workdir="/app", blame="near")
    yield python("addsitedir", "import site\nsite.addsitedir('/opt/deps')\nimport near\n", {"opt/deps/x.pth": "/opt/more\n", "opt/more/near.py": ""})
    yield python("extend_path", "import ns.a, ns.b\n", {"app/ns/__init__.py": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n", "app/ns/a.py": "", SITE + "ns/__init__.py": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n", SITE + "ns/b.py": ""})
    yield python("own module hides one that the library needs", "import urllib.request\n", {"app/email.py": "def send(): pass\n"}, blame="email")
    yield python("own module hides one that nobody needs", "import json\n", {"app/calendar.py": "x = 1\n"})
    yield python("curses without its library", "import curses\n", {LIB + "libncursesw.so.6": GONE}, blame="libncursesw.so.6")
    yield python("database of GNU that Debian packs apart", "import dbm.gnu\n", blame="_gdbm")
    yield python("any database", "import dbm\nwith dbm.open('/tmp/x', 'c') as d:\n    d['a'] = 'b'\n")
    yield python("bytes of another encoding", "", {"app/near.py": b"name = '\xe9'\n", "app/main.py": "import near\n" + P}, blame="near.py")
    yield python("another encoding, declared", "", {"app/near.py": b"# -*- coding: latin-1 -*-\nname = '\xe9'\n", "app/main.py": "import near\n" + P})
    yield python("class from a dotted name in settings", "import importlib\nBACKEND = 'backends.redis.Cache'\nmodule, _, name = BACKEND.rpartition('.')\ngetattr(importlib.import_module(module), name)\n", {"app/backends/__init__.py": "", "app/backends/redis.py": "class Cache: pass\n"})
    yield python("class from a dotted name in settings, gone", "import importlib\nBACKEND = 'backends.redis.Cache'\nmodule, _, name = BACKEND.rpartition('.')\ngetattr(importlib.import_module(module), name)\n", {"app/backends/__init__.py": ""}, blame="backends.redis")
    yield python("registry by a decorator", "import plugins\n", {"app/plugins/__init__.py": "REGISTRY = {}\ndef register(name):\n    def wrap(cls):\n        REGISTRY[name] = cls\n        return cls\n    return wrap\nfrom . import red, blue\n", "app/plugins/red.py": "from . import register\n@register('red')\nclass Red: pass\n", "app/plugins/blue.py": "import gone_driver\n"}, blame="gone_driver")
    yield python("only for a debugger", "import os\nif os.environ.get('DEBUG') == '1':\n    import debugpy_gone\n    debugpy_gone.listen(5678)\n")
    yield python("only for a debugger, asked for", "import os\nif os.environ.get('DEBUG') == '1':\n    import debugpy_gone\n    debugpy_gone.listen(5678)\n", env=["DEBUG=1"], blame="debugpy_gone")
    yield python("faster one if it is there", "try:\n    import orjson_gone as json\nexcept ModuleNotFoundError:\n    import json\njson.dumps({})\n")
    yield python("package as a zipped egg", "import tool\n", {SITE + "easy-install.pth": "./tool-1.0-py3.11.egg\n"}, blame="tool")
    yield python("wheel's script of another interpreter", "", {"usr/local/bin/tool": Mode("#!/opt/venv/bin/python\nprint('READY')\n", 0o755), "opt/venv/bin/python": Link("/usr/local/bin/python3.11")}, ["tool"], blame="python")
    yield python("path of the program's directory by a link", "import near\n", {"opt/app/near.py": "", "opt/app/start.py": "import near\n" + P, "usr/local/bin/start": Link("/opt/app/start.py")}, ["python3", "/usr/local/bin/start"])
    yield python("subprocess of its own interpreter", "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'gone_tool'], check=True)\n", blame="gone_tool")
    yield python("subprocess that is checked", "import subprocess\nsubprocess.check_call(['/srv/tool'])\n", {"srv/tool": "#!/bin/sh\nexit 0\n"})
    yield python("subprocess that is checked, gone", "import subprocess\nsubprocess.check_output(['gone-tool', '--version'])\n", blame="gone-tool")
    yield python("dataclass from a library that is gone", "from attr_gone import define\n@define\nclass A:\n    x: int\n", blame="attr_gone")
    yield python("settings of yaml", "import json, pathlib\nCONFIG = json.loads((pathlib.Path.cwd() / 'settings.json').read_text())\n", {"app/settings.json": "{}"}, workdir="/srv", blame="settings.json")
    yield python("settings of the working directory", "import json, pathlib\nCONFIG = json.loads((pathlib.Path.cwd() / 'settings.json').read_text())\n", {"app/settings.json": "{}"}, workdir="/app")


def web():
    def at(name, entry, files, **more): return Case("unseen python", name, "web", files, list(entry), workdir="/srv", seconds=12, **more)
    serve = ["gunicorn", "-b", "127.0.0.1:8000"]
    flask = {"srv/shop/__init__.py": "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    from .views import bp\n    app.register_blueprint(bp)\n    return app\n", "srv/wsgi.py": "from shop import create_app\napp = create_app()\n"}
    views = {"srv/shop/views.py": "from flask import Blueprint\nbp = Blueprint('views', __name__)\n@bp.route('/')\ndef index():\n    return 'x'\n"}
    yield at("blueprint", [*serve, "wsgi:app"], {**flask, **views})
    yield at("blueprint gone", [*serve, "wsgi:app"], flask, blame="views")
    yield at("configuration of gunicorn by itself", [*serve, "wsgi:app"], {**flask, **views, "srv/gunicorn.conf.py": "workers = 1\n"})
    yield at("configuration of gunicorn by itself needs what is gone", [*serve, "wsgi:app"], {**flask, **views, "srv/gunicorn.conf.py": "import gone_hooks\nworkers = 1\n"}, blame="gone_hooks")
    yield at("flask by a file's name", ["flask", "run"], {**flask, **views}, env=["FLASK_APP=wsgi.py"])
    yield at("flask by a file's name, gone", ["flask", "--app", "server.py", "run"], {**flask, **views}, blame="server")
    django = {"srv/manage.py": "import os, sys\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site2.settings')\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n", "srv/site2/__init__.py": "", "srv/site2/urls.py": "urlpatterns = []\n", "srv/site2/wsgi.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site2.settings')\nfrom django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
              "srv/site2/settings.py": "SECRET_KEY = 'x'\nROOT_URLCONF = 'site2.urls'\nINSTALLED_APPS = ['store.apps.StoreConfig']\nMIDDLEWARE = ['site2.middleware.Trace']\nALLOWED_HOSTS = ['*']\nUSE_TZ = True\n", "srv/store/__init__.py": "", "srv/store/apps.py": "from django.apps import AppConfig\nclass StoreConfig(AppConfig):\n    name = 'store'\n", "srv/site2/middleware.py": "def Trace(get_response):\n    return get_response\n"}
    yield at("django", [*serve, "site2.wsgi"], django)
    yield at("django, configuration of an app gone", ["python3", "manage.py", "check"], {k: v for k, v in django.items() if "apps.py" not in k}, blame="store.apps")
    yield at("django, middleware gone", [*serve, "site2.wsgi"], {k: v for k, v in django.items() if "middleware" not in k}, blame="site2.middleware")
    yield at("django, models need what is gone", ["python3", "manage.py", "check"], {**django, "srv/store/models.py": "from gone_fields import Field\n"}, blame="gone_fields")
    yield at("django, command that is none", ["python3", "manage.py", "gone_command"], django, blame="gone_command")
    yield at("django, settings need a variable", [*serve, "site2.wsgi"], {**django, "srv/site2/settings.py": "import os\nSECRET_KEY = os.environ['SECRET_KEY']\n"}, blame="SECRET_KEY")
    api = {"srv/api/__init__.py": "", "srv/api/main.py": "from fastapi import FastAPI\nfrom api.routers import users\napp = FastAPI()\napp.include_router(users.router)\n", "srv/api/routers/__init__.py": "", "srv/api/routers/users.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/')\nasync def index():\n    return []\n"}
    yield at("routers", ["uvicorn", "api.main:app"], api)
    yield at("router gone", ["uvicorn", "api.main:app"], {k: v for k, v in api.items() if "users" not in k}, blame="users")
    yield at("router needs a part that is not installed", ["uvicorn", "api.main:app"], {**api, "srv/api/routers/users.py": "from fastapi import APIRouter, Form\nrouter = APIRouter()\n@router.post('/')\nasync def index(name: str = Form(...)):\n    return []\n"}, blame="multipart")

"""Programs for the sixth time: shapes of real projects, written before anything of them was tried."""
import io, json, os, subprocess, zipfile

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
    yield from places()
    yield from scripts()
    yield from python()
    yield from node()
    yield from java()
    yield from languages()


def made(name, source, *options):
    path = f"{work}/stranger-{name}"
    if not os.path.exists(path):
        with open(path + ".c", "w") as file: file.write(source)
        subprocess.run(["gcc", "-o", path, path + ".c", *options], check=True)
    return path


def native():
    def case(name, entry, files=None, base="unseen-tools", **more): return Case("stranger native", name, base, files or {}, list(entry), seconds=10, **more)
    yield case("jq over a file of the image", ["jq", ".port", "/etc/app.json"], {"etc/app.json": "{\"port\": 1}"})
    yield case("jq without its expressions", ["jq", "-n", "1"], {LIB + "libonig.so.5": GONE, LIB + "libonig.so.5.3.0": GONE}, blame="libonig.so.5")
    yield case("curl without what it compresses by", ["curl", "--version"], {LIB + "libbrotlicommon.so.1": GONE}, blame="libbrotlicommon.so.1")
    yield case("ssh client", ["ssh", "-V"])
    yield case("zsh without its module", ["zsh", "-f", "-c", "zmodload zsh/datetime && echo READY"], {"usr/lib/x86_64-linux-gnu/zsh": GONE}, blame="")
    yield case("tmux without terminfo", ["tmux", "-V"], {LIB + "libtinfo.so.6": GONE, LIB + "libtinfo.so.6.4": GONE}, blame="libtinfo.so.6")
    run = made("plain", "#include <stdio.h>\nint main(void) { puts(\"READY\"); return 0; }\n")
    lib = made("libinner.so.2", "int inner(void) { return 1; }\n", "-shared", "-fPIC", "-Wl,-soname,libinner.so.2")
    outer = made("libouter.so.2", "int inner(void); int outer(void) { return inner(); }\n", "-shared", "-fPIC", "-Wl,-soname,libouter.so.2", "-L" + work, "-l:stranger-libinner.so.2", "-Wl,-rpath,$ORIGIN/deep")
    user = made("user", "#include <stdio.h>\nint outer(void); int main(void) { if (outer()) puts(\"READY\"); return 0; }\n", "-L" + work, "-l:stranger-libouter.so.2", "-Wl,-rpath-link," + work, "-Wl,-rpath,$ORIGIN/../lib", "-Wl,--allow-shlib-undefined")
    whole = {"opt/p/bin/run": Host(user), "opt/p/lib/libouter.so.2": Host(outer), "opt/p/lib/deep/libinner.so.2": Host(lib)}
    yield case("own libraries, each with its own RUNPATH", ["/opt/p/bin/run"], whole)
    yield case("own libraries, the inner beside the outer", ["/opt/p/bin/run"], {**{k: v for k, v in whole.items() if "deep" not in k}, "opt/p/lib/libinner.so.2": Host(lib)}, blame="libinner.so.2")
    yield case("started by a link in /usr/local/bin", ["run"], {**whole, "usr/local/bin/run": Link("/opt/p/bin/run")})
    yield case("copied alone to /usr/local/bin", ["run"], {"usr/local/bin/run": Host(user)}, blame="libouter.so.2")
    yield case("program without a bit of execution", ["/app/run"], {"app/run": Mode(Host(run), 0o644)}, blame="/app/run")
    yield case("cut in the middle", ["/app/run"], {"app/run": Mode(open(run, "rb").read()[:3000], 0o755)}, blame="/app/run")


def places():
    def case(name, entry, files=None, base="names", **more): return Case("stranger places", name, base, files or {}, list(entry), seconds=10, **more)
    server = "import os, pathlib\npathlib.Path('/var/lib/app').joinpath('db').write_text('x')\n" + P
    yield case("writes its state as root's", ["python3", "/srv/a.py"], {"srv/a.py": server, "var/lib/app": DIRECTORY}, user="app", blame="/var/lib/app")
    yield case("writes its state as its own", ["python3", "/srv/a.py"], {"srv/a.py": server, "var/lib/app": Mode(None, 0o755, 1000)}, user="app")
    yield case("WORKDIR of another's home", ["./run"], {"home/other": Mode(None, 0o700, 2000), "home/other/run": OK}, user="app", workdir="/home/other", blame="/home/other")
    yield case("USER by a name that is nobody's", ["/srv/run"], {"srv/run": OK}, user="appuser", blame="appuser")
    yield case("USER and group by numbers", ["/srv/run"], {"srv/run": Mode(OK, 0o750, 0)}, user="1234:0")
    yield case("script readable by its owner alone", ["/srv/run"], {"srv/run": Mode(OK, 0o711)}, user="app", blame="/srv/run")
    yield case("program behind a volume of its directory", ["/data/run"], {"data/run": OK}, volumes=("/data",))
    yield case("USER with a group that is nobody's", ["/srv/run"], {"srv/run": OK}, user="app:deploy", blame="deploy")
    yield case("openssl without its settings", ["openssl", "version"], {"etc/ssl/openssl.cnf": GONE, "usr/lib/ssl": GONE})
    yield case("zone by the environment alone", ["date"], {"usr/share/zoneinfo": GONE}, env=["TZ=Europe/Berlin"])
    yield case("log directory of a link to nowhere", ["sh", "-c", "set -e; echo a > /var/log/app/x.log; echo READY"], {"var/log/app": Link("/data/log")}, blame="/var/log/app")
    yield case("link of the log to the output", ["sh", "-c", "set -e; echo READY > /var/log/app.log"], {"var/log/app.log": Link("/dev/stdout")})


def scripts():
    def script(name, text, cmd=("/srv/app",), files=None, head="#!/bin/sh\n", **more):
        return Case("stranger scripts", name, "entry", {"srv/app": OK, "usr/local/bin/docker-entrypoint.sh": Mode(head + text, 0o755), **(files or {})}, ["docker-entrypoint.sh"], list(cmd), seconds=10, **more)
    database = 'set -Eeo pipefail\nfile_env() {\n\tlocal var="$1"\n\tlocal fileVar="${var}_FILE"\n\tlocal def="${2:-}"\n\tif [ "${!var:-}" ] && [ "${!fileVar:-}" ]; then\n\t\tprintf >&2 "both %s and %s are set\\n" "$var" "$fileVar"\n\t\texit 1\n\tfi\n\tlocal val="$def"\n\tif [ "${!var:-}" ]; then\n\t\tval="${!var}"\n\telif [ "${!fileVar:-}" ]; then\n\t\tval="$(< "${!fileVar}")"\n\tfi\n\texport "$var"="$val"\n\tunset "$fileVar"\n}\nfile_env DB_PASSWORD\nif [ -z "$DB_PASSWORD" ]; then\n\techo >&2 "error: DB_PASSWORD is not set"\n\texit 1\nfi\nexec "$@"\n'
    yield script("database, no password", database, head="#!/usr/bin/env bash\n", blame="DB_PASSWORD")
    yield script("database, password", database, head="#!/usr/bin/env bash\n", env=["DB_PASSWORD=x"])
    yield script("database, password's file gone", database, head="#!/usr/bin/env bash\n", env=["DB_PASSWORD_FILE=/run/secrets/db"], blame="/run/secrets/db")
    flags = 'set -e\nif [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then\n\tset -- server-prog "$@"\nfi\nif [ "$1" = "server-prog" ] && [ "$(id -u)" = "0" ]; then\n\tfind . \\! -user app -exec chown app {} +\n\texec gosu app "$0" "$@"\nfi\nexec "$@"\n'
    yield script("options alone, server there", flags, ["--port", "1"], {"usr/local/bin/server-prog": OK}, workdir="/srv")
    yield script("options alone, server gone", flags, ["--port", "1"], workdir="/srv", blame="server-prog")
    yield script("templates of a directory", 'set -eu\nfor t in /etc/templates/*.tmpl; do\n  [ -e "$t" ] || continue\n  envsubst < "$t" > "/etc/app/$(basename "${t%.tmpl}")"\ndone\nexec "$@"\n', files={"etc/templates/a.conf.tmpl": "port ${PORT}\n", "etc/app": DIRECTORY})
    yield script("templates of a directory, nowhere to write", 'set -eu\nfor t in /etc/templates/*.tmpl; do\n  [ -e "$t" ] || continue\n  envsubst < "$t" > "/etc/app/$(basename "${t%.tmpl}")"\ndone\nexec "$@"\n', files={"etc/templates/a.conf.tmpl": "port ${PORT}\n"}, blame="/etc/app")
    yield script("hooks that may fail", 'for f in /docker-entrypoint.d/*; do\n  case "$f" in\n    *.sh) if [ -x "$f" ]; then "$f"; else . "$f"; fi ;;\n    *) echo "ignoring $f" ;;\n  esac\ndone\nexec "$@"\n', files={"docker-entrypoint.d/10-a.sh": Mode("#!/bin/sh\nexit 3\n", 0o755), "docker-entrypoint.d/README": "x"})
    yield script("hooks, sourced one ends", 'for f in /docker-entrypoint.d/*; do\n  case "$f" in\n    *.sh) if [ -x "$f" ]; then "$f"; else . "$f"; fi ;;\n  esac\ndone\nexec "$@"\n', files={"docker-entrypoint.d/10-a.sh": Mode("echo no >&2\nexit 3\n", 0o644)}, blame="10-a.sh")
    yield script("choice by the first argument", 'case "$1" in\n  serve) shift; exec python3 -m http.server --help "$@" ;;\n  migrate) exec python3 /srv/migrate.py ;;\n  shell|bash) exec bash ;;\n  *) exec "$@" ;;\nesac\n', ["migrate"], blame="/srv/migrate.py")
    yield script("choice by the first argument, another", 'case "$1" in\n  serve) shift; exec python3 /srv/serve.py "$@" ;;\n  migrate) exec python3 /srv/migrate.py ;;\n  *) exec "$@" ;;\nesac\n', ["serve"], {"srv/serve.py": P})
    yield script("memory by the control group", 'set -e\nLIMIT=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)\nif [ "$LIMIT" = max ]; then OPTS="-s"; else OPTS="-m $LIMIT"; fi\nexport OPTS\nexec "$@"\n')
    yield script("certificates that may be there", 'set -e\nif ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then\n  update-ca-certificates\nfi\nexec "$@"\n')
    yield script("certificates that are there, their tool is not", 'set -e\nif ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then\n  update-ca-certificates\nfi\nexec "$@"\n', files={"usr/local/share/ca-certificates/a.crt": "x"}, blame="update-ca-certificates")
    yield script("waits with a limit", 'i=0\nuntil [ -f /srv/ready ]; do\n  i=$((i+1))\n  [ $i -gt 2 ] && { echo "not ready" >&2; exit 1; }\n  sleep 0.1\ndone\nexec "$@"\n', blame="")
    yield script("waits with a limit, there", 'i=0\nuntil [ -f /srv/ready ]; do\n  i=$((i+1))\n  [ $i -gt 2 ] && { echo "not ready" >&2; exit 1; }\n  sleep 0.1\ndone\nexec "$@"\n', files={"srv/ready": ""})
    yield script("options of getopts", 'while getopts "c:v" o; do\n  case $o in\n    c) CONF=$OPTARG ;;\n    v) set -x ;;\n    *) exit 2 ;;\n  esac\ndone\nshift $((OPTIND - 1))\n[ -r "$CONF" ] || { echo "no $CONF" >&2; exit 1; }\nexec "$@"\n', ["-c", "/etc/app.conf", "/srv/app"], blame="/etc/app.conf")
    yield script("options of getopts, there", 'while getopts "c:v" o; do\n  case $o in\n    c) CONF=$OPTARG ;;\n    v) set -x ;;\n    *) exit 2 ;;\n  esac\ndone\nshift $((OPTIND - 1))\n[ -r "$CONF" ] || { echo "no $CONF" >&2; exit 1; }\nexec "$@"\n', ["-c", "/etc/app.conf", "/srv/app"], {"etc/app.conf": ""})
    yield script("first run is marked", 'set -e\nif [ ! -f /srv/.initialized ]; then\n  /srv/setup --quiet\n  touch /srv/.initialized\nfi\nexec "$@"\n', blame="/srv/setup")
    yield script("one of two commands goes on in front", '/srv/worker &\nexec /srv/app\n', files={"srv/worker": OK})


def python():
    def source(name, text, files=None, entry=("python3", "/app/main.py"), base="names", **more):
        return Case("stranger python", name, base, {"app/main.py": text + P, **(files or {})}, list(entry), seconds=20, workdir=more.pop("workdir", "/app"), **more)
    pkg = {"app/shop/__init__.py": "from .config import Config\n\ndef create_app(name='prod'):\n    from .db import connect\n    from .views import blueprint\n    return Config(name), connect, blueprint\n",
           "app/shop/config.py": "import os\n\nclass Config:\n    def __init__(self, name):\n        self.debug = os.environ.get('DEBUG', '') == '1'\n        self.name = name\n", "app/shop/db.py": "import sqlite3\n\ndef connect(path=':memory:'):\n    return sqlite3.connect(path)\n",
           "app/shop/views.py": "from dataclasses import dataclass\nfrom .models import Item\n\n@dataclass\nclass Blueprint:\n    item: Item\n\nblueprint = Blueprint(Item('a'))\n", "app/shop/models.py": "class Item:\n    def __init__(self, name):\n        self.name = name\n"}
    yield source("factory of a package", "from shop import create_app\napp = create_app()\n", pkg)
    yield source("factory of a package, models not copied", "from shop import create_app\napp = create_app()\n", {k: v for k, v in pkg.items() if "models" not in k}, blame="shop.models")
    yield source("factory of a package, class renamed", "from shop import create_app\napp = create_app()\n", {**pkg, "app/shop/models.py": "class Product:\n    def __init__(self, name):\n        self.name = name\n"}, blame="Item")
    cli = "import argparse, sys\n\ndef serve(args):\n    import serve_impl\n\ndef check(args):\n    return 0\n\ndef main(argv=None):\n    parser = argparse.ArgumentParser()\n    sub = parser.add_subparsers(dest='command', required=True)\n    s = sub.add_parser('serve')\n    s.set_defaults(func=serve)\n    c = sub.add_parser('check')\n    c.set_defaults(func=check)\n    args = parser.parse_args(argv)\n    return args.func(args)\n\nif __name__ == '__main__':\n    code = main()\n    if not code:\n        print('READY')\n    sys.exit(code)\n"
    def command(name, text, cmd, files=None, **more): return Case("stranger python", name, "names", {"app/main.py": text, **(files or {})}, ["python3", "main.py"], cmd, seconds=20, workdir="/app", **more)
    yield command("subcommand that is fine", cli, ["check"])
    yield command("subcommand without its module", cli, ["serve"], blame="serve_impl")
    yield command("subcommand that is demanded", cli, [], blame="")
    option = "import argparse, json\nparser = argparse.ArgumentParser()\nparser.add_argument('--config', default='/etc/shop/config.json')\nargs = parser.parse_args()\nwith open(args.config) as f:\n    config = json.load(f)\nprint('READY')\n"
    yield command("file by an option's default, gone", option, [], blame="/etc/shop/config.json")
    yield command("file by an option", option, ["--config", "c.json"], {"app/c.json": "{}"})
    yield source("logging by a file of INI", "import logging.config, os\nlogging.config.fileConfig(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'logging.ini'))\n", blame="logging.ini")
    yield source("settings of TOML beside", "import tomllib, pathlib\nsettings = tomllib.loads((pathlib.Path(__file__).parent / 'settings.toml').read_text())\n", {"app/settings.toml": "a = 1\n"})
    yield source("uvloop where it is there", "import asyncio\ntry:\n    import uvloop\n    uvloop.install()\nexcept ImportError:\n    pass\nasync def main():\n    import handlers\nasyncio.run(main())\n", {"app/handlers.py": ""})
    yield source("coroutine without its module", "import asyncio\nasync def main():\n    import handlers\n    await asyncio.sleep(0)\nif __name__ == '__main__':\n    asyncio.run(main())\n", blame="handlers")
    yield source("registry filled by a decorator", "from registry import HANDLERS\nimport handlers\nHANDLERS['echo']()\n", {"app/registry.py": "HANDLERS = {}\ndef register(name):\n    def wrap(f):\n        HANDLERS[name] = f\n        return f\n    return wrap\n", "app/handlers.py": "from registry import register\n@register('echo')\ndef echo():\n    pass\n"})
    yield source("levels of a class that nobody has", "from enum import Enum\nfrom base.types import Level\nDEFAULT = Level.INFO\n", {"app/base/__init__.py": "", "app/base/types.py": "from enum import Enum\nclass Level(Enum):\n    DEBUG = 1\n    WARN = 2\n"}, blame="INFO")
    yield source("dataclass settings by the environment", "import os\nfrom dataclasses import dataclass, field\n@dataclass\nclass Settings:\n    url: str = field(default_factory=lambda: os.environ['DATABASE_URL'])\nsettings = Settings()\n", blame="DATABASE_URL")
    yield source("settings by the environment, late", "import os\nfrom functools import lru_cache\n@lru_cache\ndef settings():\n    return os.environ['DATABASE_URL']\n")
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as z:
        z.writestr("__main__.py", "import tool.run\nprint('READY')\n"); z.writestr("tool/__init__.py", ""); z.writestr("tool/run.py", "import json\n")
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as z:
        z.writestr("__main__.py", "import tool.run\nprint('READY')\n"); z.writestr("tool/__init__.py", ""); z.writestr("tool/run.py", "import gone_dep\n")
    yield source("archive as a program", "", {"app/tool.pyz": zipped.getvalue()}, ["python3", "tool.pyz"])
    yield source("archive as a program, a dependency gone", "", {"app/tool.pyz": broken.getvalue()}, ["python3", "tool.pyz"], blame="gone_dep")
    flask = "from flask import Flask, jsonify\nfrom werkzeug.middleware.proxy_fix import ProxyFix\n\ndef create_app():\n    app = Flask(__name__)\n    app.wsgi_app = ProxyFix(app.wsgi_app)\n    from api import bp\n    app.register_blueprint(bp)\n    return app\n\napp = create_app()\n"
    def web(name, files, entry, **more): return Case("stranger python", name, "web", files, entry, seconds=20, workdir="/app", **more)
    yield web("gunicorn with settings, blueprint gone", {"app/wsgi.py": flask, "app/gunicorn.conf.py": "bind = '127.0.0.1:8000'\nworkers = 1\n"}, ["gunicorn", "--check-config", "-c", "gunicorn.conf.py", "wsgi:app"], blame="api")
    yield web("gunicorn with settings", {"app/wsgi.py": flask, "app/api.py": "from flask import Blueprint\nbp = Blueprint('api', __name__)\n", "app/gunicorn.conf.py": "bind = '127.0.0.1:8000'\nworkers = 1\n"}, ["gunicorn", "--check-config", "-c", "gunicorn.conf.py", "wsgi:app"])
    yield web("gunicorn with settings that import", {"app/wsgi.py": "app = 1\n", "app/gunicorn.conf.py": "from prometheus_client import multiprocess\nbind = '127.0.0.1:8000'\n"}, ["gunicorn", "--check-config", "-c", "gunicorn.conf.py", "wsgi:app"], blame="prometheus_client")


def node():
    def case(name, text, files=None, entry=("node", "server.js"), base="node", **more):
        return Case("stranger node", name, base, {k: json.dumps(v) if isinstance(v, dict) else v for k, v in {"app/server.js": text + J, **(files or {})}.items()}, list(entry), workdir=more.pop("workdir", "/app"), seconds=10, **more)
    def package(name, **content): return {M + name + "/package.json": {"name": name, "version": "1.0.0", "main": "index.js"}, **{M + name + "/" + k.replace("__", "/") + ".js": v for k, v in content.items()}}
    config = "const path = require('path');\nconst fs = require('fs');\nconst env = process.env.NODE_ENV || 'development';\nconst config = JSON.parse(fs.readFileSync(path.join(__dirname, 'config', `${env}.json`), 'utf8'));\n"
    yield case("configuration by NODE_ENV", config, {"app/config/production.json": {"a": 1}}, env=["NODE_ENV=production"])
    yield case("configuration by NODE_ENV, not copied", config, {"app/config/production.json": {"a": 1}}, blame="development.json")
    yield case("layers of a service", "const { createServer } = require('./src/server');\nconst server = createServer();\n", {"app/src/server.js": "const http = require('http');\nconst router = require('./router');\nfunction createServer() {\n  return http.createServer(router);\n}\nmodule.exports = { createServer };\n", "app/src/router.js": "const handlers = require('./handlers');\nmodule.exports = (req, res) => handlers.index(req, res);\n", "app/src/handlers/index.js": "exports.index = (q, r) => r.end();\n"})
    yield case("layers of a service, handlers' entry gone", "const { createServer } = require('./src/server');\nconst server = createServer();\n", {"app/src/server.js": "const http = require('http');\nconst router = require('./router');\nfunction createServer() {\n  return http.createServer(router);\n}\nmodule.exports = { createServer };\n", "app/src/router.js": "const handlers = require('./handlers');\nmodule.exports = (req, res) => handlers.index(req, res);\n", "app/src/handlers/main.js": "exports.index = (q, r) => r.end();\n"}, blame="./handlers")
    yield case("optional logger", "let log;\ntry {\n  log = require('pino')();\n} catch {\n  log = console;\n}\nlog.info('up');\n")
    yield case("dependency of a dependency pruned", "const a = require('lib-a');\na();\n", package("lib-a", index="const { deep } = require('lib-b');\nmodule.exports = () => deep();\n"), blame="lib-b")
    yield case("dependency of a dependency inside of it", "const a = require('lib-a');\na();\n", {**package("lib-a", index="const { deep } = require('lib-b');\nmodule.exports = () => deep();\n"), M + "lib-a/node_modules/lib-b/index.js": "exports.deep = () => 1;\n"})
    yield case("function that a dependency has no more", "const { deep } = require('lib-b');\ndeep();\n", package("lib-b", index="exports.deeper = () => 1;\n"), blame="deep")
    yield case("ESM with a wrong name", "import { start } from './lib/start.js';\nawait start();\n", {"app/package.json": {"type": "module"}, "app/lib/start.js": "export async function run() {}\n"}, blame="start")
    yield case("ESM of a directory", "import './lib';\n", {"app/package.json": {"type": "module"}, "app/lib/index.js": ""}, blame="lib")
    yield case("ESM with import.meta.url and a file", "import { readFileSync } from 'node:fs';\nimport { fileURLToPath } from 'node:url';\nimport { dirname, join } from 'node:path';\nconst here = dirname(fileURLToPath(import.meta.url));\nreadFileSync(join(here, 'schema.graphql'));\n", {"app/package.json": {"type": "module"}}, blame="schema.graphql")
    yield case("ESM with new URL and a file", "import { readFileSync } from 'node:fs';\nconst schema = readFileSync(new URL('./schema.graphql', import.meta.url));\n", {"app/package.json": {"type": "module"}, "app/schema.graphql": "x"})
    yield case("ESM with new URL and a file, gone", "import { readFileSync } from 'node:fs';\nconst schema = readFileSync(new URL('./schema.graphql', import.meta.url));\n", {"app/package.json": {"type": "module"}}, blame="schema.graphql")
    yield case("compiled TypeScript, decorators of tslib gone", "\"use strict\";\nObject.defineProperty(exports, \"__esModule\", { value: true });\nconst tslib_1 = require(\"tslib\");\nclass App {}\n", blame="tslib")
    yield case("compiled TypeScript, enumeration", "\"use strict\";\nvar Level;\n(function (Level) {\n    Level[Level[\"Info\"] = 0] = \"Info\";\n})(Level || (exports.Level = Level = {}));\nconst x = Level.Info;\n")
    yield case("variable of the environment demanded", "const { PORT, SECRET } = process.env;\nif (!SECRET) {\n  throw new Error('SECRET is required');\n}\n", blame="SECRET")
    yield case("variable of the environment demanded by a function", "function must(name) {\n  const value = process.env[name];\n  if (value === undefined) throw new Error(`${name} is required`);\n  return value;\n}\nconst secret = must('SECRET');\n", blame="SECRET")
    yield case("variable with a default", "function get(name, fallback) {\n  return process.env[name] ?? fallback;\n}\nconst port = Number(get('PORT', '80'));\n")
    yield case("worker of a file", "const { Worker } = require('worker_threads');\nnew Worker('./worker.js').on('exit', () => {});\n", blame="worker.js")
    yield case("cluster", "const cluster = require('cluster');\nif (cluster.isPrimary) {\n  cluster.setupPrimary({});\n} else {\n  require('./worker');\n}\n")
    frame = {M + "frame/package.json": {"name": "frame", "version": "4.1.0", "main": "index.js"}, M + "frame/index.js": "'use strict';\n\nmodule.exports = require('./lib/frame');\n",
             M + "frame/lib/frame.js": "'use strict';\nvar http = require('http');\nvar proto = require('./application');\nvar Router = require('./router');\nexports = module.exports = createApplication;\nfunction createApplication() {\n  var app = function (req, res) { app.handle(req, res); };\n  Object.assign(app, proto);\n  app.init();\n  return app;\n}\nexports.Router = Router;\nexports.application = proto;\n",
             M + "frame/lib/application.js": "'use strict';\nvar http = require('http');\nvar app = exports = module.exports = {};\napp.init = function init() { this.stack = []; this.settings = {}; };\napp.set = function set(k, v) { this.settings[k] = v; return this; };\napp.use = function use(path, fn) { this.stack.push(fn || path); return this; };\napp.handle = function handle(req, res) { res.end(); };\napp.listen = function listen() { var server = http.createServer(this); return server.listen.apply(server, arguments); };\n",
             M + "frame/lib/router.js": "'use strict';\nmodule.exports = function () {\n  function router() {}\n  router.get = function () { return router; };\n  router.use = function () { return router; };\n  return router;\n};\n"}
    server = "const frame = require('frame');\nconst path = require('path');\nconst app = frame();\napp.set('views', path.join(__dirname, 'views'));\napp.use('/api', require('./routes/api'));\nconst server = app.listen(0, '127.0.0.1', () => { console.log('READY'); server.close(); });\n"
    def web(name, files, **more): return Case("stranger node", name, "node", {k: json.dumps(v) if isinstance(v, dict) else v for k, v in {"app/index.js": server, **frame, **files}.items()}, ["node", "index.js"], workdir="/app", seconds=15, **more)
    yield web("express with routes", {"app/routes/api.js": "const router = require('frame').Router();\nrouter.get('/', (q, r) => r.json({}));\nmodule.exports = router;\n"})
    yield web("express, routes need what is gone", {"app/routes/api.js": "const router = require('frame').Router();\nconst cors = require('cors');\nrouter.use(cors());\nmodule.exports = router;\n"}, blame="cors")


def java():
    if not os.path.exists(JAVA + "/bin/javac"): return
    sources = {"a/Main.java": 'package a; public class Main { public static void main(String[] x) throws Exception { String mode = x.length == 0 ? "serve" : x[0]; if (mode.equals("serve")) { Serve.run(); } else if (mode.equals("migrate")) { Migrate.run(); } else { System.err.println("usage"); System.exit(2); } System.out.println("READY"); } }',
               "a/Serve.java": "package a; public class Serve { static void run() { new c.Pool(4).start(); } }", "a/Migrate.java": "package a; public class Migrate { static void run() { new c.Schema().apply(); } }",
               "c/Pool.java": "package c; public class Pool { final int n; public Pool(int n) { this.n = n; } public void start() { } }", "c/Schema.java": "package c; public class Schema { public void apply() { } }",
               "a/Conf.java": 'package a; import java.util.*; import java.io.*; public class Conf { public static void main(String[] x) throws Exception { Properties p = new Properties(); try (InputStream in = Conf.class.getClassLoader().getResourceAsStream("application.properties")) { if (in == null) { throw new IllegalStateException("application.properties is missing"); } p.load(in); } System.out.println("READY"); } }',
               "a/File.java": 'package a; import java.nio.file.*; public class File { public static void main(String[] x) throws Exception { String path = System.getenv().getOrDefault("APP_CONFIG", "/etc/app/app.properties"); Files.readAllLines(Path.of(path)); System.out.println("READY"); } }',
               "a/Env.java": 'package a; public class Env { public static void main(String[] x) { String url = System.getenv("DATABASE_URL"); if (url == null || url.isEmpty()) { throw new IllegalStateException("DATABASE_URL is required"); } System.out.println("READY"); } }',
               "a/Lambda.java": 'package a; import java.util.*; import java.util.stream.*; public class Lambda { public static void main(String[] x) { List<c.Pool> l = Stream.of(1, 2).map(c.Pool::new).collect(Collectors.toList()); l.forEach(p -> p.start()); System.out.println("READY"); } }',
               "a/Late.java": 'package a; public class Late { c.Schema s; void use() { s = new c.Schema(); } public static void main(String[] x) { new Late(); Runtime.getRuntime().addShutdownHook(new Thread(() -> new c.Schema())); System.out.println("READY"); } }',
               "a/Desk.java": 'package a; public class Desk { public static void main(String[] x) throws Exception { java.sql.DriverManager.getLoginTimeout(); System.out.println("READY"); } }'}
    whole = compiled("stranger", sources)
    def jar(content, **manifest): return packed(content, {k.replace('_', '-'): v for k, v in manifest.items()})
    def case(name, main, without=(), cmd=None, extra=None, **more):
        return Case("stranger java", name, "java", {"srv/app.jar": jar({k: v for k, v in {**whole, **(extra or {})}.items() if not k.startswith(tuple(without))}, Main_Class="a." + main)}, ["java", "-XX:MaxRAMPercentage=75", "-jar", "/srv/app.jar"], cmd, seconds=15, **more)
    yield case("mode by the argument", "Main", cmd=["migrate"])
    yield case("mode by the argument, its class gone", "Main", ["c/Schema"], ["migrate"], blame="c.Schema")
    yield case("mode by the argument, another's class gone", "Main", ["c/Schema"])
    yield case("mode by the default, its class gone", "Main", ["c/Pool"], blame="c.Pool")
    yield case("mode that is none", "Main", cmd=["serv"], blame="")
    yield case("properties on the class path", "Conf", extra={"application.properties": "a=1\n"})
    yield case("properties on the class path, gone", "Conf", blame="application.properties")
    yield case("file by a variable's default", "File", blame="/etc/app/app.properties")
    yield case("variable that is demanded", "Env", blame="DATABASE_URL")
    yield case("functions of a stream, their class gone", "Lambda", ["c/Pool"], blame="c.Pool")
    yield case("used by a hook at the end", "Late", ["c/Schema"])
    app, lib = {k: v for k, v in whole.items() if k.startswith("a/")}, {k: v for k, v in whole.items() if k.startswith("c/")}
    def thin(name, path, files, **more): return Case("stranger java", name, "java", {"srv/app.jar": jar(app, Main_Class="a.Main", Class_Path=path), **files}, ["java", "-jar", "/srv/app.jar"], seconds=15, **more)
    yield thin("thin archive and its libraries", "lib/c-1.0.jar", {"srv/lib/c-1.0.jar": jar(lib)})
    yield thin("thin archive, its libraries newer", "lib/c-1.0.jar", {"srv/lib/c-1.1.jar": jar(lib)}, blame="c.Pool")


def languages():
    def php(name, text, files=None, **more): return Case("stranger languages", "php " + name, "unseen-php", {"srv/bin/app": Mode("#!/usr/bin/env php\n<?php\n" + text + "echo \"READY\\n\";\n", 0o755), **(files or {})}, ["php", "/srv/bin/app"], workdir="/srv", seconds=10, **more)
    auto = "spl_autoload_register(function (string $class): void {\n    $file = dirname(__DIR__) . '/src/' . str_replace(['App\\\\', '\\\\'], ['', '/'], $class) . '.php';\n    if (is_file($file)) {\n        require $file;\n    }\n});\n"
    kernel = "<?php\nnamespace App;\nfinal class Kernel {\n    public function __construct(private Config $config) {}\n    public function run(): int { return $this->config->get('code') ?? 0; }\n}\n"
    conf = "<?php\nnamespace App;\nclass Config {\n    private array $values = [];\n    public function get(string $k) { return $this->values[$k] ?? null; }\n}\n"
    yield php("own loader of classes", auto + "$kernel = new App\\Kernel(new App\\Config());\n$kernel->run();\n", {"srv/src/Kernel.php": kernel, "srv/src/Config.php": conf})
    yield php("own loader of classes, one gone", auto + "$kernel = new App\\Kernel(new App\\Config());\n$kernel->run();\n", {"srv/src/Kernel.php": kernel}, blame="App\\Config")
    yield php("vendor is not installed", "require dirname(__DIR__) . '/vendor/autoload.php';\n", blame="vendor/autoload.php")
    yield php("vendor is asked for", "foreach ([__DIR__ . '/../vendor/autoload.php', __DIR__ . '/../../../autoload.php'] as $file) {\n    if (file_exists($file)) {\n        require $file;\n        break;\n    }\n}\n")
    yield php("method that its class has not", auto + "(new App\\Config())->all();\n", {"srv/src/Config.php": conf}, blame="all")
    yield php("database's driver", "$db = new PDO('sqlite::memory:');\n$db->exec('create table a (b)');\n")
    yield php("variable that is demanded", "$url = getenv('DATABASE_URL');\nif ($url === false) {\n    fwrite(STDERR, \"DATABASE_URL is not set\\n\");\n    exit(1);\n}\n", blame="DATABASE_URL")
    def perl(name, text, files=None, **more): return Case("stranger languages", "perl " + name, "unseen-perl", {"srv/bin/app.pl": "#!/usr/bin/perl\nuse strict;\nuse warnings;\n" + text + 'print "READY\\n";\n', **(files or {})}, ["perl", "/srv/bin/app.pl"], workdir="/srv", seconds=10, **more)
    yield perl("library of its own", "use FindBin qw($Bin);\nuse lib \"$Bin/../lib\";\nuse App::Server;\nmy $s = App::Server->new(port => 80);\n$s->run;\n", {"srv/lib/App/Server.pm": "package App::Server;\nuse strict;\nsub new { my ($class, %args) = @_; return bless { %args }, $class }\nsub run { my $self = shift; return $self->{port} }\n1;\n"})
    yield perl("library of its own, method gone", "use FindBin qw($Bin);\nuse lib \"$Bin/../lib\";\nuse App::Server;\nmy $s = App::Server->new(port => 80);\n$s->serve;\n", {"srv/lib/App/Server.pm": "package App::Server;\nuse strict;\nsub new { my ($class, %args) = @_; return bless { %args }, $class }\nsub run { my $self = shift; return $self->{port} }\n1;\n"}, blame="serve")
    yield perl("library that ends with nothing true", "use FindBin qw($Bin);\nuse lib \"$Bin/../lib\";\nuse App::Server;\n", {"srv/lib/App/Server.pm": "package App::Server;\nuse strict;\nour $x = 0;\n0;\n"}, blame="App/Server.pm")
    yield perl("driver of a table", "my %drivers = (fast => 'App::Fast', slow => 'App::Slow');\nmy $class = $drivers{ $ENV{DRIVER} || 'slow' };\n(my $file = \"$class.pm\") =~ s{::}{/}g;\nrequire $file;\n", blame="App/Slow.pm")
    yield perl("configuration read by do", "my $config = do '/etc/app/config.pl' or die \"no configuration: $!\";\n", blame="/etc/app/config.pl")
    def ruby(name, text, files=None, **more): return Case("stranger languages", "ruby " + name, "ruby2", {"srv/app.rb": text + 'puts "READY"\n', **(files or {})}, more.pop("entry", ["ruby", "/srv/app.rb"]), workdir="/srv", seconds=12, **more)
    yield ruby("library of its own", "$LOAD_PATH.unshift File.expand_path('lib', __dir__)\nrequire 'shop'\nShop::Server.new.start\n", {"srv/lib/shop.rb": "require 'shop/server'\nmodule Shop\nend\n", "srv/lib/shop/server.rb": "module Shop\n  class Server\n    def start; end\n  end\nend\n"})
    yield ruby("library of its own, part gone", "$LOAD_PATH.unshift File.expand_path('lib', __dir__)\nrequire 'shop'\nShop::Server.new.start\n", {"srv/lib/shop.rb": "require 'shop/server'\nmodule Shop\nend\n"}, blame="shop/server")
    yield ruby("file by a variable's default", "require 'yaml'\nCONFIG = YAML.load_file(ENV.fetch('CONFIG', '/etc/shop.yml'))\n", blame="/etc/shop.yml")
    yield ruby("variable that is demanded", "module Shop\n  SECRET = ENV.fetch('SECRET_KEY')\nend\n", blame="SECRET_KEY")
    yield ruby("parts of a directory", "Dir[File.join(__dir__, 'models', '*.rb')].sort.each { |f| require f }\n", {"srv/models/a.rb": "class A; end\n", "srv/models/b.rb": "class B < A; end\n"})
    yield ruby("parts of a directory, one needs a gem", "Dir[File.join(__dir__, 'models', '*.rb')].sort.each { |f| require f }\n", {"srv/models/a.rb": "require 'sequel'\n"}, blame="sequel")
    def lua(name, text, files=None, **more): return Case("stranger languages", "lua " + name, "unseen-lua", {"srv/main.lua": text + 'print("READY")\n', **(files or {})}, ["lua", "main.lua"], workdir="/srv", seconds=10, **more)
    yield lua("modules by a path of its own", 'package.path = "./lib/?.lua;./lib/?/init.lua;" .. package.path\nlocal app = require("app")\napp.start({ port = 80 })\n', {"srv/lib/app/init.lua": 'local router = require("app.router")\nlocal M = {}\nfunction M.start(o) return router.new(o.port) end\nreturn M\n', "srv/lib/app/router.lua": "return { new = function(p) return p end }\n"})
    yield lua("modules by a path of its own, function gone", 'package.path = "./lib/?.lua;./lib/?/init.lua;" .. package.path\nlocal app = require("app")\napp.start({ port = 80 })\n', {"srv/lib/app/init.lua": 'local router = require("app.router")\nlocal M = {}\nfunction M.start(o) return router.new(o.port) end\nreturn M\n', "srv/lib/app/router.lua": "return { make = function(p) return p end }\n"}, blame="new")
    yield lua("settings that may be there", 'local ok, settings = pcall(dofile, "settings.lua")\nif not ok then settings = {} end\n')
    yield lua("settings that must be there", 'local settings = assert(loadfile("settings.lua"))()\n', blame="settings.lua")

"""Programs for the tenth time, as somebody writes them who never saw the check: names that are made while the program runs."""
import json, os

OK = "#!/bin/sh\necho READY\n"
P = "print('READY', flush=True)\n"
J = "console.log('READY');\n"
LIB = "usr/lib/x86_64-linux-gnu/"
SITE = "usr/local/lib/python3.11/dist-packages/"
M = "app/node_modules/"
bases = {"elsewhere-tools": lambda: packaged("dash", "bash", "coreutils", "grep", "sed", "mawk", "findutils", "util-linux", "make", "perl-base", "libc-bin", "procps", "xz-utils", links={"usr/bin/sh": "dash", "usr/bin/awk": "mawk"})}


def cases():
    yield from python()
    yield from scripts()
    yield from node()
    yield from perl()
    yield from ruby()
    yield from php()
    yield from lua()
    yield from java()
    yield from places()
    yield from native()
    yield from again()


def python():
    def source(name, text, files=None, entry=("python3", "main.py"), **more):
        return Case("elsewhere python", name, "names", {"app/main.py": text + P, **{"app/" + k if not k.startswith(("usr/", "etc/", "var/", "srv/")) else k: v for k, v in (files or {}).items()}}, list(entry), seconds=20, workdir="/app", **more)
    registry = {"shop/__init__.py": "", "shop/registry.py": '''
HANDLERS = {}

def handler(name):
    def wrap(function):
        HANDLERS[name] = function
        globals()['handle_' + name] = function
        return function
    return wrap
''', "shop/handlers.py": '''
from .registry import handler

@handler('order')
def on_order(event):
    return event

@handler('refund')
def on_refund(event):
    return -event
'''}
    yield source("handlers become globals by a decorator", "import shop.handlers\nfrom shop.registry import handle_order, handle_refund\nassert handle_order(3) == 3\n", registry)
    yield source("handlers become globals by a decorator, module gone", "import shop.handlers\nfrom shop.registry import handle_order\n", {k: v for k, v in registry.items() if "handlers" not in k}, blame="shop.handlers")
    lazy = {"lib/__init__.py": '''
import importlib

_lazy = {'Client': '.client', 'Server': '.server'}

def __getattr__(name):
    if name in _lazy:
        value = getattr(importlib.import_module(_lazy[name], __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(name)

def __dir__():
    return sorted(_lazy)
''', "lib/client.py": "class Client:\n    def ping(self):\n        return 'pong'\n"}
    yield source("package whose names are found lazily", "from lib import Client\nprint(Client().ping())\n", lazy)
    yield source("package whose names are found lazily, submodule gone", "from lib import Client, Server\nprint(Client().ping())\n", lazy, blame="lib.server")
    yield source("names by globals().update", "from consts import RED, GREEN\nimport consts\nprint(RED, GREEN, consts.BLUE)\n", {"consts.py": "_colors = ['red', 'green', 'blue']\nglobals().update({name.upper(): i for i, name in enumerate(_colors)})\n"})
    yield source("names by vars and a loop", "import consts\nprint(consts.LEVEL_INFO)\n", {"consts.py": "import logging\nfor _name in ('DEBUG', 'INFO'):\n    vars()['LEVEL_' + _name] = getattr(logging, _name)\n"})
    yield source("names by exec of a text", "import gen\nprint(gen.point_x, gen.Point)\n", {"gen.py": "TEMPLATE = '''\nclass {name}:\n    pass\n{lower}_x = 1\n'''\nexec(TEMPLATE.format(name='Point', lower='point'), globals())\n"})
    yield source("names by setattr on the own module", "from flags import debug, trace\nprint(debug, trace)\n", {"flags.py": "import sys\nthis = sys.modules[__name__]\nfor name in 'debug', 'trace':\n    setattr(this, name, False)\n"})
    yield source("module replaces itself by an object", "import settings\nprint(settings.PORT, settings.HOST)\nfrom settings import NAME\n", {"settings.py": "import os, sys\n\nclass Settings:\n    HOST = '0.0.0.0'\n    def __getattr__(self, name):\n        return os.environ.get(name, name.lower())\n\nsys.modules[__name__] = Settings()\n"})
    yield source("module's class is exchanged", "import conf\nprint(conf.anything)\n", {"conf.py": "import sys, types\n\nclass _Conf(types.ModuleType):\n    @property\n    def anything(self):\n        return 42\n\nsys.modules[__name__].__class__ = _Conf\n"})
    yield source("enum of a functional form", "from kinds import Kind\nprint(Kind.NEAR, Kind['FAR'].value)\n", {"kinds.py": "from enum import Enum\nKind = Enum('Kind', 'NEAR FAR')\n"})
    yield source("named tuples and typed dictionaries", "from rows import Row, Job\nr = Row(1, 'x')\nprint(r.name, Job(id=3)['id'])\n", {"rows.py": "from collections import namedtuple\nfrom typing import TypedDict\nRow = namedtuple('Row', 'id name')\nJob = TypedDict('Job', {'id': int})\n"})
    yield source("metaclass gives the fields", "from model import User\nprint(User.fields, User.objects.all())\n", {"model.py": '''
class Manager:
    def __init__(self, owner): self.owner = owner
    def all(self): return []

class Meta(type):
    def __new__(mcs, name, bases, ns):
        cls = super().__new__(mcs, name, bases, ns)
        cls.fields = [k for k in ns if not k.startswith('_')]
        cls.objects = Manager(cls)
        return cls

class Model(metaclass=Meta):
    pass

class User(Model):
    name = str
    age = int
'''})
    yield source("subclass hook registers plugins", "from base import Plugin\nimport plug_a\nprint(Plugin.registry['a']().run())\n", {"base.py": "class Plugin:\n    registry = {}\n    def __init_subclass__(cls, /, key=None, **kw):\n        super().__init_subclass__(**kw)\n        cls.registry[key] = cls\n", "plug_a.py": "from base import Plugin\nclass A(Plugin, key='a'):\n    def run(self):\n        return 1\n"})
    yield source("optional by suppress", "import contextlib\ncelery = None\nwith contextlib.suppress(ImportError):\n    import gone_celery as celery\nif celery:\n    celery.start()\n")
    yield source("optional by find_spec", "from importlib.util import find_spec\nif find_spec('gone_uvloop') is not None:\n    import gone_uvloop\n    gone_uvloop.install()\nHAS = bool(find_spec('gone_orjson'))\nif HAS:\n    import gone_orjson as json\nelse:\n    import json\nprint(json.dumps({}))\n")
    yield source("optional by a flag of except", "try:\n    import gone_numpy as np\n    HAVE_NUMPY = True\nexcept ImportError:\n    HAVE_NUMPY = False\n\ndef total(xs):\n    return np.sum(xs) if HAVE_NUMPY else sum(xs)\n\nif HAVE_NUMPY:\n    from gone_numpy.linalg import norm\nprint(total([1, 2]))\n")
    yield source("optional by a helper that returns a stub", '''
import importlib

class Missing:
    def __init__(self, name): self.name = name
    def __getattr__(self, item): raise RuntimeError(f'{self.name} is needed for this')

def optional(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return Missing(name)

pandas = optional('gone_pandas')
yaml = optional('gone_yaml')

def report():
    return pandas.DataFrame()
''')
    yield source("optional by finally and a second try", "error = None\ntry:\n    try:\n        import gone_fast as impl\n    finally:\n        tried = True\nexcept ImportError as e:\n    error = e\n    import json as impl\nprint(impl.__name__)\n")
    yield source("optional by a loop over candidates", "import importlib\nfor name in ('gone_tomli', 'gone_toml', 'tomllib'):\n    try:\n        toml = importlib.import_module(name)\n        break\n    except ImportError:\n        continue\nelse:\n    raise SystemExit('no toml')\nprint(toml.loads('a = 1'))\n")
    yield source("optional by a loop over candidates, none", "import importlib\nfor name in ('gone_tomli', 'gone_toml'):\n    try:\n        toml = importlib.import_module(name)\n        break\n    except ImportError:\n        continue\nelse:\n    raise SystemExit('no toml')\nprint(toml.loads('a = 1'))\n", blame="")
    yield source("stub put into sys.modules first", "import sys, types\nif 'gone_gpu' not in sys.modules:\n    stub = types.ModuleType('gone_gpu')\n    stub.count = lambda: 0\n    sys.modules['gone_gpu'] = stub\nimport gone_gpu\nfrom gone_gpu import count\nprint(count())\n")
    yield source("finder of its own", '''
import sys, importlib.abc, importlib.machinery

class VirtualFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.startswith('virtual_'):
            return importlib.machinery.ModuleSpec(name, self)
    def create_module(self, spec): return None
    def exec_module(self, module): module.answer = 42

sys.meta_path.insert(0, VirtualFinder())
import virtual_answers
print(virtual_answers.answer)
''')
    yield source("circle of packages that works", "from shop import Order\nprint(Order().customer())\n", {"shop/__init__.py": "from .orders import Order\nfrom .customers import Customer\n", "shop/orders.py": "from . import customers\nclass Order:\n    def customer(self):\n        return customers.Customer()\n", "shop/customers.py": "import shop\nclass Customer:\n    def orders(self):\n        return [shop.Order()]\n"})
    yield source("circle broken by TYPE_CHECKING", "import a\n", {"a.py": "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gone_types import Thing\n    from b import B\nclass A:\n    def f(self, x: Thing) -> B: ...\n", "b.py": "from a import A\nclass B(A): pass\n"})
    yield source("star import of a star import with __all__ built", "from api import *\nprint(connect(), VERSION, extra())\n", {"api/__init__.py": "from .core import *\nfrom .core import __all__ as _core\nfrom . import more\n__all__ = [*_core, 'extra']\n__all__ += ['VERSION']\nVERSION = '1'\nextra = more.extra\n", "api/core.py": "__all__ = ('connect',)\ndef connect():\n    return 1\n", "api/more.py": "def extra():\n    return 2\n"})
    yield source("star import of a star import, name gone", "from api import *\nprint(connect())\n", {"api/__init__.py": "from .core import *\n", "api/core.py": "__all__ = ['open_connection', 'connect']\ndef open_connection():\n    return 1\n"}, blame="connect")
    yield source("file written before it is read", "import json, os, pathlib\nd = pathlib.Path('/var/lib/shop')\nd.mkdir(parents=True, exist_ok=True)\ncfg = d / 'config.json'\nif not cfg.exists():\n    cfg.write_text(json.dumps({'port': 1}))\nwith open(cfg) as f:\n    print(json.load(f)['port'])\n")
    yield source("file copied from a template before it is read", "import shutil, os\nif not os.path.isfile('/etc/shop.ini'):\n    shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'shop.ini.dist'), '/etc/shop.ini')\nimport configparser\nc = configparser.ConfigParser()\nwith open('/etc/shop.ini') as f:\n    c.read_file(f)\nprint(c['web']['port'])\n", {"shop.ini.dist": "[web]\nport = 80\n"})
    yield source("file copied from a template that is gone", "import shutil, os\nif not os.path.isfile('/etc/shop.ini'):\n    shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'shop.ini.dist'), '/etc/shop.ini')\n", blame="shop.ini.dist")
    yield source("module written by the program and imported", "import pathlib, sys, tempfile\nd = tempfile.mkdtemp()\npathlib.Path(d, 'generated_tables.py').write_text('ROWS = [1, 2]\\n')\nsys.path.insert(0, d)\nimport generated_tables\nprint(generated_tables.ROWS)\n")
    yield source("database made at start", "import sqlite3\ndb = sqlite3.connect('/app/shop.db')\ndb.execute('create table if not exists t (id integer)')\ndb.executemany('insert into t values (?)', [(1,), (2,)])\nassert db.execute('select count(*) from t').fetchone()[0]\n")
    yield source("defaults by ChainMap of the environment", "import os\nfrom collections import ChainMap\ndefaults = {'PORT': '8000', 'HOST': '::'}\nsettings = ChainMap(os.environ, defaults)\nprint(int(settings['PORT']), settings['HOST'])\n")
    yield source("environment with a default of its own class", "import os\nclass Env(dict):\n    def __missing__(self, key):\n        return ''\nenv = Env(os.environ)\nprint(env['TOKEN'], env['URL'])\n")
    yield source("environment loaded from a file", "import os\nfor line in open('.env'):\n    line = line.strip()\n    if line and not line.startswith('#'):\n        k, _, v = line.partition('=')\n        os.environ.setdefault(k, v)\nprint(os.environ['DB_URL'])\n", {".env": "# local\nDB_URL=sqlite://\n"})
    yield source("environment loaded from a file that lacks it", "import os\nfor line in open('.env'):\n    line = line.strip()\n    if line and not line.startswith('#'):\n        k, _, v = line.partition('=')\n        os.environ.setdefault(k, v)\nprint(os.environ['DB_URL'])\n", {".env": "# local\nDB_HOST=x\n"}, blame="DB_URL")
    entry = {SITE + "shop-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n", SITE + "shop-1.0.dist-info/entry_points.txt": "[shop.plugins]\ncsv = shop_csv:Export\n", SITE + "shop_csv.py": "class Export:\n    pass\n"}
    load = "from importlib.metadata import entry_points, version\nprint(version('shop'))\nfor e in entry_points(group='shop.plugins'):\n    e.load()()\n"
    yield source("plugins by entry points", load, entry)
    yield source("plugins by entry points, module gone", load, {k: v for k, v in entry.items() if "csv" not in k}, blame="shop_csv")
    yield source("plugins by entry points, metadata gone", load, {SITE + "shop_csv.py": ""}, blame="shop")
    yield source("names shadowed and deleted", "import os\npath = os.path\ndef open(name):\n    return None\nopen('/etc/gone.conf')\ndel open\nprint(open('/etc/passwd').readline())\n")
    yield source("own class named like a builtin", "class Path:\n    def __init__(self, *a): pass\n    def read_text(self): return ''\nPath('/etc/gone.conf').read_text()\n")
    yield source("own module with a standard name", "import queue, platform_\nfrom queue import Worker\nprint(Worker)\n", {"queue.py": "class Worker: pass\n", "platform_.py": ""})
    yield source("names by nonlocal and walrus", "def outer():\n    count = 0\n    def inner():\n        nonlocal count\n        count += 1\n        return count\n    inner()\n    if (n := inner()) > 1:\n        return n\nprint(outer(), [y for x in range(3) if (y := x)])\nprint(y)\n")
    yield source("global declared in a function", "def setup():\n    global client, log\n    client = object()\n    import logging as log\nsetup()\nprint(client)\nlog.info('x')\n")
    yield source("match with captures", "def route(command):\n    match command.split():\n        case ['get', name]:\n            return name\n        case ['put', name, *rest] if rest:\n            return rest\n        case {'a': value} | [value]:\n            return value\n        case _:\n            return None\nprint(route('get x'), route('q'))\n")
    yield source("attributes by __slots__, property and setattr", '''
class Box:
    __slots__ = ('_w', 'h')
    def __init__(self, **kw):
        for k, v in kw.items():
            setattr(self, k, v)
    @property
    def area(self):
        return self._w * self.h
    @area.setter
    def area(self, value):
        self._w = value / self.h
b = Box(_w=2, h=3)
b.area = 12
print(b.area)
''')
    yield source("singledispatch and functools", "from functools import singledispatch, partial, cached_property\n@singledispatch\ndef show(x): return 'any'\n@show.register\ndef _(x: int): return 'int'\n@show.register(list)\ndef _list(x): return 'list'\nclass C:\n    @cached_property\n    def v(self): return show([])\nprint(show(1), C().v, partial(show, 2)())\n")
    yield source("context managers and generators", "from contextlib import contextmanager, ExitStack\n@contextmanager\ndef conn(name):\n    yield name\nwith ExitStack() as stack:\n    a, b = (stack.enter_context(conn(n)) for n in 'ab')\nprint(a, b)\n")
    yield source("asyncio with a task group", "import asyncio\nasync def work(q):\n    await q.put(1)\nasync def main():\n    q = asyncio.Queue()\n    async with asyncio.TaskGroup() as g:\n        g.create_task(work(q))\n    return await q.get()\nprint(asyncio.run(main()))\n")
    yield source("package run as a module with relative names", "", {"tool/__init__.py": "__version__ = '1'\n", "tool/__main__.py": "import sys\nfrom . import __version__\nfrom .cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n", "tool/cli.py": "import argparse\nfrom tool import __version__\ndef main(argv=None):\n    p = argparse.ArgumentParser()\n    p.add_argument('--port', type=int, default=80)\n    sub = p.add_subparsers(dest='command')\n    s = sub.add_parser('serve')\n    s.set_defaults(run=lambda a: print('READY'))\n    args = p.parse_args(argv)\n    return args.run(args) or 0\n"}, ["python3", "-m", "tool", "--port", "3", "serve"])
    yield source("package run as a module, subcommand unknown", "", {"tool/__init__.py": "", "tool/__main__.py": "from .cli import main\nmain()\n", "tool/cli.py": "import argparse\ndef main(argv=None):\n    p = argparse.ArgumentParser()\n    sub = p.add_subparsers(dest='command', required=True)\n    s = sub.add_parser('serve')\n    args = p.parse_args(argv)\n"}, ["python3", "-m", "tool", "migrate"], blame="")
    yield source("archive of a program", "", {"srv/tool.py": "import runpy, sys, zipfile\nwith zipfile.ZipFile('/tmp/t.pyz', 'w') as z:\n    z.writestr('__main__.py', 'import helper')\n    z.writestr('helper.py', \"print('READY')\")\nsys.argv = ['/tmp/t.pyz']\nrunpy.run_path('/tmp/t.pyz', run_name='__main__')\n"}, ["python3", "/srv/tool.py"])
    yield source("abstract method made by a mixin", "from abc import ABC, abstractmethod\nclass Store(ABC):\n    @abstractmethod\n    def get(self, k): ...\n    @property\n    @abstractmethod\n    def name(self): ...\nclass Mixin:\n    name = 'm'\n    def get(self, k): return k\nclass Memory(Mixin, Store):\n    pass\nprint(Memory().get(1))\n")
    yield source("abstract method made by a mixin of the wrong order", "from abc import ABC, abstractmethod\nclass Store(ABC):\n    @abstractmethod\n    def get(self, k): ...\nclass Mixin:\n    def get(self, k): return k\nclass Memory(Store, Mixin):\n    pass\nprint(Memory().get(1))\n", blame="get")
    yield source("abstract method assigned later", "from abc import ABC, abstractmethod, update_abstractmethods\nclass Store(ABC):\n    @abstractmethod\n    def get(self, k): ...\nclass Memory(Store):\n    pass\nMemory.get = lambda self, k: k\nupdate_abstractmethods(Memory)\nprint(Memory().get(1))\n")
    yield source("arguments by star and keywords", "def connect(host, port=1, *args, timeout, retries=3, **kw):\n    return host\nopts = {'timeout': 3, 'tls': True}\nprint(connect('h', 2, 3, 4, **opts))\n")
    yield source("arguments lack a keyword", "def connect(host, port=1, *, timeout):\n    return host\nconnect('h', 2)\n", blame="timeout")
    yield source("arguments have a keyword too many", "class Client:\n    def __init__(self, host, port=1):\n        self.host = host\nclient = Client('h', tls=True)\n", blame="tls")
    yield source("arguments of a decorated function", "import functools\ndef with_db(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        return f('db', *a, **k)\n    return inner\n@with_db\ndef load(db, key):\n    return key\nprint(load('k'))\n")
    yield source("arguments of a class made by a dataclass", "from dataclasses import dataclass, field, KW_ONLY\n@dataclass\nclass Base:\n    a: int\n@dataclass\nclass Job(Base):\n    tags: list = field(default_factory=list)\n    _: KW_ONLY\n    retry: int = 0\nprint(Job(1, ['x'], retry=2))\n")
    ini = "import configparser\nc = configparser.ConfigParser(defaults={'port': '80'})\nc.read(['/etc/app.ini', 'app.ini', 'local.ini'])\nprint(c['web']['port'], c.getint('web', 'port'), c['web'].get('host'))\nprint(c['DEFAULT']['port'])\n"
    yield source("INI with defaults and several files", ini, {"app.ini": "[web]\nhost : x\n; remark\n"})
    yield source("INI with defaults and several files, section gone", ini, {"app.ini": "[server]\nhost = x\n"}, blame="web")
    yield source("JSON merged over defaults", "import json\nconf = {'port': 1, 'db': {'url': 'x'}}\nconf.update(json.load(open('conf.json')))\nprint(conf['port'], conf['db']['url'])\n", {"conf.json": "{\"name\": \"a\"}"})
    yield source("JSON lacks what is asked for", "import json, pathlib\nconf = json.loads(pathlib.Path('conf.json').read_text())\nprint(conf['server']['port'])\n", {"conf.json": "{\"server\": {\"host\": \"a\"}}"}, blame="port")
    yield source("TOML lacks a table", "import tomllib\nwith open('pyproject.toml', 'rb') as f:\n    data = tomllib.load(f)\nname = data['tool']['shop']['name']\n", {"pyproject.toml": "[tool.other]\nname = 'x'\n"}, blame="shop")
    yield source("attribute that a later class lacks", "from base import Service\nclass Web(Service):\n    pass\nWeb().start()\n", {"base.py": "class Service:\n    def run(self):\n        pass\n"}, blame="start")
    yield source("attribute that __getattr__ of a base gives", "from base import Service\nclass Web(Service):\n    pass\nWeb().start()\n", {"base.py": "class Service:\n    def __getattr__(self, name):\n        return lambda *a: None\n"})
    yield source("logging by a dictionary of handlers", "import logging.config\nlogging.config.dictConfig({'version': 1, 'formatters': {'s': {'()': 'fmt.Short'}}, 'handlers': {'c': {'class': 'logging.StreamHandler', 'formatter': 's', 'stream': 'ext://sys.stdout'}}, 'root': {'handlers': ['c'], 'level': 'INFO'}})\nlogging.info('x')\n", {"fmt.py": "import logging\nclass Short(logging.Formatter): pass\n"})
    yield source("logging by a dictionary, class gone", "import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': {'c': {'class': 'fmt.Handler'}}, 'root': {'handlers': ['c']}})\n", {"fmt.py": "import logging\n"}, blame="fmt")
    yield source("names of a namespace package in two places", "import sys\nsys.path += ['/srv/a', '/srv/b']\nfrom corp.one import x\nfrom corp.two import y\nprint(x, y)\n", {"srv/a/corp/one.py": "x = 1\n", "srv/b/corp/two.py": "y = 2\n"})
    yield source("names of a namespace package, one place gone", "import sys\nsys.path += ['/srv/a', '/srv/b']\nfrom corp.one import x\nfrom corp.two import y\n", {"srv/a/corp/one.py": "x = 1\n"}, blame="corp.two")
    yield source("path file adds a directory", "import vendored\n", {SITE + "vendor.pth": "/srv/vendor\nimport os; os.environ.setdefault('V', '1')\n", "srv/vendor/vendored.py": "import os\nprint(os.environ['V'])\n"})


def scripts():
    bash = "#!/bin/bash\n"
    def script(name, text, cmd=("/srv/app",), files=None, head="#!/bin/sh\n", base="entry", **more):
        return Case("elsewhere scripts", name, base, {"srv/app": OK, "usr/local/bin/start": Mode(head + text, 0o755), **(files or {})}, ["start"], list(cmd), seconds=10, **more)
    options = '''set -eu
usage() { echo "usage: $0 [-p port] [-c file] command" >&2; exit 64; }
port=80 conf=
while getopts ":p:c:h" opt; do
  case $opt in
    p) port=$OPTARG ;;
    c) conf=$OPTARG ;;
    h) usage ;;
    :) echo "-$OPTARG needs a value" >&2; exit 65 ;;
    \\?) echo "unknown -$OPTARG" >&2; exit 66 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
[ -z "$conf" ] || . "$conf"
exec "$@"
'''
    yield script("getopts with two options", options, ["-p", "81", "-c", "/etc/c.sh", "/srv/app"], {"etc/c.sh": "X=1\n"})
    yield script("getopts, file of an option gone", options, ["-c", "/etc/c.sh", "/srv/app"], blame="/etc/c.sh")
    yield script("getopts, option unknown", options, ["-x", "/srv/app"], blame="")
    yield script("getopts, value gone", options, ["-p"], blame="")
    yield script("long options by shift", 'set -e\nwhile [ $# -gt 0 ]; do\n  case "$1" in\n    --config=*) CONFIG="${1#*=}"; shift ;;\n    --config) CONFIG="$2"; shift 2 ;;\n    --) shift; break ;;\n    -*) echo "what is $1" >&2; exit 2 ;;\n    *) break ;;\n  esac\ndone\ncat "${CONFIG:-/etc/hosts.default}" > /dev/null\nexec "$@"\n', ["--config=/etc/a", "--", "/srv/app"], {"etc/a": "x\n"})
    yield script("long options by shift, file gone", 'set -e\nwhile [ $# -gt 0 ]; do\n  case "$1" in\n    --config=*) CONFIG="${1#*=}"; shift ;;\n    --) shift; break ;;\n    *) break ;;\n  esac\ndone\ncat "${CONFIG:-/etc/hosts.default}" > /dev/null\nexec "$@"\n', ["--", "/srv/app"], blame="/etc/hosts.default")
    yield script("functions override commands", 'set -e\nsystemctl() { echo "skip systemctl $*"; }\nsudo() { "$@"; }\njournalctl() { :; }\nsystemctl restart x\nsudo journalctl -f\nsudo /srv/app\n')
    yield script("functions defined where they are missing", 'command -v realpath0 >/dev/null 2>&1 || realpath0() { echo "$1"; }\ntype gone_log >/dev/null 2>&1 || gone_log() { printf "%s\\n" "$*"; }\nset -e\ngone_log starting\nexec "$(realpath0 "$1")"\n')
    yield script("alias of a command", 'shopt -s expand_aliases\nalias ll="ls -l" gone_tool=true\nset -e\ngone_tool x\nll / >/dev/null\nexec "$@"\n', head=bash)
    yield script("errors that are allowed", 'set -euo pipefail\ngone_a || true\ngone_b 2>/dev/null || echo "no b"\nif ! gone_c; then echo "no c"; fi\ngone_d && echo d\nout=$(gone_e 2>/dev/null || echo none)\n! gone_f\nuntil gone_g || true; do :; done\n{ gone_h; } || :\ngone_i | cat || true\nexec "$@"\n', head=bash)
    yield script("errors that are not allowed", 'set -euo pipefail\nout=$(gone_e 2>/dev/null || echo none)\ngone_migrate up\nexec "$@"\n', head=bash, blame="gone_migrate")
    yield script("errexit switched off for a while", 'set -e\nset +e\ngone_probe\nstatus=$?\nset -e\n[ "$status" -eq 127 ] || exit 1\nexec "$@"\n')
    yield script("trap of ERR and EXIT", 'set -Eeuo pipefail\ncleanup() { rm -f /tmp/x.$$; }\ntrap cleanup EXIT\ntrap \'echo "line $LINENO" >&2\' ERR\n: > /tmp/x.$$\n"$@"\n', head=bash)
    yield script("trap of EXIT saves the status", 'trap \'code=$?; [ $code -eq 3 ] && exit 0; exit $code\' EXIT\n"$@"\nexit 3\n')
    yield script("here-documents of three kinds", 'set -e\nmkdir -p /etc/app\ncat > /etc/app/a.conf <<EOF\nport=${PORT:-80}\nhost=$(hostname)\nEOF\ncat <<\'RAW\' > /etc/app/b.sh\ngone_tool $NOT_SET\nRAW\nif true; then\n\tcat <<-END >> /etc/app/a.conf\n\tname=x\n\tEND\nfi\n. /etc/app/a.conf\n[ "$name" = x ]\nexec "$@"\n')
    yield script("program written by a here-document", 'set -e\ncat > /usr/local/bin/wrapper <<"EOF"\n#!/bin/sh\nexec "$@"\nEOF\nchmod +x /usr/local/bin/wrapper\nexec wrapper "$@"\n')
    yield script("program written by a here-document without its mode", 'set -e\ncat > /usr/local/bin/wrapper <<"EOF"\n#!/bin/sh\nexec "$@"\nEOF\nexec wrapper "$@"\n', blame="wrapper")
    yield script("library sourced that sources others", 'set -e\nLIBDIR=$(dirname "$(readlink -f "$0")")/../lib/shop\n. "$LIBDIR/init.sh"\nmain "$@"\n', files={"usr/local/lib/shop/init.sh": 'for part in log run; do\n  . "$LIBDIR/$part.sh"\ndone\nmain() { log "go"; run "$@"; }\n', "usr/local/lib/shop/log.sh": 'log() { echo "$1"; }\n', "usr/local/lib/shop/run.sh": 'run() { exec "$@"; }\n'})
    yield script("library sourced that sources others, one gone", 'set -e\nLIBDIR=$(dirname "$(readlink -f "$0")")/../lib/shop\n. "$LIBDIR/init.sh"\nmain "$@"\n', files={"usr/local/lib/shop/init.sh": 'for part in log run; do\n  . "$LIBDIR/$part.sh"\ndone\nmain() { log "go"; run "$@"; }\n', "usr/local/lib/shop/log.sh": 'log() { echo "$1"; }\n'}, blame="run.sh")
    yield script("case of patterns", 'case "$1" in\n  [0-9]*|-*) set -- /srv/gone "$@" ;;\n  /srv/[!b]*) ;;\n  *) echo "no" >&2; exit 4 ;;\nesac\ncase ${MODE-prod} in p?od) exec "$@" ;; (dev|test) exec /srv/gone ;; esac\n')
    yield script("case of patterns, mode of development", 'case ${MODE-prod} in p?od) exec "$@" ;; (dev|test) exec /srv/gone ;; esac\n', env=["MODE=dev"], blame="/srv/gone")
    yield script("case that falls through", 'n=0\ncase "$1" in /srv/*) n=1 ;& /opt/*) n=$((n+1)) ;;& *app) n=$((n+1)) ;; *) exit 9 ;; esac\n[ $n -eq 3 ] || exit 5\nexec "$@"\n', head=bash)
    yield script("function by a computed name", 'cmd_serve() { exec /srv/app; }\ncmd_migrate() { exec /srv/gone; }\nname="cmd_${1:-serve}"\nif declare -F "$name" >/dev/null; then shift || true; "$name" "$@"; else echo "no $1" >&2; exit 2; fi\n', ["serve"], head=bash)
    yield script("function by a computed name, program gone", 'cmd_serve() { exec /srv/app; }\ncmd_migrate() { exec /srv/gone; }\n"cmd_$1"\n', ["migrate"], head=bash, blame="/srv/gone")
    yield script("function by a computed name, none", 'cmd_serve() { exec /srv/app; }\n"cmd_$1"\n', ["worker"], head=bash, blame="cmd_worker")
    yield script("variables by indirection", 'set -u\nAPP_BIN_PROD=/srv/app\nAPP_BIN_DEV=/srv/gone\nstage=${STAGE:-prod}\nvar="APP_BIN_${stage^^}"\nexec "${!var}"\n', head=bash)
    yield script("variables by eval and read", 'set -eu\nIFS== read -r key value <<EOF\nbin=/srv/app\nEOF\neval "${key}_path=\\$value"\nexec "$bin_path"\n')
    yield script("variables by printf -v and mapfile", 'set -eu\nprintf -v target "/srv/%s" app\nmapfile -t lines < <(printf "%s\\n" a b)\n[[ ${#lines[@]} -eq 2 ]]\nexec "$target"\n', head=bash)
    yield script("settings of a loop with read", 'set -e\nwhile IFS="=" read -r k v; do\n  case $k in ""|\\#*) continue ;; esac\n  export "$k=$v"\ndone < /etc/app.env\nexec "$BIN"\n', files={"etc/app.env": "# x\nBIN=/srv/app\n"})
    yield script("settings of a loop with read, program gone", 'set -e\nwhile IFS="=" read -r k v; do\n  case $k in ""|\\#*) continue ;; esac\n  export "$k=$v"\ndone < /etc/app.env\nexec "$BIN"\n', files={"etc/app.env": "# x\nBIN=/srv/gone\n"}, blame="/srv/gone")
    yield script("environment demanded with a default before", ': "${DB_HOST:=localhost}" "${DB_PORT:=5432}"\nset -u\nexport DSN="$DB_HOST:$DB_PORT"\n: "${DSN:?}"\nexec "$@"\n')
    yield script("environment demanded one of two", 'if [ -z "${PASSWORD-}" ] && [ -z "${PASSWORD_FILE-}" ]; then\n  echo >&2 "error: set PASSWORD or PASSWORD_FILE"\n  exit 1\nfi\nexec "$@"\n', blame="PASSWORD")
    yield script("environment from a file by indirection", 'file_env() {\n  local var="$1" fileVar="${1}_FILE" def="${2:-}"\n  if [ "${!var:-}" ] && [ "${!fileVar:-}" ]; then exit 1; fi\n  local val="$def"\n  if [ "${!var:-}" ]; then val="${!var}"; elif [ "${!fileVar:-}" ]; then val="$(< "${!fileVar}")"; fi\n  export "$var"="$val"\n  unset "$fileVar"\n}\nfile_env PASSWORD\n[ -n "$PASSWORD" ] || exit 7\nexec "$@"\n', head=bash, files={"run/secrets/p": "geheim\n"}, env=["PASSWORD_FILE=/run/secrets/p"])
    yield script("drops its rights when root", 'set -e\nif [ "$(id -u)" = 0 ]; then\n  mkdir -p /data\n  chown -R app:app /data\n  exec gosu app "$0" "$@"\nfi\n[ "$(id -un)" = app ]\ntouch /data/x\nexec "$@"\n')
    yield script("drops its rights when root, account gone", 'set -e\nif [ "$(id -u)" = 0 ]; then\n  exec gosu service "$0" "$@"\nfi\nexec "$@"\n', blame="service")
    yield script("directory of parts in order", 'set -e\nfor f in /entry.d/*; do\n  case "$f" in\n    *.sh) if [ -x "$f" ]; then "$f"; else . "$f"; fi ;;\n    *.gz|*.sql) echo "skip" ;;\n    *) echo "ignoring $f" ;;\n  esac\ndone\nexec "$@"\n', files={"entry.d/10-a.sh": Mode("#!/bin/sh\necho a\n", 0o755), "entry.d/20-b.sh": Mode("B=1\n", 0o644), "entry.d/x.sql": "select\n"})
    yield script("directory of parts, one uses what is gone", 'set -e\nfor f in /entry.d/*.sh; do "$f"; done\nexec "$@"\n', files={"entry.d/10-a.sh": Mode("#!/bin/sh\nset -e\njq . /etc/a.json\n", 0o755)}, blame="jq")
    yield script("directory of parts, none there", 'set -e\nfor f in /entry.d/*.sh; do [ -e "$f" ] || continue; "$f"; done\nshopt -s nullglob\nfor f in /conf.d/*.conf; do cat "$f"; gone_tool; done\nexec "$@"\n', head=bash)
    yield script("run-parts by find and xargs", 'set -e\nfind /entry.d -type f -name "*.sh" -print0 2>/dev/null | sort -z | xargs -0 -r -n1 sh\nexec "$@"\n')
    yield script("waits for a file with a limit", 'i=0\nwhile [ ! -e /run/ready ] && [ $i -lt 2 ]; do i=$((i+1)); : > /run/ready; done\n[ -e /run/ready ] && exec "$@"\nexit 1\n')
    yield script("background job and wait", 'set -e\n(sleep 0.1; exit 0) &\npid=$!\ntrap \'kill $pid 2>/dev/null || true\' INT TERM\nwait $pid\nexec "$@"\n')
    yield script("sh -c with quoting in a wrapper", "exec sh -c 'set -e; cd \"$1\"; shift; exec \"$@\"' -- / \"$@\"\n")
    yield script("sh -c with quoting in a wrapper, directory gone", "exec sh -c 'set -e; cd \"$1\"; shift; exec \"$@\"' -- /srv/www \"$@\"\n", blame="/srv/www")
    yield script("wrappers over wrappers", 'exec env -u HOME FOO=1 nice -n 5 timeout -k 1 60 stdbuf -oL setpriv --no-new-privs sh -ec \'exec "$0" "$@"\' "$@"\n')
    yield script("wrappers over wrappers, inner gone", 'exec env FOO=1 nice -n 5 timeout 60 /srv/gone "$@"\n', blame="/srv/gone")
    yield script("PATH extended, then program found", 'PATH="/opt/tool/bin:$PATH"; export PATH\nset -e\ntool --version\nexec "$@"\n', files={"opt/tool/bin/tool": OK})
    yield script("PATH replaced by what lacks coreutils", 'export PATH=/opt/tool/bin\nset -e\nmkdir -p /var/x\nexec "$@"\n', files={"opt/tool/bin/tool": OK}, blame="mkdir")
    yield script("local arrays and set --", 'main() {\n  local -a args=()\n  local arg\n  for arg; do args+=("$arg"); done\n  set -- "${args[@]:0:1}"\n  [[ $# == 1 && $1 =~ ^/srv/(.+)$ ]] && exec "/srv/${BASH_REMATCH[1]}"\n}\nmain "$@"\n', head=bash)
    yield script("coprocess and file descriptors", 'exec 3>&1 4</etc/passwd\nread -r line <&4\nexec 4<&-\necho "${line%%:*}" >&3\nexec "$@"\n')
    yield script("select of an interpreter by its version", 'PY=$(command -v python3.12 || command -v python3 || true)\n[ -n "$PY" ] || { echo "no python" >&2; exit 1; }\n"$PY" - <<"EOF"\nimport sys\nassert sys.version_info >= (3, 8)\nEOF\nexec "$@"\n')
    yield script("python in a here-document, module gone", 'set -e\npython3 - <<"EOF"\nimport gone_yaml\nEOF\nexec "$@"\n', blame="gone_yaml")
    yield script("awk and sed make the command", 'cmd=$(sed -n "s/^ExecStart=//p" /etc/app.service)\n[ -n "$cmd" ] || exit 3\nexec $cmd\n', files={"etc/app.service": "[Service]\nExecStart=/srv/app --x\n"})
    yield script("temporary files by mktemp", 'set -e\nt=$(mktemp -d)\ntrap \'rm -rf "$t"\' EXIT\nprintf "x=1\\n" > "$t/conf"\n. "$t/conf"\n[ "$x" = 1 ]\n"$@"\n')
    yield script("link made at start", 'set -e\nln -sfn /srv/releases/2 /srv/current\ncd /srv/current\nexec ./run\n', files={"srv/releases/2/run": OK})
    yield script("link made at start, release gone", 'set -e\nln -sfn /srv/releases/3 /srv/current\ncd /srv/current\nexec ./run\n', files={"srv/releases/2/run": OK}, blame="/srv/")
    make = "SHELL := /bin/bash\n.SHELLFLAGS := -eu -c\nBIN ?= /srv/app\ninclude $(wildcard conf/*.mk)\n-include local.mk\n.PHONY: run build\nrun: build | out\n\t@$(BIN)\nbuild: ; @true\nout:\n\t@mkdir -p $@\n%.txt: %.in\n\tcp $< $@\n"
    yield Case("elsewhere scripts", "make with includes and order", "entry", {"srv/Makefile": make, "srv/app": OK}, ["make", "-C", "/srv", "run"], seconds=10)
    yield Case("elsewhere scripts", "make with a prerequisite that is gone", "entry", {"srv/Makefile": "run: data.txt\n\t@/srv/app\n%.txt: %.in\n\tcp $< $@\n", "srv/app": OK}, ["make", "-C", "/srv", "run"], seconds=10, blame="data.txt")
    yield Case("elsewhere scripts", "s6 service that is made by its own script", "entry", {"etc/s6/web/run": "#!/bin/sh\nexec 2>&1\nexec s6-setuidgid app /srv/app\n", "srv/app": OK + "exec sleep 20\n"}, ["s6-svscan", "/etc/s6"], seconds=5)
    yield Case("elsewhere scripts", "execline with a backtick", "entry", {"srv/run": "#!/usr/bin/execlineb -P\nbacktick -n WHO { s6-echo app }\nimportas -u WHO WHO\nforeground { s6-echo $WHO }\n/srv/app\n", "srv/app": OK}, ["/srv/run"], seconds=8)


def node():
    def case(name, text, files=None, entry=("node", "main.js"), **more):
        return Case("elsewhere node", name, "node", {k: json.dumps(v) if isinstance(v, dict) else v for k, v in {"app/main.js": text + J, **(files or {})}.items()}, list(entry), workdir="/app", seconds=10, **more)
    esm = {"app/package.json": {"type": "module"}}
    yield case("CommonJS names by Object.assign", "import { a, b } from './c.cjs';\nimport c from './c.cjs';\nconsole.log(a, b, c.late);\n", {**esm, "app/c.cjs": "module.exports = { a: 1, b: 2 };\nmodule.exports.late = 3;\n"})
    yield case("CommonJS name that the lexer does not see", "import { late } from './c.cjs';\n", {**esm, "app/c.cjs": "const o = {}; o['la' + 'te'] = 3;\nmodule.exports = o;\n"}, blame="late")
    yield case("module of a dual package", "import d, { named } from 'dual';\nconsole.log(d, named);\n", {**esm, M + "dual/package.json": {"name": "dual", "exports": {".": {"import": {"types": "./gone.d.ts", "default": "./i.mjs"}, "require": "./r.cjs"}}}, M + "dual/i.mjs": "export default 1;\nexport const named = 2;\n", M + "dual/r.cjs": "module.exports = 1;\n"})
    yield case("module of a dual package, import gone", "import d, { named } from 'dual';\nconsole.log(d, named);\n", {**esm, M + "dual/package.json": {"name": "dual", "exports": {".": {"import": "./i.mjs", "require": "./r.cjs"}}}, M + "dual/r.cjs": "module.exports = 1;\n"}, blame="i.mjs")
    yield case("exports with patterns and null", "const a = require('pat/features/a'); const p = require('pat/package.json');\nlet hidden = false;\ntry { require('pat/features/internal/x'); } catch (e) { hidden = e.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'; }\nif (!hidden) process.exit(3);\n", {M + "pat/package.json": {"name": "pat", "exports": {"./features/*": "./src/*.js", "./features/internal/*": None, "./package.json": "./package.json"}}, M + "pat/src/a.js": "", M + "pat/src/internal/x.js": ""})
    yield case("imports of the own package", "import { db } from '#db';\nimport x from '#internal/x.js';\nimport self from 'own/part';\n", {"app/package.json": {"name": "own", "type": "module", "imports": {"#db": {"node": "./db-node.js", "default": "./gone.js"}, "#internal/*": "./int/*"}, "exports": {"./part": "./part.js"}}, "app/db-node.js": "export const db = 1;\n", "app/int/x.js": "export default 1;\n", "app/part.js": "export default 2;\n"})
    yield case("imports of the own package, file gone", "import { db } from '#db';\n", {"app/package.json": {"name": "own", "type": "module", "imports": {"#db": "./db.js"}}}, blame="db.js")
    yield case("workspace by symbolic links", "const a = require('@corp/a');\na.run();\n", {M + "@corp/a": Link("../../packages/a"), "app/packages/a/package.json": {"name": "@corp/a", "main": "lib/main"}, "app/packages/a/lib/main.js": "exports.run = () => require('@corp/b');\n", M + "@corp/b": Link("../../packages/b"), "app/packages/b/index.js": ""})
    yield case("workspace by symbolic links, target gone", "const a = require('@corp/a');\n", {M + "@corp/a": Link("../../packages/a")}, blame="@corp/a")
    yield case("pnpm's store", "require('x');\n", {M + "x": Link(".pnpm/x@1.0.0/node_modules/x"), M + ".pnpm/x@1.0.0/node_modules/x/index.js": "require('y');\n", M + ".pnpm/x@1.0.0/node_modules/y": Link("../../y@2.0.0/node_modules/y"), M + ".pnpm/y@2.0.0/node_modules/y/index.js": "module.exports = 1;\n"})
    yield case("pnpm's store, hoisted dependency gone", "require('x');\n", {M + "x": Link(".pnpm/x@1.0.0/node_modules/x"), M + ".pnpm/x@1.0.0/node_modules/x/index.js": "require('y');\n"}, blame="y")
    yield case("createRequire and import.meta", "import { createRequire } from 'node:module';\nimport { fileURLToPath } from 'node:url';\nimport path from 'node:path';\nimport fs from 'node:fs';\nconst require = createRequire(import.meta.url);\nconst here = path.dirname(fileURLToPath(import.meta.url));\nconst pkg = require('./package.json');\nfs.readFileSync(path.join(here, 'data.txt'));\nfs.readFileSync(new URL('./data.txt', import.meta.url));\n", {**esm, "app/data.txt": "x"})
    yield case("createRequire, file gone", "import fs from 'node:fs';\nfs.readFileSync(new URL('./data.txt', import.meta.url));\n", esm, blame="data.txt")
    yield case("dynamic import in try and catch", "let dep;\ntry { dep = await import('gone-dep'); } catch { dep = { default: null }; }\nconst other = await import('gone-b').catch(() => null);\nconst all = await Promise.allSettled([import('gone-c'), import('node:fs')]);\n", esm)
    yield case("dynamic import that is awaited", "const { default: dep } = await import('./plugins/' + (process.env.PLUGIN ?? 'near') + '.js');\n", {**esm, "app/plugins/far.js": "export default 1;\n"}, blame="plugins/near.js")
    yield case("optional by a resolved path", "let has = true;\ntry { require.resolve('gone-dep'); } catch { has = false; }\nif (has) require('gone-dep');\nconst m = has ? require('gone-dep') : null;\n")
    yield case("names by getters", "const lib = require('./lib');\nconsole.log(lib.near.x);\n", {"app/lib.js": "const lazy = { near: './near', far: 'gone-far' };\nfor (const k of Object.keys(lazy)) Object.defineProperty(exports, k, { enumerable: true, get() { return require(lazy[k]); } });\n", "app/near.js": "exports.x = 1;\n"})
    yield case("names by a proxy", "const { users, orders } = require('./db');\nconsole.log(users.find(), orders.find());\n", {"app/db.js": "module.exports = new Proxy({}, { get: (t, name) => ({ find: () => name }) });\n"})
    yield case("names by a prototype", "const s = require('./svc');\ns.start();\ns.emit('x');\n", {"app/svc.js": "const EventEmitter = require('events');\nfunction Svc() { EventEmitter.call(this); }\nrequire('util').inherits(Svc, EventEmitter);\n['start', 'stop'].forEach(n => { Svc.prototype[n] = function () { return n; }; });\nmodule.exports = new Svc();\n"})
    yield case("names by the compiler's loop", "const m = require('./m');\nm.a(); m.b();\n", {"app/m.js": "\"use strict\";\nvar __exportStar = (this && this.__exportStar) || function (m, exports) { for (var p in m) if (p !== 'default' && !Object.prototype.hasOwnProperty.call(exports, p)) exports[p] = m[p]; };\nObject.defineProperty(exports, '__esModule', { value: true });\n__exportStar(require('./a'), exports);\n__exportStar(require('./b'), exports);\n", "app/a.js": "exports.a = () => 1;\n", "app/b.js": "exports.b = () => 1;\n"})
    yield case("circle of two modules that waits", "require('./a').go();\n", {"app/a.js": "exports.go = () => b.go();\nexports.x = 1;\nconst b = require('./b');\n", "app/b.js": "const a = require('./a');\nexports.go = () => a.x;\n"})
    yield case("circle of two modules, class above not there yet", "require('./a');\n", {"app/a.js": "const B = require('./b');\nclass A {}\nmodule.exports = A;\n", "app/b.js": "const A = require('./a');\nclass B extends A {}\nmodule.exports = B;\n"}, blame="")
    yield case("generators, maps and labels", "function* ids() { let i = 0; while (true) yield i++; }\nconst it = ids(); const m = new Map([['a', () => 1]]);\nm.get('a')();\nouter: for (const x of [1, 2]) { for (const y of [1]) { if (x === 2) break outer; continue outer; } }\nconst [first, ...rest] = [it.next().value, it.next().value];\nconst { q: { r = 5 } = {}, ...others } = { z: 1 };\nconsole.log(first, rest, r, others);\n")
    yield case("class fields, private and static", "class A { #x = 1; static made = new Map(); static { A.made.set('a', A); } get x() { return this.#x; } static create(...a) { return new this(...a); } has(o) { return #x in o; } }\nclass B extends A { y = super.x + 1; ['comp' + 'uted']() { return this.y; } }\nif (B.create().computed() !== 2) process.exit(2);\n")
    yield case("hoisted functions and var", "start();\nfunction start() { if (typeof later === 'undefined') console.log(typeof v); }\nvar v = 1;\nif (true) { function inner() {} }\ninner();\n")
    yield case("let used before it is made", "start();\nfunction start() { return config.port; }\nconst config = { port: 1 };\n", blame="config")
    yield case("promise refused and nobody hears", "async function boot() { await 1; throw new Error('no database'); }\nboot();\nsetTimeout(() => console.log('x'), 100);\n", {"app/main.js": "async function boot() { throw new Error('no database'); }\nboot();\nsetTimeout(() => console.log('READY'), 300);\n"}, blame="")
    yield case("file written before it is read", "const fs = require('fs'), path = require('path'), os = require('os');\nconst dir = path.join(os.tmpdir(), 'shop');\nfs.mkdirSync(dir, { recursive: true });\nconst f = path.join(dir, 'c.json');\nif (!fs.existsSync(f)) fs.writeFileSync(f, JSON.stringify({ a: 1 }));\nconst c = JSON.parse(fs.readFileSync(f, 'utf8'));\nfs.writeFileSync(path.join(dir, 'gen.js'), 'module.exports = 1');\nrequire(path.join(dir, 'gen.js'));\n")
    yield case("file written into a directory that is gone", "require('fs').writeFileSync('/var/lib/shop/c.json', '{}');\n", blame="/var/lib/shop")
    yield case("file that is read where it exists", "const fs = require('fs');\nconst read = f => { try { return fs.readFileSync(f, 'utf8'); } catch (e) { if (e.code === 'ENOENT') return '{}'; throw e; } };\nconst c = ['/etc/a.json', 'b.json'].map(read).map(JSON.parse);\nfs.readFile('/etc/gone', (e, d) => { if (e) console.log('none'); });\n")
    yield case("preload by NODE_OPTIONS", "if (!global.tracer) process.exit(4);\n", {"app/trace.js": "global.tracer = {};\n"}, env=["NODE_OPTIONS=--require /app/trace.js"])
    yield case("preload by NODE_OPTIONS, gone", "", env=["NODE_OPTIONS=--require /app/trace.js"], blame="/app/trace.js")
    yield case("modules by NODE_PATH", "require('shared');\n", {"opt/lib/shared/index.js": ""}, env=["NODE_PATH=/opt/none:/opt/lib"])
    yield case("hook of the module loader", "const Module = require('module');\nconst load = Module._load;\nModule._load = function (name, ...rest) { return name === 'gone-native' ? {} : load.call(this, name, ...rest); };\nrequire('gone-native');\nrequire('./user');\n", {"app/user.js": "require('gone-native');\n"})
    yield case("alias of the module resolver", "const Module = require('module');\nconst old = Module._resolveFilename;\nModule._resolveFilename = function (r, ...a) { return old.call(this, r.replace(/^@\\//, __dirname + '/src/'), ...a); };\nrequire('@/a');\n", {"app/src/a.js": ""})
    yield case("native add-on by a list of places", "let b;\nfor (const p of ['./build/Release/x.node', './prebuilds/linux-x64/x.node']) { try { b = require(p); break; } catch (e) { } }\nif (!b) b = require('./fallback');\n", {"app/fallback.js": ""})
    yield case("native add-on, nothing found", "let b;\nfor (const p of ['./build/Release/x.node', './prebuilds/linux-x64/x.node']) { try { b = require(p); break; } catch (e) { } }\nif (!b) throw new Error('no native part');\n", blame="")
    yield case("worker of a file", "const { Worker } = require('worker_threads');\nnew Worker(require('path').join(__dirname, 'w.js')).on('exit', () => console.log('x'));\n", {"app/w.js": ""})
    yield case("child that is forked and missed", "const { fork } = require('child_process');\nconst c = fork('./gone.js');\nc.on('exit', code => { console.log(code); });\n")
    yield case("JSON with a require of its key", "const cfg = require('./config.json');\nconst drv = require('./drivers/' + cfg.driver);\ndrv.open();\n", {"app/config.json": {"driver": "mem"}, "app/drivers/mem.js": "exports.open = () => {};\n"})
    yield case("JSON with a require of its key, driver gone", "const cfg = require('./config.json');\nconst drv = require('./drivers/' + cfg.driver);\ndrv.open();\n", {"app/config.json": {"driver": "pg"}, "app/drivers/mem.js": ""}, blame="drivers/pg")
    yield case("JSON lacks a table", "const cfg = require('./config.json');\nconsole.log(cfg.server.port);\n", {"app/config.json": {"name": "x"}}, blame="server")
    yield case("JSON lacks a table, chained", "const cfg = require('./config.json');\nconsole.log(cfg.server?.port ?? 80, (cfg.db || {}).url);\n", {"app/config.json": {"name": "x"}})


def perl():
    def case(name, text, files=None, **more): return Case("elsewhere perl", name, "unseen-perl", {"srv/a.pl": text + 'print "READY\\n";\n', **(files or {})}, ["perl", "/srv/a.pl"], workdir="/srv", seconds=10, **more)
    yield case("AUTOLOAD makes accessors", "package Conf;\nour $AUTOLOAD;\nsub new { bless { port => 1 }, shift }\nsub AUTOLOAD { my $s = shift; (my $n = $AUTOLOAD) =~ s/.*:://; return if $n eq 'DESTROY'; die \"no $n\" unless exists $s->{$n}; $s->{$n} }\npackage main;\nprint Conf->new->port;\nConf->new->DESTROY;\n")
    yield case("accessors by a glob", "package Conf;\nfor my $n (qw(host port)) { no strict 'refs'; *{__PACKAGE__ . \"::$n\"} = sub { $_[0]{$n} } }\nsub new { bless { host => 'x', port => 1 }, shift }\npackage main;\nuse strict; use warnings;\nprint Conf->new->host, Conf::port(Conf->new);\n")
    yield case("module made in BEGIN", "BEGIN {\n  package Local::Tool;\n  $INC{'Local/Tool.pm'} = __FILE__;\n  sub import { no strict 'refs'; *{caller() . '::tool'} = sub { 1 } }\n}\nuse Local::Tool;\nprint tool();\n")
    yield case("module by a hook in @INC", "BEGIN { push @INC, sub { my ($s, $f) = @_; return unless $f eq 'Virtual/A.pm'; my $c = 'package Virtual::A; sub x { 2 } 1;'; open my $h, '<', \\$c; return $h } }\nuse Virtual::A;\nprint Virtual::A::x();\n")
    yield case("optional modules in three forms", "use strict;\nmy $json = eval { require Gone::JSON; Gone::JSON->new } || undef;\nmy $has = eval \"use Gone::YAML; 1\" ? 1 : 0;\nBEGIN { eval { require Gone::Time; Gone::Time->import('t'); 1 } or *t = sub { time } }\nprint t(), $has;\nfor my $m (qw(Gone::A Gone::B)) { (my $f = \"$m.pm\") =~ s{::}{/}g; next unless eval { require $f; 1 }; $m->go; }\n")
    yield case("optional module by local $@ and do", "sub try_load { my $m = shift; local $@; my $ok = eval \"require $m\"; return $ok ? $m : undef }\nmy $class = try_load('Gone::Fast') // try_load('List::Util') // die 'none';\nprint $class;\n")
    yield case("optional module that dies", "sub load { my $m = shift; eval \"require $m; 1\" or die \"need $m\"; }\nload('Gone::Fast');\n", blame="Gone::Fast")
    yield case("base and parent in the same file", "package A; sub new { bless {}, shift } sub hi { 'a' }\npackage B; our @ISA = ('A');\npackage C; use parent -norequire, 'B';\npackage main;\nprint C->new->hi;\n")
    yield case("parent that is gone", "package C; use parent 'Gone::Base';\npackage main;\n", blame="Gone::Base")
    yield case("heredocs of several kinds", "my %h = (a => <<A, b => <<'B');\nuse Gone::One;\nA\nrequire Gone::Two;\nB\nprint <<~\"E\" . lc(<<`C`);\n  use Gone::Three;\n  E\necho x\nC\nmy $t = q{\nuse Gone::Four;\n};\n=pod\n\nuse Gone::Five;\n\n=cut\n")
    yield case("string evaluation makes a class", "my $n = 'Made';\neval \"package $n; sub new { bless {}, shift } sub go { 1 } 1\" or die;\n$n->new->go;\nMade->new->go;\n")
    yield case("file of settings by do", "my $c = do './conf.pl' or die \"no conf: $!\";\nprint $c->{port};\n", {"srv/conf.pl": "{ port => 1 }\n"})
    yield case("file of settings by do, gone", "my $c = do './conf.pl' or die \"no conf: $!\";\nprint $c->{port};\n", blame="conf.pl")
    yield case("library beside by FindBin", "use FindBin qw($RealBin);\nuse lib \"$RealBin/../lib/perl\", \"$FindBin::Bin/lib\";\nuse Near;\nuse Far::Away qw(x :all);\nprint x();\n", {"srv/lib/Near.pm": "package Near; 1;\n", "lib/perl/none": "", "srv/lib/Far/Away.pm": "package Far::Away; use Exporter 'import'; our @EXPORT_OK = qw(x y); our %EXPORT_TAGS = (all => \\@EXPORT_OK); sub x { 1 } sub y { 2 } 1;\n"})
    yield case("library beside by FindBin, module gone", "use FindBin qw($RealBin);\nuse lib \"$RealBin/lib\";\nuse Near;\n", blame="Near")
    yield case("export that is not there", "use lib '/srv/lib';\nuse Far qw(z);\n", {"srv/lib/Far.pm": "package Far; use Exporter 'import'; our @EXPORT_OK = qw(x); sub x { 1 } 1;\n"}, blame="z")
    yield case("signal handlers and local", "local $SIG{__DIE__} = sub { warn @_ };\nlocal $SIG{__WARN__} = sub { };\neval { die { code => 3 } };\nprint $@->{code};\nlocal $_ = 'x'; s/x/y/; tr/y/z/;\n")
    yield case("file written before it is read", "use strict; use File::Temp qw(tempdir); use File::Spec::Functions;\nmy $d = tempdir(CLEANUP => 1); my $f = catfile($d, 'a');\nopen(my $o, '>', $f) or die; print $o \"x\\n\"; close $o;\nopen(my $i, '<', $f) or die \"no $f\"; my $l = <$i>;\n-d '/var/spool/shop' or mkdir '/var/spool/shop' or mkdir '/srv/spool' or die;\n")
    yield case("file that may be missing", "open(my $i, '<', '/etc/gone.conf') or warn 'defaults';\nif (open my $h, '<', '/etc/gone2') { die } else { print 'none' }\nmy $ok = eval { open my $z, '<', '/etc/gone3' or die; 1 };\n")
    yield case("file that must be there", "open(my $i, '<', '/etc/gone.conf') || die \"cannot open: $!\";\n", blame="/etc/gone.conf")
    yield case("moo class with roles", "package R; use Moo::Role; requires 'name'; sub hello { 'hi ' . $_[0]->name }\npackage C; use Moo; has name => (is => 'ro', default => sub { 'x' }); with 'R';\npackage main;\nprint C->new->hello;\n")
    yield case("moo class, role needs what is not there", "package R; use Moo::Role; requires 'name';\npackage C; use Moo; with 'R';\npackage main;\n", blame="name")
    yield case("Template Toolkit's template gone", "use Template;\nmy $t = Template->new(INCLUDE_PATH => '/srv/tt') or die;\nmy $o = '';\n$t->process('page.tt', {}, \\$o) or die $t->error;\n", {"srv/tt/other.tt": "x"}, blame="page.tt")
    yield case("dispatch table", "my %run = (serve => sub { 1 }, work => \\&work);\nsub work { require Gone::Work }\nmy $c = shift // 'serve';\n($run{$c} || die \"no $c\")->();\n")
    yield case("version that is too high", "use List::Util 99;\n", blame="List::Util")


def ruby():
    def case(name, text, files=None, **more): return Case("elsewhere ruby", name, "ruby2", {"srv/a.rb": text + 'puts "READY"\n', **(files or {})}, more.pop("entry", ["ruby", "/srv/a.rb"]), workdir="/srv", seconds=12, **more)
    yield case("method_missing and respond_to", "class Conf\n  def initialize(h) = @h = h\n  def method_missing(n, *a)\n    @h.key?(n) ? @h[n] : super\n  end\n  def respond_to_missing?(n, p = false) = @h.key?(n) || super\nend\nputs Conf.new(port: 1).port\n")
    yield case("const_missing loads", "class Object\n  def self.const_missing(name)\n    file = File.join(__dir__, 'lib', name.to_s.downcase + '.rb')\n    raise NameError, name.to_s unless File.exist?(file)\n    require file\n    const_get(name)\n  end\nend\nputs Widget.new.x\n", {"srv/lib/widget.rb": "class Widget\n  def x = 1\nend\n"})
    yield case("autoload of parts", "module Shop\n  autoload :Cart, File.expand_path('shop/cart', __dir__)\n  autoload :Gone, 'shop/gone'\nend\nputs Shop::Cart.new.total\n", {"srv/shop/cart.rb": "module Shop\n  class Cart\n    def total = 0\n  end\nend\n"})
    yield case("autoload of parts, part gone", "module Shop\n  autoload :Cart, File.expand_path('shop/cart', __dir__)\nend\nputs Shop::Cart.new.total\n", blame="shop/cart")
    yield case("refinements", "module Short\n  refine String do\n    def shout = upcase + '!'\n  end\nend\nusing Short\nputs 'a'.shout\n")
    yield case("optional by rescue LoadError in methods", "def optional(name)\n  require name\n  true\nrescue LoadError\n  false\nend\nHAS = optional('gone_fast')\nFAST = begin require 'gone_b'; true; rescue LoadError; false end\nbegin\n  require 'gone_c'\nrescue LoadError => e\n  warn e.message\nelse\n  GoneC.start\nensure\n  puts HAS\nend\n%w[gone_d json].each { |n| begin; require n; rescue ::LoadError, ArgumentError; next; end }\n")
    yield case("optional by a rescue of another kind", "begin\n  require 'gone_fast'\nrescue StandardError\n  puts 'none'\nend\n", blame="gone_fast")
    yield case("struct, data and comparable", "Point = Struct.new(:x, :y, keyword_init: true) do\n  include Comparable\n  def <=>(o) = x <=> o.x\n  def self.origin = new(x: 0, y: 0)\nend\nputs Point.origin.x, Point.new(x: 1, y: 2) > Point.origin\n")
    yield case("constants set by a loop", "module Levels\n  %i[debug info].each_with_index { |n, i| const_set(n.upcase, i) }\n  class << self\n    attr_accessor :current\n    define_method(:max) { constants.size }\n  end\nend\nputs Levels::INFO, Levels.max\nLevels.current = 1\n")
    yield case("class made by Class.new", "Error = Class.new(StandardError) { def code = 3 }\nObject.const_set(:Job, Class.new { def self.perform(x) = x })\nbegin; raise Error; rescue Error => e; puts e.code; end\nputs Job.perform(1)\n")
    yield case("hooks of inheritance", "class Plugin\n  @all = []\n  class << self; attr_reader :all; def inherited(k) = (super; Plugin.all << k); end\nend\nDir[File.join(__dir__, 'plugins', '*.rb')].sort.each { |f| require f }\nraise 'none' if Plugin.all.empty?\nPlugin.all.each { |k| k.new.go }\n", {"srv/plugins/a.rb": "class A < Plugin\n  def go = 1\nend\n"})
    yield case("hooks of inheritance, plugin needs a gem", "class Plugin; end\nDir[File.join(__dir__, 'plugins', '*.rb')].sort.each { |f| require f }\n", {"srv/plugins/a.rb": "require 'gone_gem'\nclass A < Plugin; end\n"}, blame="gone_gem")
    yield case("load path by unshift", "$LOAD_PATH.unshift(File.expand_path('../lib', __FILE__)) unless $LOAD_PATH.include?(File.expand_path('../lib', __FILE__))\n$:.unshift File.join(__dir__, 'vendor')\nrequire 'near'\nrequire 'far/away'\n", {"srv/lib/near.rb": "", "srv/vendor/far/away.rb": ""})
    yield case("load path by unshift, file gone", "$LOAD_PATH.unshift(File.expand_path('../lib', __FILE__))\nrequire 'near'\n", {"srv/lib/far.rb": ""}, blame="near")
    yield case("end of the file is data", "require 'yaml'\nc = YAML.load(DATA.read)\nputs c['port']\n", {"srv/a.rb": "require 'yaml'\nc = YAML.load(DATA.read)\nputs c['port']\nputs 'READY'\n__END__\nport: 1\nrequire 'gone'\n"})
    yield case("heredocs of several kinds", "a = <<~A + <<-'B'\n  require 'gone_a'\nA\n  require 'gone_b'\n  B\nputs a.lines.size\n=begin\nrequire 'gone_c'\n=end\nputs %q(require 'gone_d')\n")
    yield case("environment by fetch with a block", "port = ENV.fetch('PORT') { 80 }\nhost = ENV.fetch('HOST', 'x')\ntoken = ENV['TOKEN'] || 'none'\nurl = begin ENV.fetch('URL') rescue KeyError; 'x' end\nputs port, host, token, url\n")
    yield case("environment by fetch", "class Conf\n  URL = ENV.fetch('DATABASE_URL')\nend\n", blame="DATABASE_URL")
    yield case("file written before it is read", "require 'fileutils'; require 'json'\nFileUtils.mkdir_p('/var/lib/shop')\nf = '/var/lib/shop/c.json'\nFile.write(f, JSON.generate(a: 1)) unless File.exist?(f)\nputs JSON.parse(File.read(f))['a']\n")
    yield case("YAML with what is asked for", "require 'yaml'\nC = YAML.load_file(File.join(__dir__, 'c.yml'), aliases: true)\nputs C.fetch('prod').fetch('url'), C['none']&.fetch('x')\n", {"srv/c.yml": "base: &b\n  url: x\nprod:\n  <<: *b\n"})
    yield case("YAML lacks what is asked for", "require 'yaml'\nC = YAML.load_file(File.join(__dir__, 'c.yml'))\nputs C.fetch('production').fetch('url')\n", {"srv/c.yml": "prod:\n  url: x\n"}, blame="production")
    yield case("module_function and extend self", "module A; module_function; def x = 1; end\nmodule B; extend self; def y = A.x; end\nputs A.x, B.y\n")
    yield case("method that a class lacks", "class Server\n  def run = 1\nend\nServer.new.start\n", blame="start")
    yield case("pattern matching", "case { name: 'x', tags: [1, 2] }\nin { name: String => n, tags: [Integer => a, *] } then puts n, a\nin nil then require 'gone'\nend\n")
    yield case("rack of a builder", "", {"srv/config.ru": "require_relative 'app'\nuse Rack::ContentLength\nrun App.new\n", "srv/app.rb": "class App\n  def call(env) = [200, {}, ['x']]\nend\n", "srv/a.rb": "require 'rack'\napp, = Rack::Builder.parse_file('/srv/config.ru')\nputs 'READY' if app\n"})
    yield case("rake task with prerequisites", "", {"srv/Rakefile": "require 'rake/clean'\nnamespace :db do\n  task(:migrate) { puts 'm' }\nend\ndesc 'x'\ntask serve: ['db:migrate'] do\n  puts 'READY'\nend\ntask default: :serve\n"}, entry=["rake"])
    yield case("rake task that is gone", "", {"srv/Rakefile": "task serve: ['db:migrate'] do\n  puts 'READY'\nend\n"}, entry=["rake", "serve"], blame="db:migrate")


def php():
    def case(name, text, files=None, **more): return Case("elsewhere php", name, "unseen-php", {"srv/a.php": "<?php\n" + text + "echo \"READY\\n\";\n", **(files or {})}, ["php", "/srv/a.php"], workdir="/srv", seconds=10, **more)
    psr = "spl_autoload_register(static function (string $class): void {\n    $prefix = 'App\\\\';\n    if (strncmp($prefix, $class, strlen($prefix)) !== 0) { return; }\n    $file = __DIR__ . '/src/' . str_replace('\\\\', '/', substr($class, strlen($prefix))) . '.php';\n    if (is_file($file)) { require $file; }\n});\n"
    src = {"srv/src/Kernel.php": "<?php\ndeclare(strict_types=1);\nnamespace App;\nuse App\\Http\\{Router, Request as Req};\nuse function App\\Util\\slug;\nfinal class Kernel {\n    public function __construct(private readonly Router $r = new Router()) {}\n    public function run(): int { return $this->r->dispatch(new Req()); }\n}\n", "srv/src/Http/Router.php": "<?php\nnamespace App\\Http;\nclass Router { use Logs; public function dispatch(Request $r): int { $this->log('x'); return 0; } }\n", "srv/src/Http/Request.php": "<?php\nnamespace App\\Http;\nclass Request {}\n", "srv/src/Http/Logs.php": "<?php\nnamespace App\\Http;\ntrait Logs { protected function log(string $m): void {} }\n"}
    yield case("loader by namespace", psr + "exit((new App\\Kernel())->run() ?: (print \"READY\\n\") - 1);\n", src)
    yield case("loader by namespace, trait gone", psr + "(new App\\Kernel())->run();\n", {k: v for k, v in src.items() if "Logs" not in k}, blame="Logs")
    yield case("loader by namespace, file of another case", psr + "(new App\\Kernel())->run();\n", {**{k: v for k, v in src.items() if "Router" not in k}, "srv/src/Http/router.php": src["srv/src/Http/Router.php"]}, blame="Router")
    yield case("loader by a table", "$map = ['Legacy_Db' => 'lib/db.php'];\nspl_autoload_register(function ($c) use ($map) { isset($map[$c]) && require __DIR__ . '/' . $map[$c]; });\nLegacy_Db::connect();\n", {"srv/lib/db.php": "<?php class Legacy_Db { public static function connect() { return new static; } }\n"})
    yield case("functions defined where they are missing", "if (!function_exists('str_contains')) { function str_contains($a, $b) { return strpos($a, $b) !== false; } }\nif (!function_exists('app_log')) { function app_log($m) { } }\napp_log('x');\nif (extension_loaded('gone')) { gone_open(); }\nif (function_exists('gone_b')) gone_b();\ndefined('ROOT') || define('ROOT', __DIR__);\necho ROOT;\n")
    yield case("functions of a later condition", "if (getenv('FAST')) { function work() { return 1; } } else { function work() { return 2; } }\nwork();\nearly();\nfunction early() { function inner() { return 1; } }\ninner();\n")
    yield case("classes declared below and conditionally", "$x = new Below();\nif (!class_exists('Maybe')) { class Maybe { } }\nnew Maybe;\nclass Below extends Above {}\nclass Above {}\nclass_alias(Below::class, 'Other');\nnew Other;\n$a = new class { public function go() { return 1; } };\n$a->go();\n")
    yield case("class below that extends what is below it and loaded", "namespace X;\ninterface Can { const A = 1; }\nabstract class Base implements Can { abstract function go(); public static function make(): static { return new static(); } }\nfinal class Impl extends Base { function go() { return self::A . static::class . namespace\\helper(); } }\nfunction helper() { return \\strlen('x') . PHP_EOL; }\necho Impl::make()->go();\n")
    yield case("abstract method not made", "abstract class Base { abstract function go(); }\nclass Impl extends Base { }\nnew Impl;\n", blame="go")
    yield case("interface's method not made", "interface Can { function go(int $a); }\nclass Impl implements Can { }\n", blame="go")
    yield case("magic calls", "class M { public function __call($n, $a) { return $n; } public static function __callStatic($n, $a) { return $n; } public function __get($n) { return $this; } }\nM::anything(); (new M)->foo()  ; (new M)->a->b->c();\n$f = 'strtoupper'; $f('a'); $m = [new M, 'x']; $m(); call_user_func_array([new M, 'y'], []);\n")
    yield case("enumerations and match", "enum Level: string { case Low = 'l'; case High = 'h'; const D = self::Low; public static function of(string $s): self { return self::tryFrom($s) ?? self::D; } public function label(): string { return match ($this) { self::Low => 'low', self::High => gone_label() }; } }\necho Level::of('q')->label(), Level::from('h')->name, count(Level::cases());\n")
    yield case("enumeration lacks a case", "enum Level: string { case Low = 'l'; }\necho Level::High->value;\n", blame="High")
    yield case("include with return and optional", "$c = array_replace_recursive(require 'c.php', is_file('local.php') ? require 'local.php' : []);\n@include 'gone.php';\n(@include 'gone2.php') || print('none');\nif ((include_once __DIR__ . '/d.php') === true) echo $c['db']['host'], $fromD;\n", {"srv/c.php": "<?php return ['db' => ['host' => 'x']];\n", "srv/d.php": "<?php $fromD = 1; return true;\n"})
    yield case("include with return, required part gone", "$c = array_replace_recursive(require 'c.php', require 'env/' . (getenv('APP_ENV') ?: 'prod') . '.php');\n", {"srv/c.php": "<?php return [];\n", "srv/env/dev.php": "<?php return [];\n"}, blame="env/prod.php")
    yield case("include path of its own", "set_include_path(__DIR__ . '/inc' . PATH_SEPARATOR . get_include_path());\nrequire_once 'Tool/A.php';\nnew Tool_A;\n", {"srv/inc/Tool/A.php": "<?php class Tool_A {}\n"})
    yield case("generators, references and spreads", "function g(iterable $x) { foreach ($x as $k => $v) { $r = yield $k => $v; } return 3; }\n$g = g([1, 2]); foreach ($g as &$unused) ; echo $g->getReturn();\nfunction &ref(array &$a) { return $a; }\nfunction named(int $a, int ...$rest) { return $a + array_sum($rest); }\necho named(...[1, 2]), named(a: 1);\n[$p, 'k' => [$q]] = [0 => 1, 'k' => [2]];\n", {"srv/a.php": "<?php\nfunction g(iterable $x) { foreach ($x as $k => $v) { $r = yield $k => $v; } return 3; }\n$g = g([1, 2]); foreach ($g as $unused) ; echo $g->getReturn();\nfunction named(int $a, int ...$rest) { return $a + array_sum($rest); }\necho named(...[1, 2]), named(a: 1);\n[0 => $p, 'k' => [$q]] = [0 => 1, 'k' => [2]];\necho \"READY\\n\";\n"})
    yield case("arguments that are too few", "function connect(string $host, int $port) { return 1; }\nconnect('x');\n", blame="connect")
    yield case("catches of several kinds", "try { new Gone\\Thing; } catch (\\Error $e) { echo get_class($e); }\ntry { require 'gone.php'; } catch (\\Throwable) { }\nset_error_handler(fn($n, $m) => throw new ErrorException($m));\ntry { file_get_contents('/etc/gone'); } catch (ErrorException) { } finally { restore_error_handler(); }\n")
    yield case("file written before it is read", "@mkdir('/var/cache/shop', 0777, true);\n$f = '/var/cache/shop/c.php';\nif (!file_exists($f)) file_put_contents($f, '<?php return ' . var_export(['a' => 1], true) . ';');\n$c = require $f;\necho $c['a'];\n")
    yield case("extension that is demanded", "if (!extension_loaded('gd')) { fwrite(STDERR, 'gd is needed'); exit(1); }\n", blame="gd")
    yield case("constants of a namespace", "namespace A\\B { const X = 1; function f() { return X . \\PHP_VERSION . M_PI; } }\nnamespace { use const A\\B\\X; use function A\\B\\f; echo X, f();\n", {"srv/a.php": "<?php\nnamespace A\\B { const X = 1; function f() { return X . \\PHP_VERSION . M_PI; } }\nnamespace { use const A\\B\\X; use function A\\B\\f; echo X, f(); echo \"READY\\n\"; }\n"})
    yield case("constant that is not defined", "namespace App;\nconst DEBUG = false;\necho DEBUG, VERSION;\n", blame="VERSION")


def lua():
    def case(name, text, files=None, **more): return Case("elsewhere lua", name, "unseen-lua", {"srv/a.lua": text + 'print("READY")\n', **(files or {})}, ["lua", "/srv/a.lua"], workdir="/srv", seconds=10, **more)
    yield case("globals by a metatable", "setmetatable(_G, { __index = function(t, k) return function(...) return k end end })\nanything(1)\nprint(other())\n")
    yield case("strict globals", "local mt = { __newindex = function(t, k, v) rawset(t, k, v) end, __index = function(t, k) error('undeclared ' .. k, 2) end }\nsetmetatable(_G, mt)\nx = 1\nprint(x)\n")
    yield case("strict globals, undeclared", "setmetatable(_G, { __index = function(t, k) error('undeclared ' .. k, 2) end })\nprint(config)\n", blame="config")
    yield case("path by the script's own place", "local here = arg[0]:match('(.*/)') or './'\npackage.path = here .. 'lib/?.lua;' .. here .. 'lib/?/init.lua;' .. package.path\nlocal a, b = require('near'), require('far.away')\nprint(a.x, b.y)\n", {"srv/lib/near.lua": "return { x = 1 }\n", "srv/lib/far/away/init.lua": "local M = {}\nM.y = 2\nreturn M\n"})
    yield case("path by the script's own place, part gone", "local here = arg[0]:match('(.*/)') or './'\npackage.path = here .. 'lib/?.lua;' .. package.path\nlocal a = require('near')\n", blame="near")
    yield case("optional by pcall in three forms", "local ok, m = pcall(require, 'gone')\nif not ok then m = { go = function() end } end\nm.go()\nlocal has = pcall(function() return require('gone_b') end)\nlocal _, c = xpcall(require, debug.traceback, 'gone_c')\nlocal function try(...) for _, n in ipairs({ ... }) do local o, x = pcall(require, n); if o then return x end end end\nprint(try('gone_d', 'string') ~= nil)\n")
    yield case("preloaded module", "package.preload['virtual'] = function(name) return { name = name } end\npackage.loaded.other = { a = 1 }\nprint(require('virtual').name, require('other').a)\n")
    yield case("searcher of its own", "table.insert(package.searchers, 2, function(name) if name:match('^v%.') then return function() return { n = name } end end end)\nprint(require('v.x').n)\n")
    yield case("classes and inheritance", "local Base = {}\nBase.__index = Base\nfunction Base.new(o) return setmetatable(o or {}, Base) end\nfunction Base:run() return self:name() end\nlocal Sub = setmetatable({}, { __index = Base, __call = function(c, ...) return setmetatable({ ... }, c) end })\nSub.__index = Sub\nfunction Sub:name() return 'sub' end\nprint(Sub(1):run())\n")
    yield case("classes and inheritance, method gone", "local Base = {}\nBase.__index = Base\nfunction Base.new(o) return setmetatable(o or {}, Base) end\nfunction Base:run() return self:name() end\nprint(Base.new():run())\n", blame="name")
    yield case("settings in an environment of their own", "local env = setmetatable({}, { __index = _G })\nlocal chunk = assert(loadfile('/srv/conf.lua', 't', env))\nchunk()\nprint(env.port, env.list[2])\n", {"srv/conf.lua": "port = 80\nlist = { 'a', tostring(port) }\n"})
    yield case("settings in an environment of their own, gone", "local chunk = assert(loadfile('/srv/conf.lua'))\nchunk()\n", blame="/srv/conf.lua")
    yield case("goto, varargs and closures", "local function each(...)\n  for i = 1, select('#', ...) do\n    local v = select(i, ...)\n    if not v then goto continue end\n    io.write(tostring(v))\n    ::continue::\n  end\nend\neach(1, nil, 'x')\nlocal t = table.pack(each())\nlocal co = coroutine.wrap(function() for i = 1, 2 do coroutine.yield(i) end end)\nassert(co() == 1 and co() == 2)\nprint(('x'):rep(3), #'abc', 7 // 2, 5 & 3)\n")
    yield case("file that may be missing", "local f = io.open('/etc/gone.conf')\nif f then f:close() else print('defaults') end\nlocal h = io.open('/tmp/x', 'w')\nh:write('return { a = 1 }')\nh:close()\nprint(dofile('/tmp/x').a)\n")
    yield case("file that must be there", "local f = assert(io.open('/etc/gone.conf', 'r'))\n", blame="/etc/gone.conf")
    yield case("field of a nil value", "local conf = require('conf')\nprint(conf.db.host)\n", {"srv/conf.lua": "return { web = { port = 1 } }\n"}, blame="db")


JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
SOURCES = {
    "e/Loader.java": 'package e; import java.util.*; public class Loader { public interface Codec { String name(); } public static void main(String[] a) { int n = 0; for (Codec c : ServiceLoader.load(Codec.class)) { n++; System.out.println(c.name()); } if (n == 0) throw new IllegalStateException("no codec"); System.out.println("READY"); } }',
    "p/Gzip.java": 'package p; public class Gzip implements e.Loader.Codec { public String name() { return "gzip"; } }',
    "e/Tries.java": 'package e; public class Tries { static final boolean FAST; static { boolean f; try { Class.forName("gone.Fast"); f = true; } catch (ClassNotFoundException | LinkageError x) { f = false; } FAST = f; } static Object make(String... names) { for (String n : names) { try { return Class.forName(n).getDeclaredConstructor().newInstance(); } catch (ReflectiveOperationException x) { continue; } } throw new IllegalStateException("none of " + String.join(",", names)); } public static void main(String[] a) { make("gone.A", "p.Plain"); if (FAST) new p.Gzip().name(); System.out.println("READY"); } }',
    "p/Plain.java": 'package p; public class Plain { public Plain() { } }',
    "e/Settings.java": 'package e; import java.util.*; import java.io.*; public class Settings { static String need(Properties p, String k) { String v = p.getProperty(k); if (v == null) throw new IllegalStateException("no setting " + k); return v; } public static void main(String[] a) throws IOException { Properties p = new Properties(); try (InputStream in = Settings.class.getResourceAsStream("/app.properties")) { p.load(in); } System.getProperties().forEach((k, v) -> { if (k.toString().startsWith("app.")) p.put(k, v); }); Integer.parseInt(need(p, "app.port")); System.out.println("READY"); } }',
    "e/Writes.java": 'package e; import java.nio.file.*; public class Writes { public static void main(String[] a) throws Exception { Path d = Paths.get(System.getProperty("app.data", "/var/lib/shop")); if (Boolean.getBoolean("app.make")) Files.createDirectories(d); Path f = d.resolve("x"); Files.writeString(f, "1"); if (!Files.readString(f).equals("1")) System.exit(3); System.out.println("READY"); } }',
    "e/Agent.java": 'package e; public class Agent { public static void premain(String s) { System.out.println("agent " + s); } }',
    "e/Plain.java": 'package e; public class Plain { sealed interface S permits A, B { } record A(int x) implements S { } record B(String y) implements S { } enum K { ONE { int v() { return 1; } }, TWO { int v() { return 2; } }; abstract int v(); } static int f(Object o) { return o instanceof A q ? q.x() : 0; } public static void main(String[] a) { Runnable r = () -> System.out.println(K.valueOf("TWO").v() + f(new A(3))); r.run(); var t = new Thread(r); t.setDaemon(true); t.start(); java.util.stream.Stream.of("a").map(String::length).forEach(System.out::println); System.out.println("READY"); } }',
    "e/Proxy.java": 'package e; import java.lang.reflect.*; public class Proxy { interface Repo { String find(String k); } public static void main(String[] a) { Repo r = (Repo) java.lang.reflect.Proxy.newProxyInstance(Proxy.class.getClassLoader(), new Class<?>[] { Repo.class }, (p, m, x) -> m.getName()); if (!r.find("x").equals("find")) System.exit(2); System.out.println("READY"); } }',
}


def java():
    if not os.path.exists(JAVA + "/bin/javac"): return
    whole = compiled("elsewhere", SOURCES)
    def case(name, main, without=(), extra=None, options=(), files=None, manifest=None, args=(), **more):
        inside = {n: t for n, t in {**whole, **(extra or {})}.items() if not n.startswith(tuple(without))}
        return Case("elsewhere java", name, "java", {"srv/app.jar": packed(inside, {"Main-Class": "e." + main, **(manifest or {})}), **(files or {})}, ["java", *options, "-jar", "/srv/app.jar", *args], workdir="/srv", seconds=12, **more)
    service = {"META-INF/services/e.Loader$Codec": "# codecs\np.Gzip\n"}
    yield case("services of its own archive", "Loader", extra=service)
    yield case("services of its own archive, none named", "Loader", blame="")
    yield case("services of its own archive, class gone", "Loader", ["p/Gzip"], service, blame="p.Gzip")
    yield case("services of an archive beside", "Loader", ["p/"], manifest={"Class-Path": "lib/p.jar lib/none.jar"}, files={"srv/lib/p.jar": packed({"p/Gzip.class": whole.get("p/Gzip.class", b""), **service})})
    yield case("tries classes one by one", "Tries")
    yield case("tries classes one by one, none", "Tries", ["p/Plain"], blame="p.Plain")
    yield case("settings of its archive", "Settings", extra={"app.properties": "app.port=80\n"})
    yield case("settings of its archive, key by -D", "Settings", extra={"app.properties": "x=1\n"}, options=["-Dapp.port=81"])
    yield case("settings of its archive, key gone", "Settings", extra={"app.properties": "app.host=x\n"}, blame="app.port")
    yield case("settings of its archive, file gone", "Settings", blame="app.properties")
    yield case("writes into a directory that it makes", "Writes", options=["-Dapp.make=true"])
    yield case("writes into a directory that is gone", "Writes", blame="/var/lib/shop")
    yield case("writes into a directory of root's", "Writes", files={"var/lib/shop": DIRECTORY}, user="app", blame="/var/lib/shop")
    yield case("writes into a directory of its own", "Writes", options=["-Dapp.data=/data"], files={"data": Mode(None, 0o755, 1000)}, user="1000")
    yield case("agent beside", "Plain", options=["-javaagent:/srv/agent.jar=x"], files={"srv/agent.jar": packed({"e/Agent.class": whole["e/Agent.class"]}, {"Premain-Class": "e.Agent"})})
    yield case("agent that is gone", "Plain", options=["-javaagent:/srv/agent.jar=x"], blame="agent.jar")
    yield case("agent without its class", "Plain", ["e/Agent"], options=["-javaagent:/srv/agent.jar=x"], files={"srv/agent.jar": packed({}, {"Premain-Class": "e.Agent"})}, blame="e.Agent")
    yield case("agent of JAVA_TOOL_OPTIONS that is gone", "Plain", env=["JAVA_TOOL_OPTIONS=-javaagent:/opt/agent.jar"], blame="/opt/agent.jar")
    yield case("records, enumerations and lambdas", "Plain", files={"srv/logging.properties": "handlers=java.util.logging.ConsoleHandler\n"}, options=["-Djava.util.logging.config.file=/srv/logging.properties"])
    yield case("body of an enumeration's case is gone", "Plain", ["e/Plain$K$1"], blame="e.Plain$K$1")
    yield case("proxy of an interface", "Proxy")
    yield case("multi-release classes", "Plain", manifest={"Multi-Release": "true"}, extra={"META-INF/versions/9/e/Plain.class": whole["e/Plain.class"], "META-INF/versions/99/e/Plain.class": b"no class"})
    yield case("options by an argument file", "Plain", options=["@/srv/options"], files={"srv/options": "-Xmx64m\n# remark\n-Dx=\"a b\"\n"})
    yield case("options by an argument file that is gone", "Plain", options=["@/srv/options"], blame="/srv/options")
    yield case("unknown option of the machine", "Plain", options=["-XX:+UseGoneCollector"], blame="UseGoneCollector")
    yield case("unknown option that is ignored", "Plain", options=["-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseGoneCollector"])


def places():
    def case(name, entry, files=None, base="entry", **more): return Case("elsewhere places", name, base, files or {}, list(entry), seconds=8, **more)
    web = "user www-data;\ndaemon off;\npid /run/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\n  include mime.types;\n  access_log off;\n  include /etc/nginx/sites/*.conf;\n}\n"
    yield case("nginx with sites by a pattern", ["nginx", "-t"], {"etc/nginx/nginx.conf": web, "etc/nginx/mime.types": "types { text/html html; }\n", "etc/nginx/sites/a.conf": "server { listen 8080; root /srv/www; location / { try_files $uri =404; } }\n"}, "nginx")
    yield case("nginx with sites by a pattern, none", ["nginx", "-t"], {"etc/nginx/nginx.conf": web, "etc/nginx/mime.types": "types { text/html html; }\n"}, "nginx")
    yield case("nginx with a certificate that is gone", ["nginx", "-t"], {"etc/nginx/nginx.conf": web, "etc/nginx/mime.types": "types { text/html html; }\n", "etc/nginx/sites/a.conf": "server { listen 8443 ssl; ssl_certificate /etc/tls/a.pem; ssl_certificate_key /etc/tls/a.key; }\n"}, "nginx", blame="/etc/tls/a.pem")
    yield case("nginx with types that are gone", ["nginx", "-t"], {"etc/nginx/nginx.conf": web, "etc/nginx/mime.types": GONE}, "nginx", blame="mime.types")
    sup = "[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=/tmp/s.pid\n[include]\nfiles = /etc/sup.d/*.conf\n"
    yield case("supervisor with programs by a pattern", ["supervisord", "-n", "-c", "/etc/s.conf"], {"etc/s.conf": sup, "etc/sup.d/a.conf": "[program:a]\ncommand=/bin/sh -c 'echo %(ENV_HOME)s; exec sleep 30'\nuser=www-data\nenvironment=A=\"1\",B=\"x,y\"\nautorestart=true\nstartsecs=0\n"}, "pyweb", env=["HOME=/root"])
    yield case("supervisor with a user that is gone", ["supervisord", "-n", "-c", "/etc/s.conf"], {"etc/s.conf": sup, "etc/sup.d/a.conf": "[program:a]\ncommand=sleep 30\nuser=service\n"}, "pyweb", blame="service")
    yield case("supervisor with a variable that is gone", ["supervisord", "-n", "-c", "/etc/s.conf"], {"etc/s.conf": sup, "etc/sup.d/a.conf": "[program:a]\ncommand=sleep %(ENV_SECONDS)s\n"}, "pyweb", blame="SECONDS")
    yield case("gunicorn of a factory", ["gunicorn", "--check-config", "-b", "127.0.0.1:8000", "shop.app:create()"], {"app/shop/__init__.py": "", "app/shop/app.py": "from flask import Flask\ndef create(config=None):\n    app = Flask(__name__)\n    from .views import bp\n    app.register_blueprint(bp)\n    return app\n", "app/shop/views.py": "from flask import Blueprint\nbp = Blueprint('x', __name__)\n@bp.get('/')\ndef index(): return 'x'\n"}, "web", workdir="/app")
    yield case("gunicorn of a factory, views gone", ["gunicorn", "--check-config", "-b", "127.0.0.1:8000", "shop.app:create()"], {"app/shop/__init__.py": "", "app/shop/app.py": "from flask import Flask\ndef create(config=None):\n    app = Flask(__name__)\n    from .views import bp\n    return app\n"}, "web", workdir="/app", blame="shop.views")
    yield case("gunicorn with settings in a file", ["gunicorn", "--check-config", "-c", "python:shop.conf"], {"app/shop/__init__.py": "", "app/shop/conf.py": "import multiprocessing\nwsgi_app = 'shop.wsgi'\nworkers = multiprocessing.cpu_count()\nbind = '127.0.0.1:8001'\n", "app/shop/wsgi.py": "def application(e, s): pass\n"}, "web", workdir="/app")
    yield case("working directory that a volume makes", ["sh", "-c", "set -e; touch state; echo READY"], volumes=["/data"], workdir="/data")
    yield case("volume of root's for USER", ["sh", "-c", "set -e; touch /data/state; echo READY"], {"data": DIRECTORY}, volumes=["/data"], user="app", blame="/data")
    yield case("user by number without an account", ["sh", "-c", 'set -e; [ "$(id -u)" = 4321 ]; cd; echo READY'], user="4321:0")
    yield case("whoami without an account", ["sh", "-c", "set -e; whoami; echo READY"], user="4321", blame="4321")
    yield case("group gives the right", ["/srv/run"], {"srv/run": Mode(OK, 0o750, 0)}, user="app:root")
    yield case("group of the account gives the right", ["cat", "/srv/x"], {"srv/x": Mode("x", 0o640, 0)}, user="app", blame="/srv/x")
    yield case("sticky directory of another", ["sh", "-c", "set -e; rm -f /tmp/none; mkdir /tmp/mine; echo x > /tmp/mine/a; echo READY"], user="app")
    yield case("runuser with a login", ["runuser", "-l", "app", "-c", "/srv/run"], {"srv/run": OK, "home/app": Mode(None, 0o755, 1000)})
    yield case("runuser with a login, program gone", ["runuser", "-l", "app", "-c", "/srv/run"], {"home/app": Mode(None, 0o755, 1000)}, blame="/srv/run")
    yield case("su with a shell that is none", ["su", "www-data", "-c", "echo READY"], blame="")
    yield case("su with a shell given", ["su", "-s", "/bin/sh", "www-data", "-c", "echo READY"])


def native():
    def case(name, entry, files=None, base="elsewhere-tools", **more): return Case("elsewhere native", name, base, files or {}, list(entry), seconds=8, **more)
    script = {"srv/interp": Mode("#!/bin/sh\nfile=$1\nshift\nsed 1d \"$file\" | sh -s -- \"$@\"\n", 0o755), "srv/prog": Mode("#!/srv/interp\necho READY $1\n", 0o755)}
    yield case("interpreter that is a script", ["/srv/prog", "x"], script)
    yield case("interpreter that is a script, its own gone", ["/srv/prog", "x"], {**script, "srv/interp": Mode("#!/usr/local/bin/shell\n", 0o755)}, blame="/usr/local/bin/shell")
    yield case("loader called by name", ["/lib64/ld-linux-x86-64.so.2", "--library-path", "/usr/lib/x86_64-linux-gnu", "/usr/bin/env", "sh", "-c", "echo READY"])
    yield case("loader called by name, program gone", ["/lib64/ld-linux-x86-64.so.2", "/usr/bin/gone"], blame="/usr/bin/gone")
    yield case("library preloaded that is gone", ["sh", "-c", "echo READY"], env=["LD_PRELOAD=/usr/lib/libgone.so"])
    yield case("program through links of links", ["tool"], {"usr/local/bin/tool": Link("/etc/alternatives/tool"), "etc/alternatives/tool": Link("../../opt/tool-2/bin/tool"), "opt/tool-2": Link("tool-2.1"), "opt/tool-2.1/bin/tool": OK})
    yield case("program through links of links, one gone", ["tool"], {"usr/local/bin/tool": Link("/etc/alternatives/tool"), "etc/alternatives/tool": Link("../../opt/tool-2/bin/tool"), "opt/tool-2": Link("tool-2.2"), "opt/tool-2.1/bin/tool": OK}, blame="tool")
    yield case("multi-call program by its name", ["sh", "-c", "set -e; xzcat --version; unxz --version; echo READY"])
    yield case("tool that a pipeline lacks", ["bash", "-c", "set -eo pipefail; echo '{}' | jq . ; echo READY"], blame="jq")
    yield case("library by the cache alone", ["/opt/x/xz", "--version"], {"opt/x/xz": Host("/usr/bin/xz"), LIB + "liblzma.so.5": GONE, "opt/x/lib/liblzma.so.5": Host(os.path.realpath("/" + LIB + "liblzma.so.5"))}, env=["LD_LIBRARY_PATH=/opt/x/lib"])
    yield case("library by the cache alone, variable gone", ["/opt/x/xz", "--version"], {"opt/x/xz": Host("/usr/bin/xz"), LIB + "liblzma.so.5": GONE, "opt/x/lib/liblzma.so.5": Host(os.path.realpath("/" + LIB + "liblzma.so.5"))}, blame="liblzma.so.5")
    yield case("perl in a line of its own", ["perl", "-we", "use strict; my %h = map { $_ => 1 } qw(a b); print 'READY' if $h{a}"])
    yield case("perl in a line of its own, module gone", ["perl", "-MGone::Module", "-e", "print 'READY'"], blame="Gone::Module")
    yield case("env with split and a program", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env -S -i PATH=/usr/bin:/bin bash -eu\necho READY\n", 0o755)})
    yield case("env with split, program gone", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env -S -i PATH=/usr/bin ruby -w\nputs 1\n", 0o755)}, blame="ruby")


def again():
    """Sound programs beside those above, of the shapes at which the check was wrong first."""
    def source(name, text, files=None, entry=("python3", "main.py"), **more):
        return Case("elsewhere again", "python " + name, "names", {"app/main.py": text + P, **(files or {})}, list(entry), seconds=20, workdir="/app", **more)
    yield source("file made by a helper of another module", "from store import ensure\nensure('/var/lib/app/state.json')\nprint(open('/var/lib/app/state.json').read())\n", {"app/store.py": "import os\ndef ensure(path):\n    os.makedirs(os.path.dirname(path), exist_ok=True)\n    if not os.path.exists(path):\n        with open(path, 'x') as f:\n            f.write('{}')\n"})
    yield source("file opened under suppress", "from contextlib import suppress\nwith suppress(FileNotFoundError):\n    with open('/etc/app.conf') as f:\n        conf = f.read()\nwith suppress(OSError):\n    open('/etc/gone2')\n")
    yield source("file behind a conditional expression", "import os\ndata = open('/etc/gone').read() if os.path.exists('/etc/gone') else ''\nlines = [l for p in ('/etc/gone', '/etc/passwd') if os.path.isfile(p) for l in open(p)]\nok = os.path.exists('/etc/gone') and open('/etc/gone').read()\n")
    yield source("file that a generator or a coroutine opens late", "def lines(path):\n    with open('/etc/gone') as f:\n        yield from f\ng = lines('/etc/gone')\nasync def load():\n    return open('/etc/gone').read()\nc = load()\nc.close()\n")
    yield source("file named by a relative place after chdir", "import os\nos.chdir(os.path.dirname(os.path.abspath(__file__)) + '/data')\nprint(open('rows.txt').read())\n", {"app/data/rows.txt": "1\n"}, entry=("python3", "/app/main.py"))
    yield source("environment set by another module", "import env\nimport os\nprint(os.environ['APP_HOME'], os.environ['APP_MODE'])\n", {"app/env.py": "import os\nos.environ.setdefault('APP_HOME', '/app')\nfor k, v in {'APP_MODE': 'x'}.items():\n    os.environ[k] = v\n"})
    yield source("environment asked with in", "import os\nif 'TOKEN' in os.environ:\n    print(os.environ['TOKEN'])\nurl = os.environ['URL'] if 'URL' in os.environ else 'x'\nport = 'PORT' in os.environ and os.environ['PORT'] or '80'\n")
    yield source("import caught by a context manager of its own", "class optional:\n    def __enter__(self): return self\n    def __exit__(self, t, v, tb): return t is not None and issubclass(t, ImportError)\nwith optional():\n    import gone_lib\n")
    yield source("import caught by a generator's context manager", "from contextlib import contextmanager\n@contextmanager\ndef ignoring(*errors):\n    try:\n        yield\n    except errors:\n        pass\nwith ignoring(ImportError):\n    import gone_lib\n")
    yield source("import caught by a decorator", "def safely(f):\n    def inner(*a):\n        try:\n            return f(*a)\n        except Exception as e:\n            print(e)\n    return inner\n@safely\ndef load():\n    import gone_lib\n    return gone_lib\nload()\n")
    yield source("environment caught by a decorator", "import os\ndef default(value):\n    def wrap(f):\n        def inner():\n            try:\n                return f()\n            except KeyError:\n                return value\n        return inner\n    return wrap\n@default('x')\ndef token():\n    return os.environ['TOKEN']\nprint(token())\n")
    yield source("function replaced by a decorator", "def never(f):\n    return lambda *a: None\n@never\ndef load():\n    import gone_lib\nload()\n")
    yield source("import in a thread", "import threading\ndef work():\n    import gone_lib\nthreading.excepthook = lambda a: None\nt = threading.Thread(target=work)\nt.start()\nt.join()\n")
    yield source("import behind a version", "import sys\nif sys.version_info < (3, 0):\n    import ConfigParser as configparser\nelif sys.version_info >= (3, 99):\n    import gone_new\nelse:\n    import configparser\nif sys.platform == 'win32':\n    import winreg\ntry:\n    unicode\nexcept NameError:\n    unicode = str\nprint(unicode(1), configparser)\n")
    yield source("import behind an early return", "import sys\ndef start(mode='web'):\n    if mode == 'web':\n        return 1\n    import gone_worker\nstart()\nif len(sys.argv) > 1 and sys.argv[1] == 'worker':\n    import gone_worker\nwhile True:\n    if len(sys.argv) < 2:\n        break\n    import gone_lib\nfor _ in []:\n    import gone_b\n")
    yield source("name taken from a module that a function fills", "from consts import A\nprint(A)\n", {"app/consts.py": "def fill(ns):\n    ns['A'] = 1\nfill(globals())\n"})
    yield source("name taken from a package that shadows a module", "from shop import config\nprint(config.PORT)\n", {"app/shop/__init__.py": "from types import SimpleNamespace\nconfig = SimpleNamespace(PORT=1)\n", "app/shop/config.py": "HOST = 1\n"})
    yield source("name taken after with, for, import and walrus", "from names import a, b, c, d, e, f, g\n", {"app/names.py": "import io as g\nwith g.StringIO() as a: pass\nfor b, (c, *d) in [(1, (2, 3))]: pass\nif (e := 1): pass\nf: int = 1\n"})
    yield source("attribute set from outside", "import shop\nshop.current = 1\nimport user\n", {"app/shop.py": "", "app/user.py": "from shop import current\nimport shop\nprint(shop.current)\n"})
    yield source("method of an instance that is exchanged", "class S:\n    pass\ns = S()\ns.run = lambda: 1\ns.run()\nS.stop = lambda self: 2\ns.stop()\nB = type('B', (S,), {'go': lambda s: 1})\nB().go()\n")
    yield source("typing only names", "from __future__ import annotations\nimport typing as t\nif t.TYPE_CHECKING:\n    from gone_types import X\ndef f(x: X) -> t.Optional[Gone]:\n    y: Missing = 1\n    return y\nf(1)\n")
    yield source("string that looks like code", "TEXT = \"\"\"\nimport gone_lib\nopen('/etc/gone')\n\"\"\"\nx = f'''{1}\nfrom gone import y\n'''\n")
    def sh(name, text, files=None, cmd=("/srv/app",), head="#!/bin/sh\n", **more):
        return Case("elsewhere again", "shell " + name, "entry", {"srv/app": OK, "usr/local/bin/start": Mode(head + text, 0o755), **(files or {})}, ["start"], list(cmd), seconds=10, **more)
    bash = "#!/bin/bash\n"
    yield sh("function replaced and unset", 'start() { exec /srv/gone; }\nstart() { exec "$@"; }\nls() { exit 3; }\nunset -f ls\nls / >/dev/null || exit 4\nstart "$@"\n')
    yield sh("source of process substitution and here-string", 'source <(echo "BIN=/srv/app")\nread -r a b <<< "x y"\n[[ $b == y ]] && exec "$BIN"\n', head=bash)
    yield sh("eval of what a program prints", 'eval "$(printf "BIN=%s\\n" /srv/app)"\nset -- "$BIN"\nexec "$@"\n')
    yield sh("pushd and popd", 'set -e\npushd /srv/www >/dev/null\n[ -f index.html ]\n./hook\npopd >/dev/null\nexec "$@"\n', {"srv/www/index.html": "", "srv/www/hook": OK}, head=bash)
    yield sh("directory changed in a subshell", 'set -e\n(cd /srv/www && ./hook)\n[ -x ./srv/app ]\nexec ./srv/app\n', {"srv/www/hook": OK}, workdir="/")
    yield sh("program installed into a directory of PATH", 'set -e\nmkdir -p /opt/bin\nprintf "#!/bin/sh\\necho READY\\n" > /opt/bin/tool\nchmod +x /opt/bin/tool\nPATH=$PATH:/opt/bin\ntool\n')
    yield sh("tilde, globs and braces", 'set -e\nfor f in /srv/{a,b}.txt /srv/*.none; do [ -e "$f" ] || continue; cat "$f"; done\nexec /srv/a?p\n', {"srv/a.txt": "", "srv/b.txt": ""}, head=bash)
    yield sh("numbers of many bases", 'a=$((0x1F)) b=$((2**3)) c=$((a > b ? 1 : 0))\n(( c == 1 )) || exit 5\nlet d=a+b; [ $d -eq 39 ] && exec "$@"\n', head=bash)
    yield sh("expansions of many kinds", 'v=/srv/app.sh\nw=${v%.sh}; x=${w##*/}; y=${x/p/q}; z=${#x}; u=${v:0:4}\n[ "$x$z$u" = "app3/srv" ] || exit 6\nexec "${v%%.*}"\n', head=bash)
    yield sh("status of a pipe and a list", 'set -o pipefail\nfalse | true\n[ ${PIPESTATUS[0]} -eq 1 ] || exit 7\n{ true && false; } || true\nif false; then exit 8; elif true; then :; else exit 9; fi\nexec "$@"\n', head=bash)
    yield sh("return in a sourced file", '. /etc/a.sh\n[ "$A" = 1 ] || exit 5\nexec "$@"\n', {"etc/a.sh": "A=1\n[ -n \"$A\" ] && return 0\nexit 9\n"})
    yield sh("read of a missing line", 'read -r x < /etc/empty || true\nwhile read -r l; do exit 5; done < /etc/empty\nexec "$@"\n', {"etc/empty": ""})
    yield sh("local shadowing and positional parameters", 'BIN=/srv/app\nf() { local BIN=/srv/gone; : "$BIN"; shift; g "$@"; }\ng() { [ "$1" = b ] || exit 5; }\nf a b\nexec "$BIN"\n')
    yield sh("exit within a subshell", '(exit 3)\n[ $? -eq 3 ] || exit 4\n(exec /srv/gone) 2>/dev/null || true\nexec "$@"\n')
    yield sh("trap that ends well", 'trap "echo READY; exit 0" EXIT\nexit 3\n', cmd=())
    def ruby(name, text, files=None): return Case("elsewhere again", "ruby " + name, "ruby2", {"srv/a.rb": text + 'puts "READY"\n', **(files or {})}, ["ruby", "/srv/a.rb"], workdir="/srv", seconds=12)
    yield ruby("file made before it is read", "File.write('/tmp/x.json', '{}')\nrequire 'json'\nputs JSON.parse(File.read('/tmp/x.json'))\n")
    yield ruby("file read where it is there", "conf = File.read('/etc/gone') if File.exist?('/etc/gone')\nother = File.exist?('/etc/gone') ? File.read('/etc/gone') : ''\nputs conf, other\n")
    yield ruby("variable fetched where it is there", "url = ENV.fetch('URL') if ENV.key?('URL')\nport = ENV.key?('PORT') ? ENV.fetch('PORT') : 80\nputs url, port\n")
    yield ruby("method rescues and retries", "def load(name)\n  tries ||= 0\n  require 'gone_x'\nrescue LoadError\n  tries += 1\n  retry if tries < 2\n  nil\nensure\n  puts name\nend\nload 'gone_x'\n")
    yield ruby("block rescues", "[1].each do |x|\n  require 'gone_x'\nrescue LoadError\n  puts x\nend\nproc = -> { require 'gone_y' }\nputs proc.lambda?\n")
    yield ruby("require behind a condition at its end", "require 'gone_x' if ENV['X']\nrequire 'gone_y' unless RUBY_ENGINE == 'ruby'\nrequire 'gone_z' if defined?(JRUBY_VERSION)\nENV['Q'] && require('gone_q')\n")
    yield ruby("begin of one line and of a value", "begin; require 'gone_x'; rescue LoadError; end\nx = begin\n  require 'gone_z'\nrescue LoadError\n  false\nend\nputs x\n")
    yield ruby("kernel method of its own", "module Kernel\n  alias_method :old_require, :require\n  def require(name)\n    old_require(name)\n  rescue LoadError\n    nil\n  end\nend\nrequire 'gone_x'\n")
    yield ruby("constants by const_get and Object", "module Shop; Cart = Struct.new(:a); end\nputs Object.const_get('Shop::Cart').new(1).a, Shop.const_get(:Cart)\nShop.const_set(:Late, 3)\nputs Shop::Late\n")
    def perl(name, text, files=None): return Case("elsewhere again", "perl " + name, "unseen-perl", {"srv/a.pl": text + 'print "READY\\n";\n', **(files or {})}, ["perl", "/srv/a.pl"], workdir="/srv", seconds=10)
    yield perl("file made before it is read", "open(my $o, '>', '/tmp/x') or die; close $o;\nopen(my $i, '<', '/tmp/x') or die 'no file';\n")
    yield perl("require behind conditions", "require Gone::A if $ENV{A};\n$ENV{B} and require Gone::B;\nunless (1) { require Gone::C; }\nsub later { require Gone::D }\nrequire Gone::E unless $] > 5;\n")
    yield perl("use behind if", "use if $] < 5.010, 'Gone::Old';\nuse if $^O eq 'MSWin32', 'Win32::Gone';\nno if $] >= 5.018, warnings => 'experimental';\n")
    yield perl("eval of several lines", "my $ok = eval {\n  require Gone::A;\n  Gone::A->import;\n  1;\n};\neval\n{\n  require Gone::B;\n};\neval { require Gone::C } or print 'none';\n")
    yield perl("BEGIN of several lines that tries", "BEGIN {\n  eval {\n    require Gone::A;\n  };\n  if ($@) { *fast = sub { 0 } }\n}\nprint fast();\n")
    yield perl("patterns that look like code", "my $s = 'x'; $s =~ m{\nuse Gone::A;\n}x;\n# use Gone::B;\nmy %h = (use => 1, require => 2);\nprint $h{use};\n")
    yield perl("sub declared before and defined by eval", "use strict; use subs qw(made);\neval 'sub made { 1 }';\nprint made();\nsub early; early 1; sub early { 2 }\n")
    def php(name, text, files=None): return Case("elsewhere again", "php " + name, "unseen-php", {"srv/a.php": "<?php\n" + text + "echo \"READY\\n\";\n", **(files or {})}, ["php", "/srv/a.php"], workdir="/srv", seconds=10)
    yield php("file made and asked for", "$d = sys_get_temp_dir() . '/app'; is_dir($d) || mkdir($d, 0755, true);\nfile_put_contents(\"$d/a.json\", '{}');\n$c = json_decode(file_get_contents(\"$d/a.json\"), true) ?: [];\nif (!is_writable($d)) exit(3);\nif (file_get_contents(\"$d/a.json\") === false) exit(4);\n")
    yield php("file made by a stream", "$h = fopen('/tmp/gen.php', 'w'); fwrite($h, '<?php return 3;'); fclose($h);\nif ((require '/tmp/gen.php') !== 3) exit(5);\n")
    yield php("loader that makes classes", "spl_autoload_register(function ($c) { if (str_starts_with($c, 'Proxy')) eval(\"class $c { public function go() { return 1; } }\"); });\necho (new ProxyUser)->go();\n")
    yield php("class by an alias made on demand", "class Real {}\nspl_autoload_register(fn ($c) => $c === 'Old' ? class_alias('Real', 'Old') : null);\nnew Old;\n")
    yield php("trait's abstract and static parts", "trait T { abstract function n(); static function make() { return new static; } function all() { return $this->n() . self::$x; } protected static $x = 1; }\nclass A { use T { make as protected build; all as public every; } function n() { return 'n'; } static function of() { return self::build(); } }\necho A::of()->every();\n")
    yield php("constants by define and classes", "define('APP_' . 'ROOT', __DIR__); echo APP_ROOT; define('A', 1); const B = A + 1; class C { const D = B * 2; const E = [self::D => 'x']; } echo C::E[4], constant('C::D');\n")
    def lua(name, text, files=None): return Case("elsewhere again", "lua " + name, "unseen-lua", {"srv/a.lua": text + 'print("READY")\n', **(files or {})}, ["lua", "/srv/a.lua"], workdir="/srv", seconds=10)
    yield lua("globals by a loop", "for _, n in ipairs({ 'a', 'b' }) do _G['on_' .. n] = function() return n end end\nprint(on_a(), on_b())\nrawset(_G, 'made', function() return 1 end)\nload('late = 2')()\nprint(made(), late + 1)\n")
    yield lua("module that fills what it is given", "local M = {}\nrequire('fill')(M)\nprint(M.go(), M.list[1])\n", {"srv/fill.lua": "return function(t) t.go = function() return 1 end t.list = { 1 } end\n"})
    yield lua("module that returns a call", "local C = require('class')\nlocal A = C('A')\nfunction A:init(x) self.x = x end\nprint(A(3).x)\n", {"srv/class.lua": "return setmetatable({}, { __call = function(_, name) local c = { name = name } c.__index = c return setmetatable(c, { __call = function(k, ...) local o = setmetatable({}, k) if k.init then k.init(o, ...) end return o end }) end })\n"})
    yield lua("fields by default values", "local conf = setmetatable({}, { __index = function(t, k) local v = { host = k } rawset(t, k, v) return v end })\nprint(conf.db.host)\nlocal o = {} o.a = o.a or {} o.a.b = 1 print(o.a.b)\nlocal rs = {} rawset(rs, 'k', { 1 }) print(rs.k[1])\n")
    def js(name, text, files=None): return Case("elsewhere again", "node " + name, "node", {k: json.dumps(v) if isinstance(v, dict) else v for k, v in {"app/main.js": text + J, **(files or {})}.items()}, ["node", "main.js"], workdir="/app", seconds=10)
    yield js("require shadowed by a parameter", "(function (require) { require('gone-x'); })(() => ({}));\nconst load = ((require) => require('gone-y'))(n => n);\nfunction wrap(require) { return require('gone-z'); }\nwrap(n => n);\n")
    yield js("bundle with its own require", "var __modules = { 1: (m, e, r) => { m.exports = r(2); }, 2: (m) => { m.exports = 3; } };\nvar cache = {};\nfunction __req(id) { if (cache[id]) return cache[id].exports; var m = cache[id] = { exports: {} }; __modules[id](m, m.exports, __req); return m.exports; }\nconsole.log(__req(1));\n")
    yield js("require in a function that is caught by who calls it", "function load() { return require('gone-x'); }\nfunction safe(f) { try { return f(); } catch { return null; } }\nsafe(load); safe(() => require('gone-y'));\n")
    yield js("require caught by a promise", "const p = new Promise(r => r(require('gone-x'))).catch(() => null);\nPromise.resolve().then(() => require('gone-y')).catch(e => null);\n(async () => { try { require('gone-z'); } catch {} })();\n")
    yield js("environment that is tested", "const need = n => { const v = process.env[n]; if (v === undefined && !process.env.CI_NONE) return 'x'; return v; };\nif (process.env.A && !process.env.B) throw new Error('B');\nconst { PORT = 80, HOST: host = 'x' } = process.env;\nconsole.log(need('Q'), PORT, host);\n")
    yield js("fields by a symbol, a getter and a spread", "const base = { get late() { return 1; }, [Symbol.iterator]: function* () { yield 1; } };\nconst o = { ...base, m() { return super.toString(); } };\nconsole.log([...base], o.late, o.m(), Object.entries(o).length);\nclass A { static get X() { return { y: () => 2 }; } }\nconsole.log(A.X.y());\nconst Mixed = B => class extends B { hi() { return 'hi'; } };\nclass Base {}\nclass C extends Mixed(Base) {}\nnew C().hi();\n")
    yield js("file tested before it is read", "const fs = require('fs');\nif (fs.existsSync('/etc/gone')) fs.readFileSync('/etc/gone');\nconst t = fs.existsSync('x.json') ? require('./x.json') : {};\nconst u = fs.existsSync('x.json') && require('./x.json');\nfs.promises.readFile('/etc/gone').then(() => {}, () => {});\nfs.createReadStream('/etc/gone').on('error', () => {});\n")
    yield js("texts that look like code", "const r = /require('gone')/g, s = `require('gone') ${1}`;\nvar a = 1, b = (a, 2);\n// require('gone')\nif (a) b; else require('gone-x');\nswitch (b) { case 3: require('gone-y'); break; default: }\n")

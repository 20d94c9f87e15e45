"""Python programs of other shapes: environments of other tools, distributions' records, resources, syntax, settings."""

OK = "print('READY', flush=True)\n"
SITE = "usr/local/lib/python3.11/dist-packages/"
VSITE = "venv/lib/python3.11/site-packages/"
VENV = {"venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.11.2\n", "venv/bin/python": Link("/usr/bin/python3"), "venv/bin/python3": Link("python")}
bases = {"pyweb": lambda: packaged("python3", "python3-twisted", "python3-aiohttp", "python3-tornado", "python3-waitress", "python3-click", "python3-rich", "supervisor", "httpie", "mercurial",
                                   "python3-pkg-resources", "dash", "coreutils", links={"usr/bin/sh": "dash"})}


def case(name, files, entry=("python3", "/app/main.py"), base="python", **more):
    return Case("more python", name, base, {**({} if "app/main.py" in files else {"app/main.py": OK}), **files}, list(entry), **more)


def source(name, text, files=None, **more): return case(name, {"app/main.py": text + OK, **(files or {})}, **more)


def cases():
    yield from environments()
    yield from imports()
    yield from starting()
    yield from web()


def environments():
    def venv(name, files, entry=("/venv/bin/python", "/app/main.py"), **more):
        return case("venv " + name, {**VENV, "app/main.py": "import lib\n" + OK, VSITE + "lib.py": "", **files}, entry, **more)
    yield venv("whose interpreter is in a closed home", {"root/.local/share/uv/python/bin/python3.11": Host("/usr/bin/python3.11"), "venv/bin/python": Link("/root/.local/share/uv/python/bin/python3.11"),
                                                        "venv/pyvenv.cfg": "home = /root/.local/share/uv/python/bin\n"}, user="app", blame="/root")
    yield venv("with a copy of the interpreter", {"venv/bin/python": Host("/usr/bin/python3.11")})
    yield venv("with a copy of the interpreter, base gone", {"venv/bin/python": Host("/usr/bin/python3.11"), "usr/lib/python3.11": GONE}, blame="")
    yield venv("closed for USER", {"venv": Mode(None, 0o750)}, user="app", blame="/venv")
    yield venv("of USER's own", {"venv": Mode(None, 0o700, 1000)}, user="app")
    yield venv("whose package is closed for USER", {VSITE + "lib.py": GONE, VSITE + "lib": Mode(None, 0o700), VSITE + "lib/__init__.py": ""}, user="app", blame="lib")
    yield venv("built as python3.12", {"venv/bin/python": Link("python3.12"), "venv/bin/python3.12": Link("/usr/local/bin/python3.12")}, blame="python3.12")
    yield venv("by a script with a shell trick", {"venv/bin/tool": Mode("#!/bin/sh\n'''exec' /venv/bin/python3 \"$0\" \"$@\"\n' '''\nimport lib\nprint('READY')\n", 0o755)}, ["/venv/bin/tool"])
    yield venv("by a script with a shell trick, moved", {"venv/bin/tool": Mode("#!/bin/sh\n'''exec' /build/venv/bin/python3 \"$0\" \"$@\"\n' '''\nimport lib\nprint('READY')\n", 0o755)}, ["/venv/bin/tool"], blame="/build/venv/bin/python3")
    yield venv("by VIRTUAL_ENV alone", {}, ["python3", "/app/main.py"], env=["VIRTUAL_ENV=/venv"], blame="lib")
    yield venv("by PYTHONPATH", {}, ["python3", "/app/main.py"], env=["PYTHONPATH=/venv/lib/python3.11/site-packages"])
    yield venv("in WORKDIR", {"app/.venv/pyvenv.cfg": VENV["venv/pyvenv.cfg"], "app/.venv/bin/python": Link("/usr/bin/python3"), "app/.venv/lib/python3.11/site-packages/far.py": "", "app/main.py": "import far\n" + OK}, [".venv/bin/python", "main.py"], workdir="/app")
    target = {"opt/deps/far.py": "", "app/main.py": "import far\n" + OK}
    yield case("pip --target", target, env=["PYTHONPATH=/opt/deps"])
    yield case("pip --target, not told", target, blame="far")
    yield case("pip --prefix", {"opt/p/lib/python3.11/site-packages/far.py": "", "app/main.py": "import far\n" + OK}, env=["PYTHONPATH=/opt/p/lib/python3.11/site-packages"])
    yield case("user's site of root, run as another", {"root/.local/lib/python3.11/site-packages/far.py": "", "app/main.py": "import far\n" + OK}, user="app", blame="far")
    yield case("user's site by PYTHONUSERBASE", {"opt/u/lib/python3.11/site-packages/far.py": "", "app/main.py": "import far\n" + OK}, env=["PYTHONUSERBASE=/opt/u"])
    yield case("pth with an import line", {SITE + "x.pth": "import sys; sys.path.append('/opt/src')\n", "opt/src/far.py": "", "app/main.py": "import far\n" + OK})
    yield case("pth of a package that is gone", {SITE + "x.pth": "import gone_module\n"})
    yield case("sitecustomize fails", {SITE + "sitecustomize.py": "import gone_module\n"})
    info = {SITE + "tool/__init__.py": "from importlib.metadata import version\n__version__ = version('tool')\n", "app/main.py": "import tool\n" + OK}
    yield case("version by metadata", {**info, SITE + "tool-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n"})
    yield case("version by metadata, record gone", info, blame="tool")
    guarded = {**info, SITE + "tool/__init__.py": "from importlib.metadata import version, PackageNotFoundError\ntry:\n    __version__ = version('tool')\nexcept PackageNotFoundError:\n    __version__ = '0'\n"}
    yield case("version by metadata, record gone, expected", guarded)
    entry = "#!/usr/bin/python3\nimport re\nimport sys\nfrom importlib.metadata import distribution\nsys.exit([e for e in distribution('tool').entry_points if e.name == 'tool'][0].load()())\n"
    old = "#!/usr/bin/python3\n__requires__ = 'tool==1.0'\nimport re, sys\nfrom pkg_resources import load_entry_point\nsys.exit(load_entry_point('tool==1.0', 'console_scripts', 'tool')())\n"
    yield case("console script by distribution, record gone", {SITE + "tool/__init__.py": "def main():\n    print('READY')\n", "usr/local/bin/tool": Mode(entry, 0o755)}, ["tool"], blame="tool")
    yield case("console script by pkg_resources, which is gone", {"usr/local/bin/tool": Mode(old, 0o755)}, ["tool"], blame="pkg_resources")


def imports():
    ns = {SITE + "ns/one.py": "", "app/ns/two.py": ""}
    yield source("namespace package in two places", "import ns.one, ns.two\n", ns)
    yield source("namespace package hidden by another", "import ns.one\n", {**ns, "app/ns/__init__.py": ""}, blame="ns.one")
    yield source("module named as one of the library", "import json\nimport random\njson.dumps({})\n", {"app/random.py": "import gone_module\n"}, blame="gone_module")
    yield source("relative in a package", "import pkg\n", {"app/pkg/__init__.py": "from .a import x\nfrom . import b\n", "app/pkg/a.py": "from ..pkg.b import y as x\n", "app/pkg/b.py": "y = 1\n"})
    yield source("relative in a package, gone", "import pkg\n", {"app/pkg/__init__.py": "from .a import x\n", "app/pkg/a.py": "from .gone_one import x\n"}, blame="gone_one")
    yield source("circle", "import a\n", {"app/a.py": "import b\nx = 1\n", "app/b.py": "import a\n"})
    yield source("circle that lacks a name", "import a\n", {"app/a.py": "from b import y\nx = 1\n", "app/b.py": "from a import x\ny = 1\n"}, blame="x")
    yield source("lazy names of a package", "import pkg\n", {"app/pkg/__init__.py": "def __getattr__(name):\n    import gone_module\n    return 1\n"})
    yield source("lazy names of a package, taken", "from pkg import thing\n", {"app/pkg/__init__.py": "def __getattr__(name):\n    return 1\n"})
    yield source("by a loop over known names", "import importlib\nfor name in ('os', 'gone_module'):\n    importlib.import_module(name)\n", blame="gone_module")
    yield source("by a loop, expected", "import importlib\nfor name in ['os', 'gone_module']:\n    try:\n        importlib.import_module(name)\n    except ImportError:\n        pass\n")
    yield source("by an f-string", "import importlib\nname = 'part'\nimportlib.import_module(f'pkg.{name}')\n", {"app/pkg/__init__.py": "", "app/pkg/part.py": ""})
    yield source("by find_spec", "import importlib.util\nif importlib.util.find_spec('gone_module'):\n    import gone_module\n")
    yield source("by a variable of the environment", "import os, importlib\nimportlib.import_module(os.environ['PLUGIN'])\n", {"app/plug.py": ""}, env=["PLUGIN=plug"])
    yield source("by a variable of the environment, gone", "import os, importlib\nimportlib.import_module(os.environ['PLUGIN'])\n", env=["PLUGIN=gone_plug"], blame="gone_plug")
    yield source("decorated function called", "import functools\n@functools.lru_cache\ndef f():\n    import gone_module\nf()\n", blame="gone_module")
    yield source("method of an object called", "class App:\n    def run(self):\n        import gone_module\nApp().run()\n", blame="gone_module")
    yield source("method by a variable called", "class App:\n    def __init__(self):\n        self.x = 1\n    def run(self):\n        import gone_module\napp = App()\napp.run()\n", blame="gone_module")
    yield source("constructor calls a method", "class App:\n    def __init__(self):\n        self.load()\n    def load(self):\n        import gone_module\napp = App()\n", blame="gone_module")
    yield source("in a thread", "import threading\ndef f():\n    import gone_module\nt = threading.Thread(target=f)\nt.start()\nt.join()\n")
    yield source("in atexit", "import atexit\natexit.register(lambda: __import__('gone_module'))\n")
    yield source("module of another's attribute", "import os.path, xml.dom.minidom\nimport pkg.sub.leaf as leaf\n", {"app/pkg/__init__.py": "", "app/pkg/sub/__init__.py": "", "app/pkg/sub/leaf.py": ""})
    yield source("attribute of a module gone", "import here\nhere.gone_name()\n", {"app/here.py": "x = 1\n"}, blame="gone_name")
    yield source("attribute of a module there", "import here\nhere.x()\n", {"app/here.py": "def x():\n    pass\n"})
    yield source("parts that Debian packs apart: venv's pip", "import ensurepip\n")
    yield source("parts that Debian packs apart: tkinter", "import tkinter\n", blame="tkinter")
    yield source("parts that Debian packs apart: distutils", "from distutils.core import setup\n", blame="distutils")
    yield source("module of Python 2", "import ConfigParser\n", blame="ConfigParser")
    yield source("module of a newer Python", "import compression.zstd\n", blame="compression")
    yield source("tomllib", "try:\n    import tomllib\nexcept ModuleNotFoundError:\n    import tomli as tomllib\n")
    yield source("typing_extensions gone", "import sys\nif sys.version_info >= (3, 12):\n    from typing import override\nelse:\n    from typing_extensions import override\n", blame="typing_extensions")
    yield source("name of the library that is newer", "from typing import override\n", blame="override")
    yield source("name of the library that is gone", "from collections import Mapping\n", blame="Mapping")
    yield source("name of the library that is there", "from collections.abc import Mapping\nfrom os import environ, PathLike\nfrom asyncio import TaskGroup\nfrom datetime import UTC\n")
    yield source("syntax of a newer Python", "type Name = str\n", blame="main.py")
    yield source("syntax of Python 2", "print 'x'\n", blame="main.py")
    yield source("tabs and blanks", "if True:\n\tx = 1\n        y = 2\n", blame="main.py")
    yield source("bracket that is not closed", "x = (1,\n", blame="main.py")
    yield source("match", "match 1:\n    case 1:\n        import gone_module\n", blame="gone_module")
    yield source("star of a package with __all__", "from pkg import *\n", {"app/pkg/__init__.py": "__all__ = ['part', 'gone_part']\n", "app/pkg/part.py": ""}, blame="gone_part")
    ext = SITE + "ext.cpython-311-x86_64-linux-gnu.so"
    good = Host("/usr/lib/python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so")
    yield source("bundled library gone", "import numpy_like\n", {SITE + "numpy_like/__init__.py": "from . import _core\n", SITE + "numpy_like/_core.cpython-311-x86_64-linux-gnu.so": Host("/usr/lib/python3/dist-packages/lxml/etree.cpython-311-x86_64-linux-gnu.so")}, blame="libxslt.so.1")
    yield source("extension of another version, ABI", "import ext\n", {SITE + "ext.cpython-310-x86_64-linux-gnu.so": good}, blame="ext")
    yield source("extension of another machine", "import ext\n", {ext: Mode(b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x03\0\xb7\0" + b"\0" * 200, 0o755)}, blame="ext")
    yield source("extension by USER, closed", "import ext\n", {ext: Mode(good, 0o600)}, user="app", blame="ext")


def starting():
    yield source("file at the beginning gone", "import json\nCONFIG = json.load(open('/app/config.json'))\n", blame="/app/config.json")
    yield source("file at the beginning there", "import json\nCONFIG = json.load(open('/app/config.json'))\n", {"app/config.json": "{}"})
    yield source("file beside the program gone", "from pathlib import Path\nTEXT = (Path(__file__).parent / 'schema.sql').read_text()\n", blame="schema.sql")
    yield source("file in WORKDIR gone", "with open('settings.ini') as f:\n    f.read()\n", workdir="/app", blame="settings.ini")
    yield source("file that is written", "open('/tmp/x.log', 'w').write('x')\n")
    yield source("log in a closed directory", "import logging\nlogging.basicConfig(filename='/var/log/app.log')\n", {"var/log": DIRECTORY}, user="app", blame="/var/log")
    yield source("variable gone", "import os\nKEY = os.environ['SECRET_KEY']\n", blame="SECRET_KEY")
    yield source("variable gone, with a default", "import os\nKEY = os.environ.get('SECRET_KEY', 'x')\n")
    yield source("variable given", "import os\nKEY = os.environ['SECRET_KEY']\n", env=["SECRET_KEY=x"])
    yield source("getpass of an unknown number", "import getpass\ngetpass.getuser()\n", user="4321", blame="4321")
    yield source("home of an unknown number", "import os\nos.path.expanduser('~/x')\n", user="4321")
    yield source("time zones gone", "import zoneinfo\nz = zoneinfo.ZoneInfo('Europe/Berlin')\n", {"usr/share/zoneinfo": GONE}, blame="zone")
    yield source("time zones gone, not used yet", "import zoneinfo\n", {"usr/share/zoneinfo": GONE})
    yield case("module of a package as a script", {"app/pkg/__init__.py": "", "app/pkg/run.py": "from .other import x\n" + OK, "app/pkg/other.py": "x = 1\n"}, ["python3", "/app/pkg/run.py"], blame="")
    yield case("module of a package by -m", {"app/pkg/__init__.py": "", "app/pkg/run.py": "from .other import x\n" + OK, "app/pkg/other.py": "x = 1\n"}, ["python3", "-m", "pkg.run"], workdir="/app")
    yield case("-m with a directory's name", {"app/pkg/run.py": OK}, ["python3", "-m", "pkg/run"], workdir="/app", blame="pkg/run")
    yield case("-P hides WORKDIR", {"app/run.py": OK}, ["python3", "-P", "-m", "run"], workdir="/app", blame="run")
    yield case("PYTHONSAFEPATH", {"app/main.py": "import near\n" + OK, "app/near.py": ""}, env=["PYTHONSAFEPATH=1"], blame="near")
    yield case("program on standard input", {}, ["python3"])
    yield case("python of another name", {}, ["python", "/app/main.py"], blame="python")
    yield case("python3.11", {}, ["python3.11", "/app/main.py"])
    yield case("python3.9", {}, ["python3.9", "/app/main.py"], blame="python3.9")
    import io, zipfile
    def zipped(**members):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as file:
            for name, text in members.items(): file.writestr(name.replace("__SLASH__", "/") + ".py", text)
        return data.getvalue()
    yield case("zip with a module", {"app/x.pyz": b"#!/usr/bin/env python3\n" + zipped(__main__="import near\n" + OK, near="")}, ["python3", "/app/x.pyz"])
    yield case("zip as a program", {"app/x.pyz": Mode(b"#!/usr/bin/env python3\n" + zipped(__main__="import near\n" + OK, near=""), 0o755)}, ["/app/x.pyz"])
    yield case("zip whose module is gone", {"app/x.pyz": zipped(__main__="import gone_one\n" + OK)}, ["python3", "/app/x.pyz"], blame="gone_one")
    yield case("zip on PYTHONPATH", {"opt/x.zip": zipped(near=""), "app/main.py": "import near\n" + OK}, env=["PYTHONPATH=/opt/x.zip"])
    yield case("wheel on PYTHONPATH, gone", {"app/main.py": "import near\n" + OK}, env=["PYTHONPATH=/opt/x.zip"], blame="near")


def web():
    dist = "usr/lib/python3/dist-packages/"
    def run(name, entry, files=None, **more): return case(name, files or {}, entry, "pyweb", workdir=more.pop("workdir", "/srv"), seconds=20, **more)
    aio = {"srv/app.py": "from aiohttp import web\napp = web.Application()\nif __name__ == '__main__':\n    web.run_app(app, host='127.0.0.1', port=8000)\n"}
    yield run("aiohttp", ["python3", "app.py"], aio)
    for gone in ("multidict", "yarl", "aiosignal"): yield run(f"aiohttp without {gone}", ["python3", "app.py"], {**aio, dist + gone: GONE}, blame=gone)
    tornado = {"srv/app.py": "import tornado.ioloop, tornado.web\nif __name__ == '__main__':\n    tornado.web.Application([]).listen(8000)\n    tornado.ioloop.IOLoop.current().start()\n"}
    yield run("tornado", ["python3", "app.py"], tornado)
    yield run("tornado without its part", ["python3", "app.py"], {**tornado, dist + "tornado/httputil.py": GONE}, blame="httputil")
    wsgi = {"srv/app.py": "def app(e, s):\n    s('200 OK', [])\n    return [b'']\n"}
    yield run("waitress", ["python3", "-m", "waitress", "--listen=127.0.0.1:8000", "app:app"], wsgi)
    yield run("waitress, application gone", ["python3", "-m", "waitress", "--listen=127.0.0.1:8000", "site:app"], wsgi, blame="app")
    yield run("twistd web", ["twistd3", "-n", "--pidfile=", "web", "--port=tcp:8000", "--path=/srv"], {"srv": DIRECTORY})
    yield run("twistd -y gone", ["twistd3", "-n", "--pidfile=", "-y", "gone.tac"], blame="gone.tac")
    yield run("twistd without zope", ["twistd3", "--version"], {dist + "zope": GONE}, blame="zope")
    yield run("click program", ["python3", "cli.py"], {"srv/cli.py": "import click\n@click.command()\ndef main():\n    click.echo('READY')\nif __name__ == '__main__':\n    main()\n"})
    yield run("click program, lazy import gone", ["python3", "cli.py"], {"srv/cli.py": "import click\n@click.command()\ndef main():\n    import gone_module\n    click.echo('READY')\nif __name__ == '__main__':\n    main()\n"}, blame="gone_module")
    yield run("rich without pygments", ["python3", "-c", "from rich.console import Console; from rich.syntax import Syntax; print('READY')"], {dist + "pygments": GONE}, blame="pygments")
    yield run("http", ["http", "--version"])
    yield run("http without requests", ["http", "--version"], {dist + "requests": GONE}, blame="requests")
    yield run("hg", ["hg", "--version"])
    yield run("hg without its library", ["hg", "--version"], {dist + "mercurial": GONE}, blame="mercurial")
    sup = {"etc/sup.conf": "[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=/tmp/s.pid\nuser=root\n[program:x]\ncommand=/bin/sleep 100\n"}
    yield run("supervisord", ["supervisord", "-c", "/etc/sup.conf"], sup)
    yield run("supervisord, configuration gone", ["supervisord", "-n", "-c", "/etc/sup.conf"], blame="/etc/sup.conf")
    yield run("supervisord, user unknown", ["supervisord", "-c", "/etc/sup.conf"], {"etc/sup.conf": sup["etc/sup.conf"].replace("user=root", "user=ghost")}, blame="ghost")
    yield run("supervisord, program gone", ["supervisord", "-c", "/etc/sup.conf"], {"etc/sup.conf": sup["etc/sup.conf"].replace("/bin/sleep", "/opt/gone")})
    yield run("supervisord, log's directory gone", ["supervisord", "-c", "/etc/sup.conf"], {"etc/sup.conf": sup["etc/sup.conf"].replace("/dev/null", "/var/none/s.log")}, blame="/var/none")
    yield run("http.server", ["python3", "-m", "http.server", "8000"])
    yield run("http.server -d gone", ["python3", "-m", "http.server", "-d", "/gone", "8000"])

"""Python programs: modules, packages, virtual environments, launchers, extensions."""

bases = {"python": lambda: packaged("python3", "libpython3.11-stdlib", "dash", "coreutils", links={"usr/bin/sh": "dash"}),
         "python-minimal": lambda: packaged("python3-minimal", links={})}
OK = "print('READY', flush=True)\n"
SITE = "usr/local/lib/python3.11/dist-packages/"
CFG = "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n"
VENV = {"venv/pyvenv.cfg": CFG, "venv/bin/python": Link("/usr/bin/python3"), "venv/bin/python3": Link("python")}
VSITE = "venv/lib/python3.11/site-packages/"


def case(name, files, entry=("python3", "/app/main.py"), base="python", **more): return Case("python", name, base, files, list(entry), **more)


def cases():
    for name, source, fails in STATEMENTS:
        yield case("import " + name, {"app/main.py": source + OK, "app/here.py": "X = 1\n", "app/pkg/__init__.py": "", "app/pkg/part.py": "Y = 1\n",
                                      "app/needs.py": "import gone_module\n", "app/ns/inner.py": "", "app/tries.py": "try:\n    import gone_module\nexcept ImportError:\n    gone_module = None\n"},
                   blame=("" if "relative" in name else "gone") if fails else "")
    yield from starts()
    yield from environments()
    yield from parts()


STATEMENTS = [
    ("nothing", "", 0), ("of the standard library", "import os, sys, json, asyncio, decimal, sqlite3, ssl\n", 0), ("own", "import here\nfrom here import X\n", 0),
    ("gone", "import gone_module\n", 1), ("gone second", "import os, gone_module\n", 1), ("gone as", "import gone_module as g\n", 1),
    ("from gone", "from gone_module import x\n", 1), ("gone behind ;", "import os; import gone_module\n", 1), ("submodule", "import pkg.part\n", 0),
    ("gone submodule", "import pkg.gone_part\n", 1), ("from package a module", "from pkg import part\n", 0), ("from package gone", "from pkg import gone_part\n", 1),
    ("from module gone name", "from here import gone_name\n", 1), ("several lines", "from pkg import (\n    part,\n)\n", 0),
    ("several lines gone", "from pkg import (\n    part,\n    gone_part,\n)\n", 1), ("backslash gone", "from pkg \\\n  import gone_part\n", 1),
    ("in try", "try:\n    import gone_module\nexcept ImportError:\n    pass\n", 0), ("in try, ModuleNotFoundError", "try:\n    import gone_module\nexcept (ValueError, ModuleNotFoundError) as e:\n    pass\n", 0),
    ("in try, another error", "try:\n    import gone_module\nexcept ValueError:\n    pass\n", 1), ("in try finally", "try:\n    import gone_module\nfinally:\n    pass\n", 1),
    ("in except", "try:\n    import os\nexcept ImportError:\n    import gone_module\n", 0), ("in except, taken", "try:\n    import gone_a\nexcept ImportError:\n    import gone_b\n", 1),
    ("raised again", "try:\n    import gone_module\nexcept ImportError:\n    raise SystemExit('no')\n", 1), ("suppressed", "import contextlib\nwith contextlib.suppress(ImportError):\n    import gone_module\n", 0),
    ("in else of try", "try:\n    import os\nexcept ImportError:\n    pass\nelse:\n    import gone_module\n", 1),
    ("TYPE_CHECKING", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import gone_module\n", 0), ("typing.TYPE_CHECKING", "import typing\nif typing.TYPE_CHECKING:\n    import gone_module\n", 0),
    ("under main", "if __name__ == '__main__':\n    import gone_module\n", 1), ("under not main", "if __name__ != '__main__':\n    import gone_module\n", 0),
    ("in function not called", "def f():\n    import gone_module\n", 0), ("in function called", "def f():\n    import gone_module\nf()\n", 1),
    ("in main()", "def main():\n    import gone_module\n\nif __name__ == '__main__':\n    main()\n", 1), ("in function through function", "def g():\n    import gone_module\ndef f():\n    g()\nf()\n", 1),
    ("in function after return", "def f():\n    return\n    import gone_module\nf()\n", 0), ("in class body", "class A:\n    import gone_module\n", 1), ("in method not called", "class A:\n    def f(self):\n        import gone_module\n", 0),
    ("in if 0", "if 0:\n    import gone_module\n", 0), ("in if True", "if True:\n    import gone_module\n", 1), ("win32 only", "import sys\nif sys.platform == 'win32':\n    import gone_module\n", 0),
    ("old Python only", "import sys\nif sys.version_info < (3, 8):\n    import gone_module\nelse:\n    import json\n", 0), ("new Python", "import sys\nif sys.version_info >= (3, 8):\n    import gone_module\n", 1),
    ("os.name", "import os\nif os.name == 'nt':\n    import gone_module\n", 0), ("with environment", "import os\nif os.environ.get('DEBUG'):\n    import gone_module\n", 0),
    ("in text", '"""\nimport gone_module\n"""\nx = \'\'\'\nimport gone_module\n\'\'\'\n', 0), ("in comment", "# import gone_module\n", 0), ("in nested text", "x = f\"\"\"\nimport gone_module\n\"\"\"\n", 0),
    ("by another module", "import needs\n", 1), ("by another in try", "try:\n    import needs\nexcept ImportError:\n    pass\n", 0), ("by a package that tries", "import tries\n", 0),
    ("relative in script", "from . import here\n", 1), ("namespace package", "import ns.inner\n", 0), ("namespace package gone", "import ns.gone\n", 1), ("__future__", "from __future__ import annotations\n", 0),
    ("import_module", "import importlib\nimportlib.import_module('gone_module')\n", 1), ("import_module there", "import importlib\nimportlib.import_module('here')\n", 0), ("__import__", "__import__('gone_module')\n", 1),
    ("star", "from here import *\nfrom os.path import *\n", 0), ("star gone", "from gone_module import *\n", 1), ("async function", "import asyncio\nasync def main():\n    import gone_module\nasyncio.run(main())\n", 1),
    ("lambda", "f = lambda: __import__('gone_module')\n", 0), ("one line if", "if True: import gone_module\n", 1), ("one line try", "try: import gone_module\nexcept ImportError: pass\n", 0),
    ("path append", "import sys\nsys.path.append('/opt/lib')\nimport here\n", 0), ("path insert", "import sys, os\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'pkg'))\nimport part\n", 0),
    ("exit before", "print('READY')\nraise SystemExit(0)\nimport gone_module\n", 0), ("sys.exit before", "import sys\nprint('READY')\nsys.exit()\nimport gone_module\n", 0),
]


def starts():
    main = {"app/main.py": OK, "app/__main__.py": OK, "app/pkg/__init__.py": "", "app/pkg/__main__.py": OK, "app/pkg/cli.py": "def main():\n    print('READY')\n"}
    def start(name, entry, files=None, **more): return case("start " + name, {**main, **(files or {})}, entry, **more)
    yield start("script gone", ["python3", "/app/gone.py"], blame="/app/gone.py")
    yield start("relative", ["python3", "main.py"], workdir="/app")
    yield start("relative elsewhere", ["python3", "main.py"], workdir="/srv", blame="main.py")
    yield start("directory", ["python3", "/app"])
    yield start("directory without main", ["python3", "/app"], {"app/__main__.py": GONE}, blame="__main__")
    yield start("-m package", ["python3", "-m", "pkg"], workdir="/app")
    yield start("-m package elsewhere", ["python3", "-m", "pkg"], workdir="/", blame="pkg")
    yield start("-m package without main", ["python3", "-m", "pkg"], {"app/pkg/__main__.py": GONE}, workdir="/app", blame="pkg")
    yield start("-m module gone", ["python3", "-u", "-m", "gone_module"], workdir="/app", blame="gone_module")
    yield start("-m standard", ["python3", "-m", "json.tool", "--help"])
    yield start("-m by PYTHONPATH", ["python3", "-m", "pkg"], env=["PYTHONPATH=/app"])
    yield start("-I ignores PYTHONPATH", ["python3", "-I", "-m", "pkg"], env=["PYTHONPATH=/app"], blame="pkg")
    yield start("-c", ["python3", "-c", "import json; print('READY')"])
    yield start("-c gone", ["python3", "-c", "import gone_module"], blame="gone_module")
    yield start("-c from cwd", ["python3", "-c", "import pkg.cli as c; c.main()"], workdir="/app")
    yield start("-uc gone", ["python3", "-uc", "import gone_module"], blame="gone_module")
    yield start("options with values", ["python3", "-W", "ignore", "-X", "utf8", "/app/main.py"])
    yield start("options with values, gone", ["python3", "-W", "ignore", "-Xutf8", "/app/gone.py"], blame="gone.py")
    console = "#!/usr/bin/python3\nimport re\nimport sys\nfrom pkg.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    packages = {SITE + "pkg/__init__.py": "", SITE + "pkg/cli.py": "def main():\n    import pkg.deep\n    print('READY')\n", "usr/local/bin/tool": console}
    yield start("console script", ["tool"], {**packages, SITE + "pkg/deep.py": ""})
    yield start("console script, import in its main", ["tool"], packages, blame="deep")
    yield start("console script, package gone", ["tool"], {"usr/local/bin/tool": console}, blame="pkg")
    yield start("console script in /app's shell", ["/bin/sh", "-c", "exec tool --x"], {**packages, SITE + "pkg/deep.py": ""})
    yield start("script of another interpreter", ["tool"], {"usr/local/bin/tool": console.replace("usr/bin/python3", "usr/local/bin/python3.12")}, blame="python3.12")
    yield start("another minor version", ["python3", "-m", "web"], {"usr/local/lib/python3.12/dist-packages/web.py": OK}, blame="web")
    yield start("site-packages of Debian's python", ["python3", "-m", "web"], {"usr/local/lib/python3.11/site-packages/web.py": OK}, blame="web")
    yield start("dist-packages", ["python3", "-m", "web"], {SITE + "web.py": OK})
    yield start("user's site", ["python3", "-m", "web"], {"home/app/.local/lib/python3.11/site-packages/web.py": OK}, user="app", env=["HOME=/home/app"])
    yield start("PYTHONHOME wrong", ["python3", "/app/main.py"], env=["PYTHONHOME=/opt/none"], blame="PYTHONHOME")
    yield start("unreadable script", ["python3", "/app/main.py"], {"app/main.py": Mode(OK, 0o600)}, user="app", blame="/app/main.py")
    yield start("unreadable module", ["python3", "-c", "import m"], {"app/m.py": Mode(OK, 0o600)}, user="app", workdir="/app", blame="m.py")
    yield start("unreadable package", ["python3", "-c", "import p"], {"app/p": Mode(None, 0o700), "app/p/__init__.py": OK}, user="app", workdir="/app", blame="/app/p")
    yield start("byte code only", ["python3", "-c", "import m"], {"app/m.pyc": Host("/usr/lib/python3.11/__pycache__/this.cpython-311.pyc")}, workdir="/app")
    import io, zipfile
    def zipped(names):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as file:
            for name in names: file.writestr(name, OK)
        return data.getvalue()
    yield start("zip", ["python3", "/app/x.pyz"], {"app/x.pyz": zipped(["__main__.py"])})
    yield start("zip without main", ["python3", "/app/x.pyz"], {"app/x.pyz": zipped(["other.py"])}, blame="__main__")


def environments():
    def venv(name, files, entry=("python", "/app/main.py"), **more):
        env = more.pop("env", ["PATH=/venv/bin:/usr/bin:/bin"])
        return case("venv " + name, {**VENV, "app/main.py": "import lib\n" + OK, VSITE + "lib.py": "", **files}, entry, env=env, **more)
    yield venv("on PATH", {})
    yield venv("on PATH, library gone", {VSITE + "lib.py": GONE}, blame="lib")
    yield venv("by its path", {}, ["/venv/bin/python", "/app/main.py"])
    yield venv("not used", {}, ["/usr/bin/python3", "/app/main.py"], blame="lib")
    yield venv("without cfg", {"venv/pyvenv.cfg": GONE}, blame="lib")
    yield venv("shell form", {}, ["/bin/sh", "-c", "python /app/main.py"])
    yield venv("env in first line", {"app/main.py": "#!/usr/bin/env python\nimport lib\n" + OK}, ["/app/main.py"])
    yield venv("first line of another place", {"app/main.py": "#!/opt/venv/bin/python\nimport lib\n" + OK}, ["/app/main.py"], blame="/opt/venv/bin/python")
    yield venv("console script", {"venv/bin/tool": "#!/venv/bin/python3\nimport sys\nfrom lib import run\nsys.exit(run())\n", VSITE + "lib.py": "def run():\n    print('READY')\n"}, ["tool"])
    yield venv("console script of a venv that moved", {"venv/bin/tool": "#!/build/venv/bin/python3\nfrom lib import run\n"}, ["tool"], blame="/build/venv/bin/python3")
    yield venv("python link dangles", {"venv/bin/python": Link("/usr/local/bin/python3.11")}, ["/venv/bin/python", "/app/main.py"], blame="/usr/local/bin/python3.11")
    yield venv("system site off", {VSITE + "lib.py": GONE, SITE + "lib.py": ""}, blame="lib")
    yield venv("system site on", {VSITE + "lib.py": GONE, SITE + "lib.py": "", "venv/pyvenv.cfg": CFG.replace("false", "true")})
    yield venv("pth", {VSITE + "lib.py": GONE, VSITE + "x.pth": "/opt/src\n", "opt/src/lib.py": ""})
    yield venv("pth to nowhere", {VSITE + "lib.py": GONE, VSITE + "x.pth": "/opt/src\n"}, blame="lib")
    yield venv("of another version", {VSITE + "lib.py": GONE, "venv/lib/python3.12/site-packages/lib.py": ""}, blame="lib")
    yield venv("egg-link", {VSITE + "lib.py": GONE, VSITE + "easy-install.pth": "./lib-1.egg\n", VSITE + "lib-1.egg/lib.py": ""})
    yield venv("editable finder", {VSITE + "lib.py": GONE, VSITE + "__editable__.lib.pth": "import __editable___lib_finder; __editable___lib_finder.install()\n",
                                   VSITE + "__editable___lib_finder.py": "import sys\ndef install():\n    sys.path.append('/opt/src')\n", "opt/src/lib.py": ""})
    yield venv("home is gone but link works", {"venv/pyvenv.cfg": CFG.replace("/usr/bin", "/usr/local/bin")})


def parts():
    def part(name, path, module, there=True):
        return case("part " + name, {"app/main.py": f"import {module}\n" + OK, **({path: GONE} if path else {})}, blame=module.split(".")[0] if path else "")
    yield part("ctypes", "", "ctypes")
    yield part("_ssl gone", "usr/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so", "ssl") if False else part("json gone", "usr/lib/python3.11/json", "json")
    yield part("decimal needs it not", "usr/lib/python3.11/lib-dynload/_decimal.cpython-311-x86_64-linux-gnu.so", "decimal") if False else part("asyncio gone", "usr/lib/python3.11/asyncio", "asyncio")
    yield case("part standard library gone", {"app/main.py": OK, "usr/lib/python3.11": GONE}, blame="")
    yield case("part encodings gone", {"app/main.py": OK, "usr/lib/python3.11/encodings": GONE}, blame="encodings")
    yield case("part os gone", {"app/main.py": OK, "usr/lib/python3.11/os.py": GONE}, blame="os")
    yield case("part libssl gone", {"app/main.py": "import ssl\n" + OK, "usr/lib/x86_64-linux-gnu/libssl.so.3": GONE}, blame="libssl.so.3")
    yield case("part libssl gone, not used", {"app/main.py": OK, "usr/lib/x86_64-linux-gnu/libssl.so.3": GONE})
    yield case("part libssl gone, hashlib copes", {"app/main.py": "import random\n" + OK, "usr/lib/x86_64-linux-gnu/libcrypto.so.3": GONE})
    yield case("part libsqlite gone", {"app/main.py": "import sqlite3\n" + OK, "usr/lib/x86_64-linux-gnu/libsqlite3.so.0": GONE}, blame="libsqlite3.so.0")
    yield case("part libffi gone", {"app/main.py": "import ctypes\n" + OK, "usr/lib/x86_64-linux-gnu/libffi.so.8": GONE}, blame="libffi.so.8")
    yield case("part extension", {"app/main.py": "import ext\n" + OK, SITE + "ext.cpython-311-x86_64-linux-gnu.so": Host("/usr/lib/python3.11/lib-dynload/_heapq.cpython-311-x86_64-linux-gnu.so") if False else "x"}, blame="ext")
    yield case("part extension of another version", {"app/main.py": "import ext\n" + OK, SITE + "ext.cpython-312-x86_64-linux-gnu.so": Host("/usr/bin/true")}, blame="ext")
    yield case("part extension of another C library", {"app/main.py": "import ext\n" + OK, SITE + "ext.cpython-311-x86_64-linux-musl.so": Host("/usr/bin/true")}, blame="ext")
    for module in ("argparse", "ssl", "sqlite3", "asyncio", "xml.etree.ElementTree", "multiprocessing"):
        yield case(f"minimal {module}", {"app/main.py": f"import {module}\n" + OK}, base="python-minimal", blame="")

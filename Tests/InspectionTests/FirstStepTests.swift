import Testing

/// What programs need in their first steps: text that its language reads, programs that start other programs, and what
/// frameworks load by name. `scripts/closure` starts such ones for real.
@Suite struct FirstStepTests {
    typealias Row = (text: String, files: [String: MemoryLayer.Item], errors: [String])

    private static func placed(_ files: [String: MemoryLayer.Item]) -> [String: MemoryLayer.Item] {
        Dictionary(uniqueKeysWithValues: files.map { ($0.key.hasPrefix("/") ? $0.key : "/srv/" + $0.key, $0.value) })
    }

    private static let mixed = MemoryLayer.Item.text("if True:\n        x = 1\n\ty = 2\n")
    private static let latin = MemoryLayer.Item.file(Array("name = '".utf8) + [0xE9] + Array("'\n".utf8))
    private static let declared = MemoryLayer.Item.file(
        Array("# -*- coding: latin-1 -*-\nname = '".utf8) + [0xE9] + Array("'\n".utf8))
    private static let remark = MemoryLayer.Item.file(Array("x = 1 # ".utf8) + [0xE9, 0x0A])
    private static let django: [String: MemoryLayer.Item] = [
        "django/__init__.py": .text(""), "django/core/__init__.py": .text(""),
        "django/urls.py": .text("x = exec('')\n"),
        "django/core/wsgi.py": .text("def get_wsgi_application():\n    pass\n"),
        "django/core/management/commands/check.py": .text(""),
        "django/core/management/__init__.py": .text("def execute_from_command_line(argv):\n    pass\n"),
        "site/__init__.py": .text(""), "own.py": .text("class Trace: pass\n"),
    ]
    private static func site(_ settings: String, _ urls: String = "") -> [String: MemoryLayer.Item] {
        django.merging(["site/settings.py": .text(settings), "site/urls.py": .text(urls)]) { $1 }
    }

    private static let wsgi = """
        import os
        os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')
        from django.core.wsgi import get_wsgi_application
        application = get_wsgi_application()

        """
    static let python: [Row] = [
        ("if True:\n        x = 1\n\ty = 2\n", [:], ["BadSyntax"]),
        ("if True:\n\tx = 1\n\ty = 2\nif 1:\n    z = (1,\n\t2)\n\t# a\n    v = 1\n", [:], []),
        ("if True:\n    x = 1\n  y = 2\n", [:], ["BadSyntax"]),
        ("def f():\n    '''a\n\tb\n  c'''\n    return 1\\\n\t+ 2\nx = f()\n", [:], []),
        ("import near\n", ["near.py": mixed], ["BadSyntax"]),
        ("try:\n  import near\nexcept Exception:\n  pass\n", ["near.py": mixed], []),
        ("import near\n", ["near.py": .text("print 'x'\n")], ["BadSyntax"]),
        ("import near\n", ["near.py": latin], ["BadSyntax"]), ("import near\n", ["near.py": declared], []),
        ("import near\n", ["near.py": remark], []), ("import near\n", ["near.py": .text("name = 'é'\n")], []),
        (
            "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'gone'], check=True)\n", [:],
            ["MissingModule"]
        ),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'gone'])\n", [:], []),
        (
            "import subprocess, sys\ntry:\n  subprocess.run([sys.executable, '-m', 'gone'], check=True)\nexcept subprocess.CalledProcessError:\n  pass\n",
            [:], []
        ),
        (
            "import subprocess\ntry:\n  subprocess.check_call(['gone'])\nexcept (OSError, subprocess.SubprocessError):\n  pass\n",
            [:], []
        ),
        ("import subprocess\nsubprocess.check_call(['sh', '-c', 'exec gone'])\n", [:], ["MissingProgram"]),
        ("import subprocess\nsubprocess.check_call(['sh', '-c', 'exec /srv/app'])\n", [:], []),
        ("import os, sys\nos.execvp(sys.argv[1], sys.argv[1:])\n", [:], ["MissingProgram"]),
        ("import os, sys\nos.execvp('sh', ['sh', '-c', 'exec gone'])\n", [:], ["MissingProgram"]),
        ("import os, sys\nos.execvp('sh', ['sh', '-c', 'exec /srv/app'])\n", [:], []),
        (
            "import flask\na = flask.make()\na.config.from_object('none.settings')\n",
            ["flask.py": .text("x = exec('')\n")], ["MissingModule"]
        ),
        (
            "import flask\na = flask.make()\na.config.from_object('own.S')\n",
            ["flask.py": .text("x = exec('')\n"), "own.py": .text("class S: pass\n")], []
        ),
        (
            "import flask\na = flask.make()\na.config.from_object('own.T')\n",
            ["flask.py": .text("x = exec('')\n"), "own.py": .text("class S: pass\n")], ["MissingName"]
        ),
        (wsgi, site("MIDDLEWARE = ['site.middleware.Trace']\n"), ["MissingModule"]),
        (wsgi, site("MIDDLEWARE = ['own.Trace']\n"), []), (wsgi, site("MIDDLEWARE = ['own.None_']\n"), ["MissingName"]),
        (wsgi, site("MIDDLEWARE = ['site.middleware.Trace']\nMIDDLEWARE = [] or []\n"), []),
        ("from django.urls import path, include\nu = [path('p/', include('polls.urls'))]\n", django, ["MissingModule"]),
        ("from django.urls import path, include\nu = [path('p/', include('own'))]\n", django, []),
        ("from django.urls import path, include\ndef f():\n  include('polls.urls')\n", django, []),
    ]

    private static let fields: [String: MemoryLayer.Item] = [
        ProgramTextTests.python + "dataclasses.py": .text("x = exec('')\n")
    ]
    private static let plugins: [String: MemoryLayer.Item] = [
        "plugins/__init__.py": .text(""), "plugins/two.py": .text("from none_sdk import Client\n"),
    ]
    private static let manage = """
        import os, sys
        os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')
        from django.core.management import execute_from_command_line
        execute_from_command_line(sys.argv)

        """
    static let named: [Row] = [
        (
            "from dataclasses import dataclass\nclass B: pass\n@dataclass\nclass A(B):\n  x: int = 0\n  y: str\n",
            fields, []
        ),
        (
            "from dataclasses import dataclass\n@dataclass\nclass A:\n  x: int = 0\n  y: str\n  def y(self): pass\n",
            fields, []
        ),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n  x: int = 0\n  y: str\n", fields, ["BadSyntax"]),
        (
            "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass A:\n  x: int = 0\n  y: str\n", fields,
            ["BadSyntax"]
        ),
        ("from dataclasses import dataclass\n@dataclass(kw_only=True)\nclass A:\n  x: int = 0\n  y: str\n", fields, []),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass A:\n  x: int = field(init=False)\n  y: str\n",
            fields,
            []
        ),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n  x: ClassVar[int] = 0\n  y: str\n", fields, []),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n  y: str\n  x: int = 0\n  z = 1\n", fields, []),
        (
            "from dataclasses import dataclass\n@other\nclass A:\n  x: int = 0\n  y: str\ndef other(): pass\n", fields,
            []
        ),
        (
            "import importlib, pkgutil, plugins\n"
                + "for m in pkgutil.iter_modules(plugins.__path__, plugins.__name__ + '.'):\n"
                + "  importlib.import_module(m.name)\n", plugins, ["MissingModule"]
        ),
        (
            "import pkgutil, plugins\nfor m in pkgutil.iter_modules(plugins.__path__, 'plugins.'):\n  print(m.name)\n",
            plugins, []
        ),
        // Beside a program in `/` lies `/sys`; the interpreter's own come first.
        ("from sys import maxsize\nfrom math import pi\n", ["sys/x": .text(""), "math/x": .text("")], []),
        ("from sys import maxsize\n", ["sys.py": .text("")], []),
        ("from math import pi\n", ["math.py": .text("")], ["MissingName"]),
        (
            "from pkg_resources import load_entry_point\nload_entry_point('x', 'g', 'b')()\n",
            [
                "pkg_resources.py": .text("def load_entry_point(a, b, c): pass\n"),
                ProgramTextTests.python + "x-1.dist-info/entry_points.txt": .text("[g]\nb = :\n"),
            ], []
        ),
        (manage, site("INSTALLED_APPS = ['own']\n"), ["MissingName"]),
        (
            manage,
            site("INSTALLED_APPS = ['shop']\n").merging([
                "shop/__init__.py": .text(""), "shop/management/commands/gone.py": .text(""),
            ]) { $1 }, []
        ),
        (manage, site("INSTALLED_APPS = ['own'] + []\n"), []),
        (manage.replacing("sys.argv", with: "['x', 'check']"), site("INSTALLED_APPS = ['own']\n"), []),
    ]

    @Test(arguments: named.indices) func namesAreFollowed(index: Int) throws {
        let (text, files, errors) = Self.named[index]
        let all = Self.placed(files).merging(["/srv/main.py": .text(text)]) { $1 }
        try ProgramTextTests.check((["python3.11", "main.py", "gone"], all, "", errors))
    }

    @Test(arguments: python.indices) func pythonIsFollowed(index: Int) throws {
        let (text, files, errors) = Self.python[index]
        let library = ProgramTextTests.python + "subprocess.py"
        let all = Self.placed(files).merging(["/srv/main.py": .text(text), library: .text("globals()['x'] = 1\n")]) {
            $1
        }
        try ProgramTextTests.check((["python3.11", "main.py", "gone"], all, "", errors))
    }

    static let scripts: [(shell: String, text: String, user: String, errors: [String])] = [
        ("sh", "PATH=$(cat /proc/1/x):/bin\nexec \"$(command -v gone)\" x\n", "", []),
        (
            "bash", "set -e\nd=\"$(cd -- \"$(dirname -- \"$0\")\" &>/dev/null && pwd)\"\n. \"$d/../none.sh\"\n", "",
            ["MissingFile"]
        ),
        (
            "bash", "set -e\nd=\"$(cd -P \"$(dirname \"$0\")\" >/dev/null && pwd)\"\n. \"$d/lib.sh\"\nexec /srv/app\n",
            "", []
        ),
        ("sh", "set -e\nP=$(python3.11 -c 'import gone')\nexec /srv/app\n", "", ["MissingModule"]),
        ("sh", "P=$(python3.11 -c 'import gone')\nexec /srv/app\n", "", []),
        ("sh", "set -e\nP=$(python3.11 -c 'import gone' || echo 1)\nexec /srv/app\n", "", []),
        ("sh", "set -e\nP=$(python3.11 -c 'import os')\nexec /srv/app\n", "", []),
        ("sh", "exec \"$(command -v gone || command -v gone2)\" x\n", "", ["MissingProgram"]),
        ("sh", "exec \"$(command -v gone || command -v cat)\" x\n", "", []),
        ("sh", "exec $(command -v gone) x\n", "", ["MissingProgram"]),
        ("sh", "set -e\nA=$(command -v gone || true)\nexec /srv/app\n", "", []),
        ("sh", "A=$(command -v gone)\n[ -z \"$A\" ] || exec gone2\nexec /srv/app\n", "", []),
        ("sh", "set -e\necho $$ > /run/app.pid\nexec /srv/app\n", "app", ["NotPermitted"]),
        ("sh", "set -e\necho $$ > /run/app.pid\nexec /srv/app\n", "", []),
        ("sh", "set -e\necho $$ > /run/own/app.pid\nexec /srv/app\n", "app", []),
        ("zsh", "setopt errexit\ngone-tool\nexec /srv/app\n", "", ["MissingProgram"]),
        ("zsh", "setopt ERR_EXIT\ngone-tool\nexec /srv/app\n", "", ["MissingProgram"]),
        ("zsh", "setopt extendedglob\ngone-tool\nexec /srv/app\n", "", []),
        (
            "bash", "f() {\n  local v\n  v=\"$(< \"$FILE\")\"\n}\nset -e\nFILE=/etc/none\nf\nexec /srv/app\n", "",
            ["MissingFile"]
        ),
    ]

    @Test(arguments: scripts.indices) func scriptsAreFollowed(index: Int) throws {
        let (shell, text, user, errors) = Self.scripts[index]
        let files: [String: MemoryLayer.Item] = [
            "/srv/a": .text(text), "/srv/lib.sh": .text(""), "/bin/zsh": ProgramTextTests.program, "/run": .directory,
            "/run/own": .file([], mode: 0o666), "/bin/dirname": ProgramTextTests.program,
        ]
        try ProgramTextTests.check(([shell, "/srv/a"], files, user, errors))
    }

    private static let factory = "import flask\ndef create_app(config=None):\n  a = flask.make()\n"
    static let servers: [(start: [String], files: [String: MemoryLayer.Item], errors: [String])] = [
        (["supervisord", "-c", "s"], ["s": .text("[supervisord]\nlogfile=/var/log/gone/s.log\n")], ["MissingFile"]),
        (
            ["supervisord", "-c", "s"], ["s": .text("[program:a]\nstdout_logfile = /opt/none/a.log ; x\n")],
            ["MissingFile"]
        ),
        (["supervisord", "-c", "s"], ["s": .text("[program:a]\nstdout_logfile=AUTO\nstderr_logfile=/dev/fd/2\n")], []),
        (
            ["supervisord", "-c", "s"], ["s": .text("[supervisord]\nlogfile=%(here)s/x/s.log\npidfile=/run/x/s.pid\n")],
            []
        ),
        (
            ["supervisord", "-c", "s"], ["s": .text("[supervisord]\n;logfile=/opt/none/s.log\npidfile=/srv/s.pid\n")],
            []
        ),
        (["supervisord", "-c", "s"], ["s": .text("[other]\nlogfile=/opt/none/s.log\n")], []),
        (["supervisord", "-c", "s"], ["s": .text("[program:a]\nuser=service\n")], ["UnknownUser"]),
        (["supervisord", "-c", "s"], ["s": .text("[program:a]\nuser=root ; x\n")], []),
        (["supervisord", "-c", "s"], ["s": .text("[program:a]\ncommand=x %(ENV_GONE)s\n")], ["MissingVariable"]),
        (["supervisord", "-c", "s"], ["s": .text("[program:a]\ncommand=x %(ENV_HOME)s %(ENV_PATH)s\n")], []),
        (
            ["supervisord", "-c", "s"],
            ["s": .text("[include]\nfiles = d/*.conf\n"), "d/a.conf": .text("[program:a]\nuser=service\n")],
            ["UnknownUser"]
        ),
        (
            ["supervisord", "-c", "s"],
            ["s": .text("[include]\nfiles = d/*.conf\n"), "d/a.ini": .text("[program:a]\nuser=service\n")], []
        ),
        (
            ["gunicorn", "shop:create_app()"],
            ["shop.py": .text(factory + "  a.config.from_object(config or 'none.s')\n")], ["MissingModule"]
        ),
        (
            ["gunicorn", "shop:create_app()"],
            ["shop.py": .text(factory + "  a.config.from_object(config or 'own.S')\n")], []
        ),
        (
            ["gunicorn", "shop:create_app()"],
            [
                "shop.py": .text(
                    factory + "  config = find()\n  a.config.from_object(config or 'none.s')\ndef find(): pass\n")
            ], []
        ),
        (
            ["gunicorn", "shop:create_app"],
            ["shop.py": .text(factory + "  a.config.from_object(config or 'none.s')\n")], []
        ),
        (
            ["gunicorn", "shop:create_app()"], ["shop.py": .text("def create_app(config, *a, **b): pass\n")],
            ["MissingName"]
        ),
        (["gunicorn", "shop:create_app()"], ["shop.py": .text("def create_app(*a, c=1, **b): pass\n")], []),
        (
            ["gunicorn", "shop:create_app()"],
            ["shop.py": .text("import flask\n@flask.given\ndef create_app(c): pass\n")], []
        ),
        (["gunicorn", "own:S"], ["gunicorn.conf.py": .text("import none_hooks\n")], ["MissingModule"]),
        (["gunicorn", "own:S"], ["gunicorn.conf.py": .text("import own\n")], []),
    ]

    @Test(arguments: servers.indices) func serversAreFollowed(index: Int) throws {
        let (start, files, errors) = Self.servers[index]
        let own: [String: MemoryLayer.Item] = [
            "own.py": .text("class S: pass\n"), "flask.py": .text("x = exec('')\n"),
            "/bin/supervisord": .program("#!/bin/python3.11\n"), "/bin/gunicorn": .program("#!/bin/python3.11\n"),
        ]
        try ProgramTextTests.check((start, Self.placed(files.merging(own) { $1 }), "", errors))
    }

    static let tools: [(start: [String], text: String, errors: [String])] = [
        (["make", "-C", "/srv", "serve"], "run:\n\t@echo\n", ["MissingName"]),
        (["make", "-C", "/srv", "run"], "run:\n\t@echo\n", []), (["make", "-C", "/srv", "app"], "run:\n\t@echo\n", []),
        (["make", "-C", "/srv", "serve"], ".PHONY: run serve\nrun:\n\t@echo\n", []),
        (["perl", "a"], "use strict;\nmy $x = 'a\n$total = 1;\n';\n", []),
        (["node", "a"], "require(`./${process.env.npm_package_name}.json`);\n", []),
        (["make", "-C", "/srv", "serve"], "include x.mk\nrun:\n\t@echo\n", []),
        (["make", "-C", "/srv", "serve"], "%:\n\t@echo\n", []),
        (["make", "-C", "/srv", "serve"], "A = serve\n$(A):\n\t@echo\n", []),
        (["make", "-C", "/srv", "make"], "VPATH = /bin\nrun:\n\t@echo\n", []),
        (["make", "-C", "/srv", "make"], "vpath make /bin\nrun:\n\t@echo\n", []),
        (["make", "-C", "/srv", "A=1", "-j", "2", "run"], "run other: x\n\t@echo\nx:\n", []),
        (["perl", "a", "/srv/gone"], "exec @ARGV or die;\n", ["MissingProgram"]),
        (["perl", "-e", "exec @ARGV or die", "/srv/gone"], "", ["MissingProgram"]),
        (["perl", "-e", "exec @ARGV or die", "/srv/app"], "", []),
        (
            ["ruby", "a"],
            "$LOAD_PATH.unshift(File.expand_path('../srv/l', __dir__))\nrequire 'shop'\nShop::Worker.start\n",
            ["MissingModule"]
        ),
        (
            ["ruby", "a"],
            "$LOAD_PATH.unshift(File.expand_path('../srv/l', __dir__))\nrequire 'shop'\nShop::Server.start\n", []
        ),
        (
            ["ruby", "a"],
            "$LOAD_PATH.unshift(File.expand_path('../srv/l', __dir__))\nrequire 'shop'\nclass Worker\n  def self.start = 1\nend\nWorker.start\n",
            []
        ),
        (["perl", "a"], "use strict;\n$total = 1;\n", ["MissingName"]),
        (["perl", "a"], "use v5.36;\nuse warnings;\n$total = 1;\n", ["MissingName"]),
        (["perl", "a"], "$total = 1;\n", []), (["perl", "a"], "use strict;\nour $total;\n$total = 1;\n", []),
        (["perl", "a"], "use strict;\nmy ($x, $total);\n$total = 1;\n", []),
        (["perl", "a"], "use strict;\nmy (\n  $x,\n  $total,\n);\n$total = 1;\n", []),
        (["perl", "a"], "use strict;\nmy$total;\n$total = 1;\n", []),
        (["perl", "a"], "use strict;\nfor my $x (1, 2) { print $x }\n$total = 1;\n", ["MissingName"]),
        (["perl", "a"], "use strict;\nno strict 'vars';\n$total = 1;\n", []),
        (["perl", "a"], "use strict;\nuse vars qw($total);\n$total = 1;\n", []),
        (["perl", "a"], "use strict;\nuse X;\n$total = 1;\n", []),
        (["perl", "a"], "use strict;\n$a = 1;\n$main::x = 1;\n$_ = 1;\n$| = 1;\n", []),
        (["perl", "a"], "use strict;\nprint <<E;\n$total = 1;\nE\n", []),
        (["node", "a"], "require(`./${process.env.STAGE}.json`);\n", ["MissingModule"]),
        (["node", "a"], "require('./' + process.env.STAGE + '.json');\n", ["MissingModule"]),
        (["node", "a"], "process.env.STAGE = f();\nrequire(`./${process.env.STAGE}.json`);\nfunction f() {}\n", []),
        (["node", "a"], "if (process.env.STAGE) require(`./${process.env.STAGE}.json`);\n", []),
        (["node", "a"], "require(`./${process.env.STAGE || 'x'}.json`);\n", []),
    ]

    @Test(arguments: tools.indices) func toolsAreFollowed(index: Int) throws {
        let (start, text, errors) = Self.tools[index]
        let files: [String: MemoryLayer.Item] = [
            "/srv/x.json": .text("{}"), "/etc/perl/X.pm": .text("1;\n"),
            "/srv/a": .text(text), "/srv/Makefile": .text(text), "/bin/make": ProgramTextTests.program,
            "/srv/l/shop.rb": .text(
                "module Shop\n  autoload :Server, 'shop/server'\n  autoload :Worker, 'shop/worker'\nend\n"),
            "/srv/l/shop/server.rb": .text("module Shop\n  class Server\n    def self.start = new\n  end\nend\n"),
        ]
        try ProgramTextTests.check((start, files, "", errors))
    }
}

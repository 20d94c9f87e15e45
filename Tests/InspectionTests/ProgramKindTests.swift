import Testing

/// Programs of several files: modules that import each other, classes of other modules, what a shell of another kind reads, and
/// what the library asks of its surroundings. `scripts/closure` starts such ones for real.
@Suite struct ProgramKindTests {
    typealias Row = (text: String, files: [String: String], errors: [String])

    private static func texts(_ files: [String: String]) -> [String: MemoryLayer.Item] {
        Dictionary(
            uniqueKeysWithValues: files.map { ($0.key.hasPrefix("/") ? $0.key : "/srv/" + $0.key, .text($0.value)) })
    }

    private static let early = "from b import f\nX = 1\n"
    static let python: [Row] = [
        ("import a\n", ["a.py": early, "b.py": "from a import X\ndef f(): pass\n"], ["MissingName"]),
        ("import a\n", ["a.py": early, "b.py": "import a\nY = a.X\ndef f(): pass\n"], ["MissingName"]),
        ("import a\n", ["a.py": early, "b.py": "import a\ndef f(): return a.X\n"], []),
        ("import a\n", ["a.py": "X = 1\n" + early, "b.py": "from a import X\ndef f(): pass\n"], []),
        ("import a\n", ["a.py": "if 1: X = 1\n" + early, "b.py": "from a import X\ndef f(): pass\n"], []),
        ("import a\n", ["a.py": early, "b.py": "try:\n  from a import X\nexcept ImportError: pass\nf = 1\n"], []),
        ("import locale\nlocale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')\n", [:], ["MissingFile"]),
        ("import locale\nlocale.setlocale(locale.LC_ALL, 'C.UTF-8')\nlocale.setlocale(locale.LC_ALL, '')\n", [:], []),
        (
            "import locale\nlocale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')\n",
            ["/usr/lib/locale/locale-archive": "x"], []
        ),
        ("import pathlib\n(pathlib.Path.home() / '.c').mkdir()\n", [:], ["MissingFile"]),
        ("import pathlib\n(pathlib.Path.home() / '.c').mkdir(parents=True)\n", [:], []),
        ("import logging\nlogging.basicConfig(filename='/var/log/none/x.log')\n", [:], ["MissingFile"]),
        ("import logging\nlogging.basicConfig(level=1)\n", [:], []),
        ("import logging.config\nlogging.config.dictConfig({'f': {'()': 'gone.json.Form'}})\n", [:], ["MissingModule"]),
        (
            "import logging.config\nlogging.config.dictConfig({'f': {'class': 'own.Form'}})\n",
            ["own.py": "class Form: pass\n"], []
        ),
        (
            "from importlib import resources\nx = resources.files('p').joinpath('a.sql').read_text()\n",
            ["p/__init__.py": ""], ["MissingFile"]
        ),
        (
            "from importlib import resources\nx = resources.files('p').joinpath('a.sql').read_text()\n",
            ["p/__init__.py": "", "p/a.sql": ""], []
        ),
        ("import os\nif os.getenv('DEBUG', 'No').lower() in ('1', 'no'):\n  import gone\n", [:], ["MissingModule"]),
        ("import os\nif os.getenv('DEBUG', 'No').lower() in ('1', 'yes'):\n  import gone\n", [:], []),
        (
            "import os\nd = os.getenv('DEBUG', 'No').lower() in ('1', 'no')\nif d:\n  import gone\n", [:],
            ["MissingModule"]
        ),
        ("import os\nd = os.getenv('DEBUG', 'No') == 'Yes'\nif d:\n  import gone\n", [:], []),
        ("def f[T](x):\n  return x\n", [:], ["BadSyntax"]),
    ]

    @Test(arguments: python.indices) func pythonIsFollowed(index: Int) throws {
        let (text, files, errors) = Self.python[index]
        let library = [
            "locale", "pathlib", "logging/__init__", "logging/config", "importlib/__init__", "importlib/resources",
        ]
        var all = Self.texts(files).merging(["/srv/main.py": .text(text)]) { $1 }
        for name in library { all[ProgramTextTests.python + name + ".py"] = .text("globals()['x'] = 1\n") }
        all["/lib64/ld-linux-x86-64.so.2"] = .program("")
        try ProgramTextTests.check((["python3.11", "main.py"], all, "", errors))
    }

    @Test(arguments: [true, false]) func extensionsOfCffiNeedItsPart(hasPart: Bool) throws {
        let bytes = staticProgram() + Array("\0_cffi_backend\0".utf8)
        var files: [String: MemoryLayer.Item] = ["/srv/main.py": .text("import fast\n"), "/srv/fast.so": .file(bytes)]
        if hasPart { files["/srv/_cffi_backend.py"] = .text("") }
        try ProgramTextTests.check((["python3.11", "main.py"], files, "", hasPart ? [] : ["MissingModule"]))
    }

    private static let base = "module.exports = class B {\n  start() { this.setup(); }\n};\n"
    private static let child = "class A extends B {\n  setup() { require('./x'); }\n}\nnew A().start();\n"
    private static let store = "class S {\n  open() {}\n}\nmodule.exports = { S };\n"
    static let node: [Row] = [
        ("const B = require('./b');\n" + child, ["b.js": base], ["MissingModule"]),
        ("const B = require('./b');\n" + child, ["b.js": base, "x.js": ""], []),
        ("const { B } = require('./b');\n" + child, ["b.js": "exports.B = class {\n  start() {}\n};\n"], []),
        ("const B = require('./b');\n" + child, ["b.js": "exports.B = class {};\n"], ["MissingName"]),
        ("const { S } = require('./s');\nconst s = new S();\ns.close();\n", ["s.js": store], ["MissingName"]),
        ("const { S } = require('./s');\nconst s = new S();\ns.open();\n", ["s.js": store], []),
        ("const { S } = require('./s');\nlet s = new S();\ns = other;\ns.close();\n", ["s.js": store], []),
        (
            "const S = require('./s').S;\nnew S().open();\n",
            ["s.js": store.replacing("{}", with: "{ require('./x'); }")], ["MissingModule"]
        ),
        ("const a = make();\n", [:], ["MissingName"]),
        ("const a = make();\n", ["g.js": ""], ["MissingName"]),
        ("require('./g');\nconst a = make();\n", ["g.js": "global.make = () => 1;\n"], []),
        ("const a = make();\nfunction make() {}\n", [:], []),
        ("const load = n => require('./' + n);\nconst c = { ...load('x') };\n", [:], ["MissingModule"]),
        ("process.on('uncaughtException', e => { process.exit(1); });\nrequire('./x');\n", [:], ["MissingModule"]),
        ("process.on('uncaughtException', e => { log(e); });\nrequire('./x');\n", [:], []),
        (
            "const a = require('./a').create();\na.listen();\n",
            ["a.js": "exports.create = () => ({ listen() {} });\n"], []
        ),
        (
            "const d = require('./a');\nfunction f(d) { d.other(); }\nf({ other() {} });\n",
            ["a.js": "exports.create = 1;\n"], []
        ),
    ]

    @Test(arguments: node.indices) func nodeIsFollowed(index: Int) throws {
        let (text, files, errors) = Self.node[index]
        let all = Self.texts(files).merging(["/srv/main.js": .text(text)]) { $1 }
        try ProgramTextTests.check((["node", "main.js"], all, "", errors))
    }

    static let shells: [(shell: String, text: String, errors: [String])] = [
        ("dash", "function start {\n  exec /srv/app\n}\nstart\n", []),
        ("dash", "set -e\nfunction start {\n  exec /srv/app\n}\nstart\n", ["BashOnly"]),
        ("dash", "function start() {\n  exec /srv/app\n}\nstart\n", ["BashOnly"]),
        ("dash", "function start { exec /srv/app; }\nstart\n", ["BashOnly"]),
        ("zsh", "zmodload zsh/stat && exec /srv/app\n", []),
        ("zsh", "zmodload zsh/datetime && exec /srv/app\n", ["MissingModule"]),
        ("zsh", "setopt errexit\nset -e\nzmodload zsh/datetime\nexec /srv/app\n", ["MissingModule"]),
        ("zsh", "a='x y'\nprint $a\nexec /srv/app\n", []), ("zsh", "exec gone\n", ["MissingProgram"]),
        ("zsh", "for f (a b) exec gone\n", []),
        ("bash", "eval \"$(cat /proc/1/x)\"\n. \"$LIB\"\nset -e\nlog x\nexec /srv/app\n", []),
    ]

    @Test(arguments: shells.indices) func shellsOfOtherKindsAreFollowed(index: Int) throws {
        let (shell, text, errors) = Self.shells[index]
        let zsh = staticProgram() + Array("\0dlopen\0/usr/lib/x/zsh/5.9\0".utf8)
        let files: [String: MemoryLayer.Item] = [
            "/srv/a": .text(text), "/bin/zsh": .program(zsh), "/usr/lib/x/zsh/5.9/zsh/stat.so": .text(""),
        ]
        try ProgramTextTests.check(([shell, "/srv/a"], files, "", errors))
    }

    static let users: [(start: [String], user: String, errors: [String])] = [
        (["cron", "-f"], "app", ["NotPermitted"]), (["cron", "-f"], "", []),
        (["bash", "-c", "set -e; sed -i s/a/b/ /etc/own/conf; exec /srv/app"], "app", ["NotPermitted"]),
        (["bash", "-c", "set -e; sed -i s/a/b/ /etc/own/conf; exec /srv/app"], "", []),
        (["python3.11", "-c", "import tempfile; tempfile.mkdtemp()"], "app", ["MissingFile"]),
        (["python3.11", "-c", "import tempfile; tempfile.mkdtemp()"], "", []),
        (["perl", "-e", "1"], "", []), (["perl", "/srv/new"], "", ["MissingName"]), (["perl", "/srv/old"], "", []),
    ]

    @Test(arguments: users.indices) func rightsOfUsersCount(index: Int) throws {
        let (start, user, errors) = Self.users[index]
        let files: [String: MemoryLayer.Item] = [
            "/bin/cron": ProgramTextTests.program, "/var/run": .directory, "/bin/sed": ProgramTextTests.program,
            "/etc/own/conf": .text("a\n"),
            "/tmp/x": .text(""), ProgramTextTests.python + "tempfile.py": .text("globals()['x'] = 1\n"),
            "/usr/share/perl/5.36/X.pm": .text(""), "/srv/new": .text("use v5.40;\n"),
            "/srv/old": .text("use v5.36;\nuse 5.010;\n"),
        ]
        try ProgramTextTests.check((start, files, user, errors))
    }
}

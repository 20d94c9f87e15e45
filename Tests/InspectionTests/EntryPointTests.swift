import OCI
import Testing

@testable import Inspection

/// Entry points by family: what a start of them comes to. `scripts/closure` starts such ones for real.
@Suite struct EntryPointTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var files: [String: MemoryLayer.Item] = [:]
        let start: [String]
        var environment: [String] = []
        var user = ""
        var directory = ""
        /// The names of the errors.
        var errors: [String] = []

        var testDescription: String { name }
    }

    private static let program = MemoryLayer.Item.program(staticProgram())
    private static let shell: [String: MemoryLayer.Item] = [
        "/bin/sh": program, "/usr/bin/env": program, "/usr/bin/id": program, "/usr/bin/tini": program,
        "/usr/sbin/gosu": program, "/usr/bin/nice": program, "/usr/bin/flock": program,
        "/etc/passwd": .text("root:x:0:0::/root:\napp:x:1000:1000::/:\n"), "/srv/app": program,
        "/srv/shut": .file(staticProgram(), mode: 0o700),
    ]

    private func check(_ item: Case, on base: [String: MemoryLayer.Item]) throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = item.start
        config.container.environment = item.environment
        config.container.user = item.user
        config.container.workingDirectory = item.directory
        let report = try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(base.merging(item.files) { $1 })]))
        let errors = report.findings.filter { $0.severity == .error }
        #expect(errors.map(\.name) == item.errors, "\(report.findings) \(report.unknown)")
    }

    static let wrappers: [Case] = [
        Case(name: "tini", start: ["tini", "-g", "--", "/srv/app"]),
        Case(name: "tini of nothing", start: ["tini", "--", "/srv/gone"], errors: ["MissingProgram"]),
        Case(name: "env with variables", start: ["env", "-u", "X", "A=b", "nice", "-n", "5", "/srv/app"]),
        Case(name: "env with another PATH", start: ["env", "PATH=/srv", "app"]),
        Case(name: "env, nice of nothing", start: ["env", "A=b", "nice", "gone"], errors: ["MissingProgram"]),
        Case(name: "env elsewhere", start: ["env", "-C", "/gone", "/srv/app"], errors: ["MissingFile"]),
        Case(name: "env in a directory", start: ["env", "-C", "/srv", "./app"]),
        Case(name: "flock elsewhere", start: ["flock", "/gone/lock", "/srv/app"], errors: ["MissingFile"]),
        Case(name: "flock", start: ["flock", "-w", "5", "/srv/lock", "/srv/app"]),
        Case(name: "gosu takes a right away", start: ["gosu", "app", "/srv/shut"], errors: ["NotPermitted"]),
        Case(name: "gosu of nobody", start: ["gosu", "ghost", "/srv/app"], errors: ["UnknownUser"]),
        Case(name: "not for this user", start: ["/srv/shut"], user: "app", errors: ["NotPermitted"]),
        Case(name: "for root", start: ["/srv/shut"]),
        Case(
            name: "a closed directory", files: ["/root": .closed, "/root/app": program], start: ["/root/app"],
            user: "1000", errors: ["NotPermitted"]),
        Case(
            name: "the second on PATH", files: ["/a/run": .file(staticProgram(), mode: 0o700), "/b/run": program],
            start: ["run"], environment: ["PATH=/a:/b"], user: "app"),
        Case(name: "WORKDIR is a file", start: ["/srv/app"], directory: "/srv/app", errors: ["NoDirectory"]),
        Case(name: "WORKDIR is made", start: ["/srv/app"], directory: "/made/later"),
        Case(name: "CR", files: ["/a": .program("#!/bin/sh\r\n")], start: ["/a"], errors: ["CarriageReturn"]),
    ]

    @Test(arguments: wrappers) func wrappersStartTheirCommand(item: Case) throws { try check(item, on: Self.shell) }

    static let scripts: [(text: String, command: [String], errors: [String])] = [
        ("set -e\nexec \"$@\"\n", ["/srv/app"], []), ("set -e\nexec \"$@\"\n", ["gone"], ["MissingProgram"]),
        ("if [ \"${1#-}\" != \"$1\" ]; then set -- /srv/gone \"$@\"; fi\nexec \"$@\"\n", ["-v"], ["MissingProgram"]),
        ("case \"$1\" in a|b) exec /srv/gone ;; *) exec \"$@\" ;; esac\n", ["/srv/app"], []),
        ("case \"$1\" in a|b) exec /srv/gone ;; *) exec \"$@\" ;; esac\n", ["b"], ["MissingProgram"]),
        ("set -e\ngone-tool\nexec \"$@\"\n", ["/srv/app"], ["MissingProgram"]),
        ("gone-tool\nexec \"$@\"\n", ["/srv/app"], []),
        ("set -e\ngone-tool || true\nexec \"$@\"\n", ["/srv/app"], []),
        ("set -e\nif gone-tool; then :; fi\nexec \"$@\"\n", ["/srv/app"], []),
        ("if command -v gone >/dev/null; then exec gone; fi\nexec \"$@\"\n", ["/srv/app"], []),
        ("exec \"${APP:-/srv/app}\"\n", [], []), ("exec \"$APP\"\n", [], ["MissingProgram"]),
        ("exec \"$(cat /x)\"\n", [], []),
        ("set -u\necho $URL\nexec \"$@\"\n", ["/srv/app"], ["MissingVariable"]),
        (": \"${URL:?needed}\"\nexec \"$@\"\n", ["/srv/app"], ["MissingVariable"]),
        (". /gone.sh\nexec \"$@\"\n", ["/srv/app"], ["MissingFile"]),
        ("main() { exec \"$@\"; }\nmain \"$@\"\n", ["gone"], ["MissingProgram"]),
        ("other() { exec /srv/gone; }\nexec \"$@\"\n", ["/srv/app"], []), ("cd /srv\nexec ./app\n", [], []),
        ("cd /srv && exec ./gone\n", [], ["MissingProgram"]),
        (
            "if [ \"$(id -u)\" = 0 ]; then exec gosu app \"$0\" \"$@\"; fi\nexec \"$@\"\n", ["/srv/shut"],
            ["NotPermitted"]
        ),
        ("for f in /d/*; do [ -x \"$f\" ] && \"$f\"; done\nexec \"$@\"\n", ["/srv/app"], []),
        ("cat <<E\ngone $X\nE\nexec \"$@\"\n", ["/srv/app"], []),
        ("args=(/srv/gone -a)\nexec \"${args[@]}\"\n", [], ["MissingProgram"]), ("exec \"\n", [], ["BadSyntax"]),
        ("if true; then\n  exec \"$@\"\n", ["/srv/app"], ["BadSyntax"]), ("echo x\ndone\n", [], ["BadSyntax"]),
        ("exec \"$@\"\nfi\n", ["/srv/app"], []),
        ("set -e\nfalse\nexec \"$@\"\n", ["/srv/app"], ["FailedScript"]),
        ("set -e\nf() { return 1; }\nif f; then :; fi\nexec \"$@\"\n", ["/srv/app"], []),
        ("set -e\n[ -n \"$NONE\" ] && echo x\nexec \"$@\"\n", ["/srv/app"], []),
        ("set -e\necho x > /none/deep/file\nexec \"$@\"\n", ["/srv/app"], ["MissingFile"]),
        ("echo x > /srv/made\nexec /srv/made\n", [], []),
        ("x=app.v2\nexec \"/srv/${x%%.*}\"\n", [], []),
        ("HOME=/srv\ncd ~\nexec ./app\n", [], []),
    ]

    static let javaScript: [(text: String, mistake: String?)] = [
        ("const x = <div/>;\n", "<"), ("@dec\nclass A {}\n", "@"), ("enum A { B }\n", "A"),
        ("const a: number = 1;\n", ":"),
        ("f(1;\n", "("), ("if (x) { }}\n", "}"), ("const x = ;\n", "="), ("const a = 1;\nconst a = 2;\n", "a"),
        ("const re = /[}{]/g, t = `${`}`}`, y = a < b;\n", nil), ("const { a: b } = c, d = e ? f : g;\n", nil),
        ("{ let a = 1; }\n{ let a = 2; }\n", nil),
    ]

    @Test(arguments: javaScript.indices) func nodeReadsNothingElse(index: Int) {
        let (text, mistake) = Self.javaScript[index]
        #expect(JavaScriptParser.read(Array(text.utf8)).mistake == mistake, "\(text)")
    }

    @Test(arguments: scripts.indices) func scriptsAreFollowed(index: Int) throws {
        let (text, command, errors) = Self.scripts[index]
        let item = Case(
            name: text, files: ["/entry": .program("#!/bin/sh\n" + text)], start: ["/entry"] + command, errors: errors)
        try check(item, on: Self.shell)
    }

    private static let library = "/usr/lib/python3.11/"
    private static let python: [String: MemoryLayer.Item] = [
        "/usr/bin/python3": .link("python3.11"), "/usr/bin/python3.11": program,
        library + "encodings/__init__.py": .text(""),
        library + "encodings/utf_8.py": .text(""), library + "typing.py": .text(""), library + "os.py": .text(""),
        library + "subprocess.py": .text(""),
        library + "contextlib.py": .text(""),
        "/app/here.py": .text("X = 1\n"), "/app/needs.py": .text("import gone\n"), "/app/ns/inner.py": .text(""),
        "/app/pkg/__init__.py": .text(""),
        "/app/hook/__init__.py": .text("import sys\nsys.modules['hook.made'] = sys\n"),
        "/app/hook/needs.py": .text("import gone\n"),
        "/app/pkg/cli.py": .text("def main():\n    import gone\n"), "/venv/pyvenv.cfg": .text("home = /usr/bin\n"),
        "/venv/bin/python": .link("/usr/bin/python3"),
        "/venv/lib/python3.11/site-packages/lib.py": .text(""),
    ]

    static let imports: [(text: String, errors: [String])] = [
        ("import sys, gone", ["MissingModule"]), ("import sys; import gone", ["MissingModule"]),
        ("from pkg import (\n  gone,\n)", ["MissingName"]),
        ("try:\n  import gone\nexcept ImportError:\n  gone = None", []),
        ("try:\n  import gone\nexcept ValueError:\n  pass", ["MissingModule"]),
        ("try:\n  import gone\nexcept ImportError:\n  raise SystemExit(1)", ["MissingModule"]),
        ("import needs", ["MissingModule"]),
        ("try:\n  import needs\nexcept ImportError:\n  pass", []), ("if TYPE_CHECKING:\n  import gone", []),
        ("def f():\n  import gone", []),
        ("def f():\n  import gone\nif __name__ == '__main__':\n  f()", ["MissingModule"]),
        ("from pkg.cli import main\nmain()", ["MissingModule"]),
        ("import sys\nif sys.version_info < (3, 9):\n  import gone\nelse:\n  import here", []),
        ("'''\nimport gone\n'''", []), ("import ns.inner", []),
        ("import hook.made", []), ("import hook.needs", ["MissingModule"]), ("import ns.gone", ["MissingModule"]),
        ("import importlib\nimportlib.import_module('gone')", ["MissingModule"]),
        ("import contextlib\nwith contextlib.suppress(ImportError):\n  import gone", []),
        ("import sys\nsys.exit()\nimport gone", []),
        ("import sys\nsys.path.append('/app/pkg')\nimport cli", []), ("from here import X, Y", ["MissingName"]),
        ("import lib", ["MissingModule"]),
        ("X = False\nif X:\n  import gone", []), ("X = True\nif X:\n  import gone", ["MissingModule"]),
        (
            "try:\n  __SETUP__\nexcept NameError:\n  __SETUP__ = False\nif __SETUP__:\n  pass\nelse:\n  import gone",
            ["MissingModule"]
        ),
        ("for n in ('here', 'gone'):\n  __import__(n)", ["MissingModule"]),
        ("for n in ('gone',):\n  try:\n    __import__(n)\n  except ImportError:\n    pass", []),
        ("import sys\nsys.meta_path.append(here)\nimport gone", []),
        ("import subprocess\nsubprocess.run(['gone-tool'])", ["MissingProgram"]),
        ("import subprocess\ntry:\n  subprocess.run(['gone-tool'])\nexcept OSError:\n  pass", []),
        ("import os\nos.chdir('/srv/none')", ["MissingFile"]),
        ("import os\nif not os.getenv('TOKEN'):\n  raise RuntimeError('TOKEN')", ["MissingVariable"]),
        (
            "import os\nTOKEN = os.getenv('TOKEN')\nif not TOKEN:\n  TOKEN = 'x'\nif not TOKEN:\n  raise RuntimeError('TOKEN')",
            []
        ),
        ("try:\n  import gone\nexcept ImportError:\n  gone = None\ngone.run()", ["MissingModule"]),
        ("try:\n  import gone as x\nexcept ImportError:\n  x = None\nif x is None:\n  import here as x\nx.X()", []),
        ("def main():\n  import gone\nraise SystemExit(main())", ["MissingModule"]),
    ]

    @Test(arguments: imports.indices) func pythonImportsAreFollowed(index: Int) throws {
        let (text, errors) = Self.imports[index]
        try check(
            Case(
                name: text, files: ["/app/main.py": .text(text + "\n")], start: ["python3", "/app/main.py"],
                errors: errors), on: Self.python)
    }

    private static let settings: [String: MemoryLayer.Item] = [
        "/app/manage.py": .text(
            """
            import os
            os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')
            from dj import execute_from_command_line
            execute_from_command_line([])

            """),
        "/app/dj.py": .text("def execute_from_command_line(a):\n    pass\n"), "/app/site1/__init__.py": .text(""),
        "/app/site1/settings.py": .text("INSTALLED_APPS = ['pkg']\n"),
    ]

    /// A server of Python that loads a module.
    private static func launched(
        _ name: String, _ arguments: [String], by program: String = "gunicorn", errors: [String] = []
    ) -> Case {
        var files: [String: MemoryLayer.Item] = [
            "/usr/bin/gunicorn": .program("#!/usr/bin/python3\n"), "/app/web.py": .text("app = 1\n"),
        ]
        files.merge(settings) { $1 }
        let start = program == "gunicorn" ? [program] : ["python3", "/app/" + program]
        return Case(name: name, files: files, start: start + arguments, directory: "/app", errors: errors)
    }

    static let pythons: [Case] = [
        Case(name: "venv on PATH", start: ["python", "-c", "import lib"], environment: ["PATH=/venv/bin:/usr/bin"]),
        Case(
            name: "venv without its configuration", files: ["/venv/pyvenv.cfg": .directory],
            start: ["/venv/bin/python", "-c", "import lib"], errors: ["MissingModule"]),
        Case(
            name: ".pth", files: ["/venv/lib/python3.11/site-packages/x.pth": .text("/app\n")],
            start: ["/venv/bin/python", "-c", "import here"]),
        Case(name: "-m from WORKDIR", start: ["python3", "-um", "pkg.cli"], directory: "/app"),
        Case(name: "-m without __main__", start: ["python3", "-m", "pkg"], directory: "/app", errors: ["NoMain"]),
        Case(
            name: "extension of another version", files: ["/app/ext.cpython-312-x86_64-linux-gnu.so": program],
            start: ["python3", "-c", "import ext"], directory: "/app", errors: ["UnfitModule"]),
        launched("server", ["-b", "x:1", "web:app"]),
        launched("server's name gone", ["web:api"], errors: ["MissingName"]),
        launched("server's usual name gone", ["web"], errors: ["MissingName"]),
        launched("server's module gone", ["gone.web:app"], errors: ["MissingModule"]),
        launched("server's directory", ["--chdir", "/app/pkg", "cli:main"]),
        launched("server's directory gone", ["--chdir", "/gone", "web:app"], errors: ["MissingFile"]),
        launched("server's configuration gone", ["-c", "/gone.py", "web:app"], errors: ["MissingFile"]),
        launched("server's workers gone", ["-k", "gevent", "web:app"], errors: ["MissingModule"]),
        launched("settings", [], by: "manage.py", errors: []),
        Case(
            name: "settings name what is gone",
            files: settings.merging(["/app/site1/settings.py": .text("INSTALLED_APPS = ['gone']\n")]) { $1 },
            start: ["python3", "/app/manage.py"], errors: ["MissingModule"]),
        Case(
            name: "settings by ENV gone", files: settings, start: ["python3", "/app/manage.py"],
            environment: ["DJANGO_SETTINGS_MODULE=site1.production"], errors: ["MissingModule"]),
    ]

    @Test(arguments: pythons) func pythonsAreStarted(item: Case) throws { try check(item, on: Self.python) }

    private static let node: [String: MemoryLayer.Item] = [
        "/usr/bin/node": program, "/app/here.js": .text("exports.x = 1"),
        "/app/m/index.mjs": .text("export const x = 1"),
        "/app/node_modules/exp/package.json": .text(
            "{\"exports\": {\".\": {\"import\": \"./a.mjs\", \"require\": \"./a.cjs\"}, \"./s/*\": \"./src/*.js\"}}"),
        "/app/node_modules/exp/a.cjs": .text(""), "/app/node_modules/exp/src/one.js": .text(""),
        "/app/node_modules/exp/inner.js": .text(""),
        "/app/node_modules/far": .link(".pnpm/far/node_modules/far"),
        "/app/node_modules/.pnpm/far/node_modules/far/index.js": .text("require('near')"),
    ]

    static let requires: [(text: String, errors: [String])] = [
        ("require('fs'); require('node:path'); require('./here')", []), ("require('gone')", ["MissingModule"]),
        ("require('exp'); require('exp/s/one')", []),
        ("require('exp/inner.js')", ["MissingModule"]), ("import('exp')", ["MissingModule"]),
        ("require('far')", ["MissingModule"]),
        ("try { require('gone') } catch (e) {}", []),
        ("try { require('gone') } catch (e) { process.exit(1) }", ["MissingModule"]),
        ("function f() { require('gone') }", []), ("function f() { require('gone') }\nf()", ["MissingModule"]),
        ("const f = () => require('gone')", []),
        ("(() => { require('gone') })()", ["MissingModule"]), ("if (process.env.X === 'y') require('gone')", []),
        ("if (!process.env.X) require('gone')", ["MissingModule"]),
        ("process.env.X && require('gone')", []),
        ("// require('gone')\nconst s = \"require('gone')\", r = /require('gone')/", []), ("x.require('gone')", []),
        ("const p = require('path'); require(p.join(__dirname, 'gone'))", ["MissingModule"]),
        ("`${require('gone')}`", ["MissingModule"]), ("import './m/index.mjs'", []),
        ("import { y } from './m/index.mjs'", ["MissingName"]), ("import './here'", ["MissingModule"]),
        ("process.exit(0); require('gone')", []),
    ]

    @Test(arguments: requires.indices) func nodeModulesAreFollowed(index: Int) throws {
        let (text, errors) = Self.requires[index]
        try check(
            Case(
                name: text, files: ["/app/main.js": .text(text + "\n")], start: ["node", "/app/main.js"], errors: errors
            ), on: Self.node)
    }

    static let archives: [(members: [(String, [UInt8])], errors: [String])] = [
        ([("META-INF/MANIFEST.MF", Array("Main-Class: a.Main\n".utf8)), ("a/Main.class", javaClass("a/Main"))], []),
        ([("META-INF/MANIFEST.MF", Array("Main-Class: a.Main\n".utf8))], ["MissingModule"]),
        ([("a/Main.class", javaClass("a/Main"))], ["NoMain"]),
        (
            [
                ("META-INF/MANIFEST.MF", Array("Main-Class: a.Main\n".utf8)),
                ("a/Main.class", javaClass("a/Main", parent: "b/Gone")),
            ], ["MissingModule"]
        ),
        (
            [
                ("META-INF/MANIFEST.MF", Array("Main-Class: a.Main\n".utf8)),
                ("a/Main.class", javaClass("a/Main", release: 21)),
            ], ["OldJava"]
        ),
        (
            [
                ("META-INF/MANIFEST.MF", Array("Main-Class: a.\n Main\n".utf8)),
                ("a/Main.class", javaClass("a/Main", parent: "java/lang/Thread")),
            ], []
        ),
    ]

    @Test(arguments: archives.indices) func javaArchivesAreFollowed(index: Int) throws {
        let (members, errors) = Self.archives[index]
        let files: [String: MemoryLayer.Item] = [
            "/jvm/bin/java": Self.program, "/jvm/release": .text("JAVA_VERSION=\"17.0.1\"\n"),
            "/a.jar": .file(zip(members)),
        ]
        try check(Case(name: "\(index)", start: ["/jvm/bin/java", "-jar", "/a.jar"], errors: errors), on: files)
    }

    @Test(arguments: [
        ("perl", "a.pl", "use Gone::One;\n", ["MissingModule"]), ("perl", "a.pl", "eval { require Gone::One };\n", []),
        ("ruby", "a.rb", "require_relative 'gone'\n", ["MissingModule"]),
        ("ruby", "a.rb", "begin\n  require 'gone'\nrescue LoadError\nend\n", []),
        ("php", "a.php", "<?php\nrequire __DIR__ . '/gone.php';\n", ["MissingModule"]),
        ("php", "a.php", "<?php\ninclude 'gone.php';\n", []),
        ("lua5.4", "a.lua", "local x = require(\"gone\")\n", ["MissingModule"]),
        ("lua5.4", "a.lua", "pcall(require, \"gone\")\n", []),
    ]) func otherLanguagesAreFollowed(program: String, script: String, text: String, errors: [String]) throws {
        let files: [String: MemoryLayer.Item] = [
            "/usr/bin/\(program)": Self.program, "/app/\(script)": .text(text), "/usr/lib/ruby/3.1.0/set.rb": .text(""),
            "/etc/perl/X.pm": .text(""),
        ]
        try check(Case(name: text, start: [program, "/app/\(script)"], errors: errors), on: files)
    }

    /// A program that starts and is called ill.
    @Test func healthChecksAreWarnings() throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = ["/srv/app"]
        config.container.healthcheck = .init(test: ["CMD-SHELL", "curl -f http://localhost/ || exit 1"])
        let report = try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(Self.shell)]))
        #expect(report.findings.map(\.name) == ["MissingProgram"] && !report.cannotStart, "\(report.findings)")
    }

    /// No text of a script, however odd, ends the process or takes long.
    @Test(arguments: [
        "\"", "${", "$((", "case x in", "if", "((", "<<", "a=(", "${a[", "`", "$(", "{", "for", "\\", "[[", "&&",
        "function", "''", "$'", "x() ",
    ])
    func oddTextsAreOnlyOdd(text: String) throws {
        for tail in ["", " ", "\n", "}", ")", "x"] {
            let entry = ["/bin/sh", "-c", String(repeating: text + tail, count: 60)]
            try check(
                Case(name: text, start: entry + ["x"]), on: Self.shell.merging(["/bin/sh": Self.program]) { $1 },
                ignoresErrors: true)
            for (program, option) in [("python3", "-c"), ("node", "-e")] {
                try check(
                    Case(name: text, start: [program, option, entry[2]]), on: Self.python.merging(Self.node) { $1 },
                    ignoresErrors: true)
            }
        }
    }

    private func check(_ item: Case, on base: [String: MemoryLayer.Item], ignoresErrors: Bool) throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = item.start
        _ = try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(base)]))
    }
}

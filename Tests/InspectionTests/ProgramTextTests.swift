import Inspection
import OCI
import Testing

/// What programs of several languages, their shells and wrappers come to by their own texts. `scripts/closure` starts such ones
/// for real.
@Suite struct ProgramTextTests {
    typealias Row = (start: [String], files: [String: MemoryLayer.Item], user: String, errors: [String])

    static let program = MemoryLayer.Item.program(staticProgram())
    static let python = "/usr/lib/python3.11/"
    static let base: [String: MemoryLayer.Item] = [
        "/bin/dash": program, "/bin/sh": .link("dash"), "/bin/bash": program, "/bin/su": program, "/bin/cat": program,
        "/bin/cp": program, "/bin/mkdir": program, "/bin/chown": program, "/bin/xargs": program,
        "/bin/uname": program, "/srv/closed": .file([], mode: 0o600), "/tmp/x": .text(""), "/bin/rm": program,
        "/bin/env": program, "/bin/node": program, "/bin/python3.11": program, "/bin/ruby": program,
        "/bin/perl": program, "/bin/php": program, "/bin/lua5.4": program,
        python + "os.py": .text(""), python + "encodings/__init__.py": .text(""),
        python + "encodings/utf_8.py": .text(""), python + "typing.py": .text("# override\nclass Any: pass\n"),
        python + "subprocess.py": .text("def check_output(x): pass\n"),
        python + "ssl.py": .text("def create_default_context(cafile=None): pass\n"),
        python + "importlib/metadata/__init__.py": .text("def version(name): pass\ndef entry_points(group): pass\n"),
        python + "pkgutil.py": .text("def iter_modules(path): pass\n"),
        python + "re.py": .text("def compile(text, flags=0):\n  if flags & 1:\n    print(text)\n"),
        python + "x-1.dist-info/entry_points.txt": .text("[g]\na = gone.x:y\n[h]\na = near:runs\n"),
        "/bin/find": program, "/bin/sort": program, "/bin/ls": program,
        "/srv/env": .text("A=1\nRUN=/srv/app\nGONE=gone\n"),
        "/srv/hooks/1": .program("#!/bin/sh\nset -e\ngone\n"),
        "/usr/lib/ruby/3.1.0/set.rb": .text(""), "/etc/perl/X.pm": .text(""),
        "/usr/share/rubygems-integration/all/specifications/rack-2.2.gemspec": .text(""), "/srv": .directory,
        "/srv/app": program, "/tmp": .directory,
        "/etc/passwd": .text("root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n"),
        "/etc/group": .text("root:x:0:\napp:x:1000:\n"),
    ]

    static func check(_ row: Row) throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        (config.container.entrypoint, config.container.user) = (row.start, row.user)
        (config.container.environment, config.container.workingDirectory) = (["PATH=/bin"], "/srv")
        let report = try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(base.merging(row.files) { $1 })]))
        #expect(
            report.findings.filter { $0.severity == .error }.map(\.name) == row.errors,
            "\(row.start) \(report.findings) \(report.unknown)")
    }

    // What goes deep, or grows.
    private static let doubled: String = "a=xxxxxxxx; " + String(repeating: "a=$a$a; ", count: 40) + "exec gone"
    private static let negated: String = "[ " + String(repeating: "! ", count: 20000) + "a ]; exec gone"
    private static let braced: String = "echo " + String(repeating: "${a:-", count: 40000)
    private static let functions: String = String(repeating: "f() ", count: 60000) + "{ a; }"
    private static let negations: String = "if " + String(repeating: "not ", count: 10000) + "True:\n  pass"
    private static let lookups: String =
        "a = {'x': 'x'}\ny = " + String(repeating: "a.get(", count: 30) + "'x'" + String(repeating: ")", count: 30)
    private static let templates: String =
        "x = f\"\"\"" + String(repeating: "{f'\\'}{f\"\\\"}", count: 15000) + "\"\"\""
    private static let beginnings: String =
        String(repeating: "BEGIN {", count: 9000) + "1;" + String(repeating: "}", count: 9000)

    /// The shell, its text, the user, and the errors.
    static let shells: [(shell: String, text: String, user: String, errors: [String])] = [
        ("bash", "n=$((1 + 2 * 3)); [ $n = 7 ] && exec /srv/app; exec gone", "", []),
        ("bash", "(( 3 > 2 )) && exec gone", "", ["MissingProgram"]),
        ("bash", "x=APP; exec /srv/${x,,}", "", []), ("bash", "x=a-b; exec /srv/${x//-/}", "", ["MissingProgram"]),
        ("bash", "A=gone; n=A; exec ${!n}", "", ["MissingProgram"]),
        ("bash", "set -- x gone; exec \"${@:2}\"", "", ["MissingProgram"]),
        ("bash", "declare -A m=([w]=/srv/app [j]=gone); exec \"${m[w]}\"", "", []),
        (
            "bash", "set -- -p 80 gone; while getopts p: o; do :; done; shift $((OPTIND - 1)); exec \"$@\"", "",
            ["MissingProgram"]
        ),
        ("bash", "while getopts abc o -abc; do set -- -x; getopts x p; done; exec /srv/app", "", []),
        ("bash", "a=(); a+=/srv/app; exec $a", "", []),
        ("bash", "i=9223372036854775807; ((i++)); exec /srv/app", "", []),
        ("bash", doubled, "", ["MissingProgram"]),
        ("bash", negated, "", ["MissingProgram"]),
        ("bash", braced, "", []),
        ("bash", functions, "", []),
        ("bash", "set -o pipefail -e; gone | cat; exec /srv/app", "", ["MissingProgram"]),
        ("sh", "exec gone | cat; exec /srv/app", "", []), ("bash", "time exec gone", "", ["MissingProgram"]),
        ("sh", "set -e\nsource /x\n", "", ["MissingProgram"]), ("sh", "a=(1 2)\nexec /srv/app", "", ["BashOnly"]),
        ("sh", "set -o pipefail\nexec /srv/app", "", ["BashOnly"]), ("sh", "x=abc; echo ${x:0:1}", "", ["BashOnly"]),
        ("sh", "if [[ a == a ]]; then echo; fi\nexec /srv/app", "", []),
        ("sh", "set -e; v=$(gone -r); exec /srv/app", "", ["MissingProgram"]),
        ("sh", "set -e; export V=$(gone -r); exec /srv/app", "", []),
        ("sh", "set -e; cp /etc/none /tmp/x; exec /srv/app", "", ["MissingFile"]),
        ("sh", "cp /etc/none /tmp/x; exec /srv/app", "", []), ("sh", "set -e; chown ghost /srv", "", ["UnknownUser"]),
        ("sh", "set -e; echo x > /srv/y; exec /srv/app", "app", ["NotPermitted"]),
        ("sh", "set -e; echo x > /srv/y; exec /srv/app", "", []),
        ("sh", "echo READY; set -e; mkdir /srv/y", "app", []),
        ("sh", "case $(uname -m) in x86_64) exec gone ;; esac", "", ["MissingProgram"]),
        ("sh", "case $(uname -m) in aarch64) exec gone ;; esac; exec /srv/app", "", []),
        ("sh", "set -e; cat /srv/closed; exec /srv/app", "app", ["NotPermitted"]),
        ("sh", "set -e; cat /srv/closed; exec /srv/app", "", []),
        ("sh", "set -e; rm /tmp/x; exec /srv/app", "", []),
        ("sh", "set -e; mkdir -p /srv; exec /srv/app", "app", []),
        ("sh", "echo gone | xargs gone", "", ["MissingProgram"]),
        ("sh", "exec su app -c 'exec gone'", "", ["MissingProgram"]),
        ("sh", "exec su ghost -c true", "", ["UnknownUser"]),
        ("sh", "exec ${X:+$@}\n((", "", []),
        ("bash", "trap 'exit 0' ERR; false; exec gone", "", []),
        ("bash", "trap 'exit 0' EXIT; exec gone", "", []),
        ("bash", "trap 'echo x' EXIT; exec gone", "", ["MissingProgram"]),
        ("bash", "set -e; trap 'echo x' ERR; cp /etc/none /tmp/x; exec /srv/app", "", ["MissingFile"]),
        ("sh", "set -e; trap 'echo x' ERR; exec /srv/app", "", ["BashOnly"]),
        ("bash", "while IFS== read -r k v; do export \"$k=$v\"; done < /srv/env; exec \"$RUN\"", "", []),
        ("bash", "while IFS== read -r k v; do export \"$k=$v\"; done < /srv/env; exec $GONE", "", ["MissingProgram"]),
        ("sh", "while read -r x; do RUN=$x; done < /dev/stdin; exec \"$RUN\"", "", []),
        ("sh", "until cat /dev/x; do RUN=/srv/app; done; exec $RUN", "", []),
        ("bash", "declare -A m=([w]=/srv/app [j]=gone); R=j; exec ${m[${R:-w}]}", "", ["MissingProgram"]),
        ("bash", "declare -A m=([w]=/srv/app [j]=gone); exec ${m[${R:-w}]}", "", []),
        ("bash", "IFS=$'\\n'; X=gone; exec $X", "", ["MissingProgram"]),
        ("bash", "read -r -a w <<< 'gone -x'; exec \"${w[@]}\"", "", ["MissingProgram"]),
        ("sh", "set -e; python3.11 - <<E\nimport gone\nE\nexec /srv/app", "", ["MissingModule"]),
        ("sh", "python3.11 - <<E\nimport gone\nE\nexec /srv/app", "", []),
        ("sh", "set -e; A=gone; sh -s x <<E\nexec $A \"\\$1\"\nE\n", "", ["MissingProgram"]),
        ("sh", "set -e; cat <<'E'\nexec gone\nE\nexec /srv/app", "", []),
        (
            "sh", "set -e; find /srv/hooks -type f -print | sort | while read -r f; do \"$f\"; done; exec /srv/app", "",
            ["MissingProgram"]
        ),
        ("sh", "set -e; find /srv/hooks -name '*.sh' | while read -r f; do \"$f\"; done; exec /srv/app", "", []),
        ("sh", "set -a; X=1; set +a; exec python3.11 -c \"import os; os.environ['X']\"", "", []),
        ("sh", "X=1; exec python3.11 -c \"import os; os.environ['X']\"", "", ["MissingVariable"]),
        ("sh", "set -e; if ls /etc/none/*.crt >/dev/null; then gone; fi; exec /srv/app", "", []),
        ("sh", "set -e; if ls /srv/hooks/* >/dev/null; then gone; fi; exec /srv/app", "", ["MissingProgram"]),
        ("sh", "if [ -z \"$KEY\" ]; then exit 1; fi; exec /srv/app", "", ["MissingVariable"]),
        ("sh", "[ -f /etc/none ] || { echo no >&2; exit 1; }; exec /srv/app", "", ["MissingFile"]),
        ("sh", "if [ ! -d /srv/none ]; then exit 1; fi; exec /srv/app", "", ["MissingFile"]),
        ("sh", "F=$(ls /srv/hooks/* | head -n 1); exec $F", "", ["MissingProgram"]),
        ("sh", "F=$(ls /srv/*.none | head -1); [ -n \"$F\" ] || exit 3; exec /srv/app", "", ["FailedScript"]),
        ("sh", "if [ $# = 0 ]; then exit 1; fi; exec /srv/app", "", ["FailedScript"]),
        ("sh", "export $(cat /x | xargs); exec python3.11 -c \"import os; os.environ['X']\"", "", []),
    ]

    @Test(arguments: shells.indices) func shellsAreFollowed(index: Int) throws {
        let row = Self.shells[index]
        try Self.check((["/bin/\(row.shell)", "-c", row.text], [:], row.user, row.errors))
    }

    static let pythons: [(text: String, errors: [String])] = [
        ("from typing import override", ["MissingName"]), ("from typing import Any", []),
        ("class A:\n  def run(self):\n    import gone\na = A()\na.run()", ["MissingModule"]),
        ("class A:\n  def __init__(self):\n    self.go()\n  def go(self):\n    import gone\nA()", ["MissingModule"]),
        ("class A:\n  def run(self):\n    import gone\na = A()", []),
        ("from importlib.metadata import version\nv = version('gone')", ["MissingModule"]),
        ("from importlib.metadata import version\ntry:\n  v = version('gone')\nexcept Exception:\n  v = 1", []),
        ("import os\nk = os.environ['KEY']", ["MissingVariable"]),
        ("import os\ntry:\n  k = os.environ['KEY']\nexcept KeyError:\n  k = 1", []),
        ("import os\nos.environ['KEY'] = 'x'\nk = os.environ['KEY']", []),
        ("c = open('/srv/none.json')", ["MissingFile"]), ("c = open('/srv/new', 'w')\nd = open('/srv/new')", []),
        ("from pathlib import Path\nt = (Path(__file__).parent / 'none.sql').read_text()", ["MissingFile"]),
        ("import subprocess\nsubprocess.check_output(['gone', '-v'])", ["MissingProgram"]),
        ("import ssl\nssl.create_default_context(cafile='/srv/none.crt')", ["MissingFile"]),
        (negations, []),
        (lookups, []),
        (templates, []),
        ("print 'x'", ["BadSyntax"]), ("x = (1,", ["BadSyntax"]), ("type X = str", ["BadSyntax"]),
        ("print('x')\ntype(1)\nx = (1,\n2)", []),
        (
            "import os\ndef env(n):\n  v = os.environ.get(n)\n  if v is None:\n    raise ValueError(n)\nenv('KEY')",
            ["MissingVariable"]
        ),
        ("import os\ndef env(n):\n  v = os.environ.get(n)\n  if v is None:\n    raise ValueError(n)\nenv('PATH')", []),
        (
            "import os\ndef env(n, d=None):\n  v = os.environ.get(n)\n  v = v or d\n  if v is None:\n    raise ValueError(n)\nenv('KEY', 1)",
            []
        ),
        ("import importlib\ndef load(n):\n  importlib.import_module(n)\nload('gone')", ["MissingModule"]),
        ("import importlib\ndef load(n):\n  n = n.title()\n  importlib.import_module(n)\nload('gone')", []),
        (
            "class C:\n  def __enter__(self):\n    import gone\n  def __exit__(self, *a):\n    pass\nwith C():\n  pass",
            ["MissingModule"]
        ),
        ("from subprocess import check_output as run\nrun(['gone'])", ["MissingProgram"]),
        ("import subprocess\nprint(f\"{subprocess.check_output(['gone'])}\")", ["MissingProgram"]),
        ("import importlib\nN = 'gone'\nimportlib.import_module(f'{N}.x')", ["MissingModule"]),
        ("import importlib\nN = 'near'\nimportlib.import_module(f'{N}')\nx = f'{N!r:>{5}} {{gone}}'", []),
        ("import importlib\nT = {'a': 'gone'}\nimportlib.import_module(T['a'])", ["MissingModule"]),
        ("import importlib\nT = {'a': 'near', 'b': 'gone'}\nimportlib.import_module(T['a'])", []),
        ("import importlib\nx = [importlib.import_module(n) for n in ('near', 'gone')]", ["MissingModule"]),
        ("import importlib\nx = [importlib.import_module(n) for n in ('near', 'gone') if n in y]", []),
        ("import importlib\ndef f(n):\n  return importlib.import_module('a' + n)\nN = 'gone'\nf(N)", ["MissingModule"]),
        ("from pathlib import Path\nwith (Path.cwd() / 'none').open() as f:\n  pass", ["MissingFile"]),
        ("from pathlib import Path\nwith Path('/srv/new').open('w') as f:\n  pass", []),
        ("class S:\n  path = '/srv/none'\n  def load(self):\n    open(self.path)\nS().load()", ["MissingFile"]),
        (
            "class S:\n  def __init__(self, p):\n    self.p = p\n  def load(self):\n    open(self.p)\ns = S('/srv/none')\ns.load()",
            ["MissingFile"]
        ),
        ("import os\nopen(os.environ.get('C', '/srv/none'))", ["MissingFile"]),
        ("import os\nopen(os.getenv('C') or '/srv/none')", ["MissingFile"]),
        ("from pathlib import Path\nx = (Path(__file__).resolve().parents[1] / 'none').read_text()", ["MissingFile"]),
        ("P = '/srv'\nP += '/x'\nopen(P + '/none')", []), ("P, Q = input()\nopen(P + '/none')", []),
        ("def f(p):\n  open(p)\np = '/srv/none'\nf(input())", []),
        ("import re\nre.compile('x')\nopen('/srv/none')", ["MissingFile"]),
        (
            "from importlib.metadata import entry_points\nfor e in entry_points(group='g'):\n  e.load()",
            ["MissingModule"]
        ),
        ("from importlib.metadata import entry_points\nfor e in entry_points(group='h'):\n  e.load()", []),
        (
            "import pkgutil, importlib, plug\nfor m in pkgutil.iter_modules(plug.__path__):\n  importlib.import_module('plug.' + m.name)",
            ["MissingModule"]
        ),
        (
            "import sys\ndef main():\n  try:\n    import gone\n  except ImportError:\n    return 1\nsys.exit(main())",
            ["MissingModule"]
        ),
        ("def main():\n  try:\n    import gone\n  except ImportError:\n    return 1\nmain()", []),
        ("import near\nnear.run()", ["MissingName"]), ("from near import run", ["MissingName"]),
        ("import near\nnear.runs()", []), ("import near\nnear = near.runs()\nnear.none()", []),
        ("import importlib\nx = importlib.import_module('gone') if y else None", []),
        ("import importlib\nx = 1 if True else importlib.import_module('gone')", []),
        ("import importlib\nx = (None if False else importlib.import_module('gone'))", ["MissingModule"]),
        ("import os\nx = os.environ['KEY'] if 'KEY' in os.environ else ''", []),
        (
            "import sys\ndef main():\n  try:\n    import gone\n  except ImportError:\n    return 1\ncode = main()\nif code:\n  sys.exit(code)",
            ["MissingModule"]
        ),
        ("def main():\n  try:\n    import gone\n  except ImportError:\n    return 1\ncode = main()", []),
        ("run()", ["MissingName"]), ("run()\ndef run(): pass", []), ("if x:\n  run()", []), ("print(len(''))", []),
        ("try:\n  run()\nexcept NameError:\n  pass", []), ("from near import *\nrun()", ["MissingName"]),
        ("from near import *\nruns()", []), ("from star import *\nruns()", []),
        ("from plug import *\nrun()", ["MissingName"]),
        ("from other import *\nrun()", ["MissingModule"]), ("exec('def run(): pass')\nrun()", []),
        ("from listed import *", ["MissingName"]), ("run = print\nrun()", []), ("for run in []:\n  run()", []),
        ("class A:\n  X = 1\nx = A.Y", ["MissingName"]), ("class A:\n  X = 1\nx = A.X", []),
        ("class A(B):\n  X = 1\nx = A.Y", []), ("@b\nclass A:\n  X = 1\nx = A.Y", []),
        ("class A:\n  X = 1\nA.Y = 2", []), ("class A:\n  def f(self): pass\na = A()\na.g()", ["MissingName"]),
        ("import sys\nif len(sys.argv) < 2:\n  print('usage', file=sys.stderr)\n  sys.exit(2)", ["FailedScript"]),
        ("import sys\nif len(sys.argv) > 2:\n  sys.exit(2)", []),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('name')\na = p.parse_args()",
            ["FailedScript"]
        ),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--name', required=True)\na = p.parse_args()",
            ["FailedScript"]
        ),
        ("import argparse\np = argparse.ArgumentParser()\np.add_argument('name', nargs='?')\na = p.parse_args()", []),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('-c', '--conf', default='/srv/none')\na = p.parse_args()\nopen(a.conf)",
            ["MissingFile"]
        ),
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--conf')\na = p.parse_args()\nif a.conf:\n  open(a.conf)",
            []
        ),
        (
            "import argparse\ndef main(argv=None):\n  p = argparse.ArgumentParser()\n  s = p.add_subparsers(required=True)\n  a = p.parse_args(argv)\nmain()",
            ["FailedScript"]
        ),
        ("import argparse\np = argparse.ArgumentParser()\np.add_argument('name')\na = p.parse_args(['x'])", []),
        ("import os\nfor k in x:\n  os.environ[k] = '1'\ny = os.environ['KEY']", []),
        ("if x:\n  def f(): pass\nelse:\n  def f(): import gone\nf()", []),
        ("import os\nif 'KEY' not in os.environ:\n  import gone", ["MissingModule"]),
        ("import os\nif 'PATH' not in os.environ:\n  import gone", []),
        ("import os\nos.environ.update(x)\ny = os.environ['KEY']", []),
        ("import importlib\nm = importlib.import_module('near')\nm.run()", ["MissingName"]),
        ("import importlib\nm = importlib.import_module('near')\nm.runs()", []),
        (
            "import os\nfield = dict\nclass S:\n  k: str = field(default_factory=lambda: os.environ['KEY'])\nS()",
            ["MissingVariable"]
        ),
        ("import os\nfield = dict\nclass S:\n  k: str = field(default_factory=lambda: os.environ['KEY'])\nS(k=1)", []),
    ]

    /// A program in an archive, what else that has, and the errors.
    static let archives: [(main: String, members: [String: String], errors: [String])] = [
        ("import tool.run", ["tool/__init__.py": "", "tool/run.py": "import gone"], ["MissingModule"]),
        ("import tool.run", ["tool/__init__.py": "", "tool/run.py": ""], []), ("import tool", [:], ["MissingModule"]),
        ("import space.run", ["space/run.py": ""], []), ("import tool", ["PEX-INFO": ""], []),
        ("from tool import none", ["tool.py": ""], []),
    ]

    @Test(arguments: archives.indices) func archivesAreFollowed(index: Int) throws {
        let row = Self.archives[index]
        let members = row.members.merging(["__main__.py": row.main]) { $1 }
        let files = ["/srv/tool.pyz": MemoryLayer.Item.file(zip(members.map { ($0.key, Array($0.value.utf8)) }))]
        try Self.check((["/bin/python3.11", "tool.pyz"], files, "", row.errors))
    }

    @Test(arguments: pythons.indices) func pythonIsFollowed(index: Int) throws {
        let (text, errors) = Self.pythons[index]
        let files = [
            "/srv/main.py": MemoryLayer.Item.text(text + "\n"), Self.python + "pathlib.py": .text("class Path: pass\n"),
            "/srv/near.py": .text("def runs(): pass\n"), "/srv/plug/__init__.py": .text(""),
            "/srv/plug/one.py": .text("import gone\n"), "/srv/star.py": .text("from near import *\n"),
            "/srv/listed.py": .text("from near import *\n__all__ = ['run']\n"),
            Self.python + "argparse.py": .text("class ArgumentParser: pass\n"),
        ]
        try Self.check((["/bin/python3.11", "/srv/main.py"], files, "", errors))
    }

    static let nodes: [(text: String, errors: [String])] = [
        ("class A { constructor() { require('gone') } }\nnew A()", ["MissingModule"]),
        ("class A { run() { require('gone') } }\nconst a = new A()\na.run()", ["MissingModule"]),
        ("class A { run() { require('gone') } }\nnew A()", []),
        ("class A { static x = require('gone') }", ["MissingModule"]),
        ("require('./other').run()", ["MissingModule"]), ("const o = require('./other')\no.run()", ["MissingModule"]),
        ("const { run } = require('./other')\nrun()", ["MissingModule"]),
        ("const o = require('./other')\no.none()", ["MissingName"]),
        ("function f(x) { if (x) return; require('gone') }\nf(1)", []),
        ("require('fs').readFileSync('./none')", ["MissingFile"]),
        ("try { require('fs').readFileSync('./none') } catch { }", []),
        ("if (!process.env.KEY) { process.exit(1) }", ["MissingVariable"]),
        ("if (!process.env.KEY) { process.exit(0) }", []), ("require('./d.json')", ["DamagedFile"]),
        ("require('./' + process.platform + '-' + process.arch)", ["MissingModule"]),
        ("require('node:gone')", ["MissingModule"]),
        ("require(`./${process.env.MODE || 'other'}`)", []),
        ("class A { x = require('gone') }\nnew A()", ["MissingModule"]), ("class A { x = require('gone') }", []),
        ("class B { x = require('gone') }\nclass A extends B {}\nnew A()", ["MissingModule"]),
        ("['other', 'none'].forEach(n => require('./' + n))", ["MissingModule"]),
        ("module.exports = ['other'].map((n) => { return require('./' + n) })", []),
        ("const l = ['none']\nfor (const n of l) { require('./' + n) }", ["MissingModule"]),
        ("const t = { a: './none' }\nrequire(t[process.env.X || 'a'])", ["MissingModule"]),
        ("const t = { a: './other' }\nfor (const n of Object.values(t)) require(n)", []),
        (
            "const fs = require('fs')\nfs.readdirSync('routes').filter(f => f.endsWith('.js')).forEach(f => require('./routes/' + f))",
            ["MissingModule"]
        ),
        ("require('fs').readdirSync('routes').filter(f => x(f)).forEach(f => require('./routes/' + f))", []),
        ("async function main() { require('gone') }\nmain()\nconsole.log('x')", []),
        ("async function main() { require('gone') }\nmain().catch(e => { process.exit(1) })", ["MissingModule"]),
        ("console.log('x')\nconst main = async () => { require('gone') }\nmain()", ["MissingModule"]),
        ("(async () => { await import('gone') })()\nconsole.log('x')", []),
        ("class A { async run() { require('gone') } }\nnew A().run()\nconsole.log('x')", []),
        ("const n = require('./names')\nn.none()", ["MissingName"]), ("const n = require('./names')\nn.some()", []),
        ("const { Base } = require('./names')\nclass A extends Base {}", ["MissingName"]),
        ("const { spawn } = require('child_process')\nspawn('gone')", ["MissingProgram"]),
        ("const { spawn } = require('child_process')\nspawn('gone').on('error', () => {})", []),
        ("require(require('path').resolve('none.js'))", ["MissingModule"]),
        ("function must(n) { const v = process.env[n]\nif (!v) throw new Error(n) }\nmust('KEY')", ["MissingVariable"]),
        ("function must(n) { const v = process.env[n]\nif (!v) throw new Error(n) }\nmust('PATH')", []),
        ("const load = (n = './none') => require(n)\nload()", ["MissingModule"]),
        ("const load = n => require(n)\nload('./names')", []),
        ("const load = (n) => require(n)\nconst n = './none'\nload(Date.now())", []),
        (
            "const l = ['KEY', 'PATH']\nconst m = l.filter(n => !process.env[n])\nif (m.length) { process.exit(1) }",
            ["MissingVariable"]
        ),
        ("const m = ['PATH'].filter(n => !process.env[n])\nif (m.length > 0) { process.exit(1) }", []),
        ("const n_1 = require('./names');\n(0, n_1.none)()", ["MissingName"]),
        ("const n_1 = require('./names');\n(0, n_1.some)()", []),
        ("const { none } = require('./whole')\nnone()", ["MissingName"]),
        ("const w = require('./whole')\nw.a()\nw.b()", []),
        ("const w = require('./open')\nw.none()", []),
        ("const n = process.argv[2] || 'none'\nrequire('./' + n)", []),
        ("for (const [k, v] of x) process.env[k] = v\nif (!process.env.KEY) { process.exit(1) }", []),
        ("process.env.KEY = y\nif (!process.env.KEY) { process.exit(1) }", []),
        ("Object.assign(process.env, y)\nif (!process.env.KEY) { process.exit(1) }", []),
        ("const assert = require('assert')\nassert(process.env.KEY, 'x')", ["MissingVariable"]),
        ("const assert = require('assert')\nassert(process.env.PATH, 'x')", []), ("switch ('a') { case 'a' }", []),
    ]

    @Test(arguments: nodes.indices) func nodeIsFollowed(index: Int) throws {
        let (text, errors) = Self.nodes[index]
        let files: [String: MemoryLayer.Item] = [
            "/srv/main.js": .text(text + "\n"), "/srv/other.js": .text("exports.run = () => { require('gone') }\n"),
            "/srv/d.json": .text("{ x"), "/srv/routes/a.js": .text("require('gone')\n"),
            "/srv/names.js": .text("exports.some = () => 1\n"),
            "/srv/whole.js": .text("const x = require('./names')\nmodule.exports = { a, async b() { new x() } }\n"),
            "/srv/open.js": .text("module.exports = { a }\nObject.assign(module.exports, require('./names'))\n"),
        ]
        try Self.check((["/bin/node", "main.js"], files, "", errors))
    }

    static let modules: [(text: String, errors: [String])] = [
        ("export {}\nconst d = __dirname", ["MissingName"]),
        ("export {}\nconst __dirname = 'x'\nconst d = __dirname", []),
        ("import d from './e.js'", ["MissingName"]), ("import { x } from './e.js'", []),
        ("import d from './d.json'", ["MissingName"]), ("import d from './d.json' with { type: 'json' }", []),
        ("module.exports = {}", ["MissingName"]),
        ("import { y } from './i.js'", ["MissingName"]), ("import { x } from './i.js'", []),
        ("import { xy } from './c.cjs'", []), ("import { x } from './c.cjs'", ["MissingName"]),
        ("import { readFile } from 'fs/promises'\nawait readFile('./none')", ["MissingFile"]),
        ("import { readFile } from 'fs/promises'\nreadFile('./none').catch(() => {})", []),
        ("import { run } from './f.js'\nrun('./none')", ["MissingFile"]),
        ("import * as f from './f.js'\nf.run('./none')", ["MissingFile"]),
        ("import { run } from './f.js'\nrun('./e.js')", []), ("import '#a'", []), ("import 'own'", []),
    ]

    @Test(arguments: modules.indices) func nodeModulesAreOfTheirKind(index: Int) throws {
        let (text, errors) = Self.modules[index]
        let files: [String: MemoryLayer.Item] = [
            "/srv/package.json": .text(
                "{\"type\": \"module\", \"name\": \"own\", \"exports\": \"own\", \"imports\": {\"#a\": \"#a\"}}"),
            "/srv/main.js": .text(text + "\n"),
            "/srv/e.js": .text("export const x = 1\n"), "/srv/i.js": .text("export * from './e.js'\n"),
            "/srv/c.cjs": .text("exports.xy = 1\n"),
            "/srv/f.js": .text("import fs from 'fs'\nexport function run(p) { fs.readFileSync(p) }\n"),
            "/srv/d.json": .text("{}"),
        ]
        try Self.check((["/bin/node", "main.js"], files, "", errors))
    }

    static let others: [(start: [String], text: String, errors: [String])] = [
        (["ruby", "a"], "class A\n  require 'gone'\nend\n", ["MissingModule"]),
        (["ruby", "a"], "def f\n  require 'gone'\nend\n", []),
        (["ruby", "a"], "begin\n  require 'gone'\nrescue StandardError\nend\n", ["MissingModule"]),
        (["ruby", "a"], "begin\n  require 'gone'\nrescue LoadError\nend\n", []),
        (["ruby", "a"], "if __FILE__ == $0\n  require 'gone'\nend\n", ["MissingModule"]),
        (["ruby", "a"], "ENV.fetch('KEY')\n", ["MissingVariable"]), (["ruby", "a"], "ENV.fetch('KEY', 1)\n", []),
        (["ruby", "a"], "load Gem.activate_bin_path('gone', 'x', '>= 0')\n", ["MissingModule"]),
        (["ruby", "a"], "gem 'rack'\n", []),
        (["ruby", "a"], "X = File.read(ENV.fetch('CONF', '/etc/none'))\n", ["MissingFile"]),
        (["ruby", "a"], "X = File.read(ENV.fetch('CONF', '/etc/passwd'))\n", []),
        (["ruby", "a"], "%w[KEY].each do |n|\n  abort('x') unless ENV.key?(n)\nend\n", ["MissingVariable"]),
        (["ruby", "a"], "%w[PATH].each do |n|\n  abort('x') unless ENV.key?(n)\nend\n", []),
        (["ruby", "a"], "require 'dotenv'\nENV.fetch('KEY')\n", ["MissingModule"]),
        (["perl", "a"], "open(F, '/x') or die 'no < here';\n", []),
        (["perl", "a"], beginnings, []),
        (["perl", "a"], "$ENV{$_} = 1 for @x;\n$ENV{KEY} || die 'x';\n", []),
        (["perl", "a"], "my $m = $ENV{DRIVER} || 'Gone';\neval \"require $m; 1\" or die $@;\n", ["MissingModule"]),
        (["perl", "a"], "my $m = $ENV{DRIVER} || 'X';\neval \"require $m; 1\" or die $@;\n", []),
        (["perl", "a"], "my $m = 'Gone';\n$m = f();\neval \"require $m; 1\" or die $@;\n", []),
        (
            ["perl", "a"], "sub run { my $s = shift; $s->load }\nsub load { require Gone::B }\nApp->new->run;\n",
            ["MissingModule"]
        ),
        (["perl", "a"], "use lib '/opt/b';\nuse Zero;\n", ["FailedScript"]),
        (["perl", "a"], "use lib '/opt/b';\nuse Own;\nmy $o = Own->new(1);\n$o->none;\n", ["MissingName"]),
        (["perl", "a"], "use lib '/opt/b';\nuse Own;\nmy $o = Own->new(1);\n$o->runs(2);\n", []),
        (["perl", "a"], "use strict; use Gone::One;\n", ["MissingModule"]),
        (["perl", "a"], "use lib qw(/opt/a /opt/b);\nuse Near;\n", []),
        (["perl", "a"], "eval q{\n    use Nowhere::At;\n};\nprint 1;\n", []),
        (["perl", "a"], "unshift(@INC, $folder);\nrequire 'subs.pl';\n", []),
        (["perl", "a"], "if ($ARGV[0]) {\n    exit 0;\n}\nexit 1;\n", []),
        (["sh", "-", "a"], "exit 0\n", []),
        (["perl", "a"], "open(my $f, '<', '/etc/none') or die 'x';\n", ["MissingFile"]),
        (["php", "a"], "<?php\ndefine('ROOT', __DIR__);\nrequire ROOT . '/gone.php';\n", ["MissingModule"]),
        (["php", "a"], "<?php\n$f = __DIR__ . '/a';\nrequire $f;\n", []),
        (["php", "-S", "127.0.0.1:80", "-t", "/gone"], "", ["MissingFile"]),
        (["lua5.4", "a"], "local f = assert(io.open(\"/etc/none\"))\n", ["MissingFile"]),
    ]

    @Test(arguments: others.indices) func otherLanguagesAreFollowed(index: Int) throws {
        let (start, text, errors) = Self.others[index]
        let files: [String: MemoryLayer.Item] = [
            "/srv/a": .text(text), "/opt/b/Near.pm": .text("1;\n"), "/opt/b/Zero.pm": .text("package Zero;\n0;\n"),
            "/opt/b/Own.pm": .text("package Own;\nsub new { bless {}, shift }\nsub runs { 1 }\n1;\n"),
        ]
        try Self.check((start, files, "", errors))
    }
}

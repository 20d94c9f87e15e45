import Testing

/// Programs that make names, modules and files themselves, or give those of their language another meaning.
@Suite struct OwnNameTests {
    typealias Row = (start: [String], text: String, errors: [String])

    private static let python = ["python3.11", "a"]
    static let pythons: [Row] = [
        (python, "import sys\nsys.modules['gone'] = object()\nimport gone\nfrom gone import x\n", []),
        (python, "import sys\nsys.modules.setdefault('gone', object())\nimport gone\n", []),
        (python, "import sys\nsys.modules.update(x)\nimport gone\n", []),
        (python, "import sys\nfor n in names():\n  sys.modules[n] = object()\nimport gone\n", []),
        (python, "import sys\nsys.modules['other'] = object()\nimport gone\n", ["MissingModule"]),
        (
            python, "import os\nfor l in lines():\n  k, v = l\n  os.environ.setdefault(k, v)\nx = os.environ['KEY']\n",
            []
        ),
        (python, "import os\nos.environ.setdefault('A', 'b')\nx = os.environ['KEY']\n", ["MissingVariable"]),
        (python, "import os\nos.environ |= read()\nx = os.environ['KEY']\n", []),
        (python, "import os\nenv = os.environ\nenv.update(read())\nx = os.environ['KEY']\n", []),
        (python, "def open(name):\n  pass\nopen('/etc/gone')\n", []),
        (python, "open = print\nopen('/etc/gone')\n", []),
        (python, "from near import open\nopen('/etc/gone')\n", []),
        (python, "def f(open):\n  open('/etc/gone')\nf(print)\n", []),
        (python, "open('/etc/gone')\n", ["MissingFile"]),
        (
            python,
            "class Path:\n  def __init__(self, x): pass\n  def read_text(self): pass\nPath('/etc/gone').read_text()\n",
            []
        ),
        (python, "from pathlib import Path\nPath('/etc/gone').read_text()\n", ["MissingFile"]),
        (python, "def exit(x):\n  pass\nexit(1)\nimport gone\n", ["MissingModule"]),
        (python, "import sys\nsys.path += ['/srv/l', '/srv/m']\nimport apart.one, apart.two\n", []),
        (python, "import sys\nsys.path[:0] = ['/srv/l']\nimport apart.one, apart.two\n", ["MissingModule"]),
        (python, "import sys\nsys.path = read() + sys.path\nimport gone\n", []),
        (python, "from contextlib import suppress\nwith suppress(FileNotFoundError):\n  open('/etc/gone')\n", []),
        (python, "def f():\n  open('/etc/gone')\n  yield 1\ng = f()\n", []),
        (python, "def f():\n  open('/etc/gone')\n  yield 1\ng = list(f())\n", ["MissingFile"]),
        (python, "async def f():\n  import gone\nc = f()\n", []),
        (python, "import x\nasync def f():\n  import gone\nx.run(f())\n", ["MissingModule"]),
        (
            python,
            "class O:\n  def __enter__(self): pass\n  def __exit__(self, t, v, b):\n    return True\nwith O():\n  import gone\n",
            []
        ),
        (
            python,
            "class O:\n  def __enter__(self): pass\n  def __exit__(self, t, v, b):\n    pass\nwith O():\n  import gone\n",
            ["MissingModule"]
        ),
        (python, "def m(*e):\n  try:\n    yield\n  except e:\n    pass\nwith m(ImportError):\n  import gone\n", []),
        (python, "def never(f):\n  return lambda: 1\n@never\ndef f():\n  import gone\nf()\n", []),
        (python, "def kept(f):\n  return f\n@kept\ndef f():\n  import gone\nf()\n", ["MissingModule"]),
        (python, "def f(mode='web'):\n  if mode == 'web':\n    return 1\n  import gone\nf()\n", []),
        (python, "def f(mode='web'):\n  if mode == 'job':\n    return 1\n  import gone\nf()\n", ["MissingModule"]),
        (python, "def f(mode='web'):\n  if mode == 'web':\n    return 1\n  import gone\nf('job')\n", ["MissingModule"]),
        (python, "import near\nnear.current = 1\nfrom near import current\n", []),
        (python, "import near\nfrom near import current\n", ["MissingName"]),
    ]

    private static let dash = ["sh", "a"]
    static let shells: [Row] = [
        (dash, "set -e\nalias gone=true\ngone\nexec /srv/app\n", []),
        (dash, "set -e\nalias other=true\ngone\n", ["MissingProgram"]),
        (
            ["bash", "a"],
            "n=0\ncase x in x) n=1 ;& y) n=2 ;; *) n=3 ;; esac\n[ $n = 2 ] && exec /srv/app\nexec gone\n", []
        ),
        (["bash", "a"], "n=0\ncase x in x) n=1 ;;& y) n=2 ;; x) exec /srv/app ;; esac\nexec gone\n", []),
        (["bash", "a"], "n=0\ncase x in x) n=1 ;; x) exec /srv/app ;; esac\nexec gone\n", ["MissingProgram"]),
        (dash, "cp -r /srv/l /srv/now\ncd /srv/now\nexec ./run\n", []),
        (dash, "cp -r /srv/l /srv/now\nexec /srv/now/bin/run\n", []),
        (dash, "cd \"$(grep x /tmp/x)\"\nexec ./run\n", []), (dash, "cd /srv\nexec ./run\n", ["MissingProgram"]),
    ]

    private static let perl = ["perl", "a"]
    private static let ruby = ["ruby", "a"]
    static let lines: [Row] = [
        (perl, "BEGIN { package Own::Tool; $INC{'Own/Tool.pm'} = 1; }\nuse Own::Tool;\n", []),
        (perl, "BEGIN { $INC{'Own/Other.pm'} = 1; }\nuse Own::Tool;\n", ["MissingModule"]),
        (perl, "BEGIN { $INC{$file} = 1; }\nuse Own::Tool;\n", []),
        (perl, "print <<A, <<'B';\nuse Gone::A;\nA\nuse Gone::B;\nB\nuse Gone::C;\n", ["MissingModule"]),
        (perl, "print <<A, <<'B';\nuse Gone::A;\nA\nuse Gone::B;\nB\n", []),
        (perl, "print <<~\"E\";\n  use Gone::A;\n  E\n", []), (perl, "my $t = q{\nuse Gone::A;\n};\n", []),
        (perl, "my $t = \"\nuse Gone::A;\n\";\n", []), (perl, "my $t = 1 << E;\nuse Gone::A;\n", ["MissingModule"]),
        (ruby, "puts <<~A, <<-'B'\n  x\nrequire 'gone_a'\nA\nrequire 'gone_b'\n  B\n", []),
        (ruby, "puts <<~A\n  x\nA\nrequire 'gone_a'\n", ["MissingModule"]),
        (ruby, "class << self\nend\nrequire 'gone_a'\n", ["MissingModule"]),
        (ruby, "t = %q(\nrequire 'gone_a'\n)\n", []),
        (ruby, "%w[gone_a set].each { |n| begin; require n; rescue LoadError; next; end }\n", []),
        (ruby, "%w[gone_a set].each { |n| require n }\n", ["MissingModule"]),
        (ruby, "x = begin ENV.fetch('KEY') rescue KeyError; 'x' end\n", []),
        (ruby, "begin\n  x = ENV.fetch('KEY')\nrescue KeyError\n  x = 1\nend\n", []),
        (ruby, "begin\n  require 'gone_a'\nrescue KeyError\n  x = 1\nend\n", ["MissingModule"]),
        (ruby, "begin\n  x = File.read('/etc/gone')\nrescue Errno::ENOENT\n  x = 1\nend\n", []),
        (ruby, "def has\n  require 'gone_a'\n  true\nrescue LoadError\n  false\nend\nhas\n", []),
        (ruby, "def has\n  require 'gone_a'\nend\nhas\n", ["MissingModule"]),
        (ruby, "$:.unshift('/srv/l') unless $:.include?('/srv/l')\nrequire 'inner'\n", []),
        (ruby, "$:.unshift('/srv/l') unless $:.include?('/srv/l')\nrequire 'gone_a'\n", ["MissingModule"]),
        (ruby, "if ENV['X']\n  $LOAD_PATH << '/srv/m'\nend\nrequire 'gone_a'\n", []),
        (ruby, "$:.unshift File.join(__dir__, 'l', 'deep')\nrequire 'deeper'\n", []),
        (ruby, "['l', 'm'].each { |d| $:.unshift(d) }\nrequire 'gone_a'\n", []),
        (ruby, "def load(name)\n  nil\nend\nload 'gone_a'\n", []),
        (ruby, "File.write('/srv/new', 'x')\nputs File.read('/srv/new')\n", []),
        (ruby, "puts File.read('/srv/new')\n", ["MissingFile"]),
        (ruby, "x = File.exist?('/srv/new') ? File.read('/srv/new') : ''\n", []),
        (ruby, "x = ENV.key?('KEY') ? ENV.fetch('KEY') : 80\n", []),
        (perl, "open(my $o, '>', '/srv/new') or die;\nopen(my $i, '<', '/srv/new') or die;\n", []),
        (perl, "$s =~ m{\nuse Gone::A;\n}x;\n", []),
        (ruby, "def require(name)\n  super\nrescue LoadError\n  nil\nend\nrequire 'gone_a'\n", []),
    ]

    private static let node = ["node", "a"]
    private static let lua = ["lua5.4", "a"]
    static let others: [Row] = [
        (node, "const M = require('module');\nM._load = function () { return {}; };\nrequire('gone');\n", []),
        (node, "const M = require('module');\nconst old = M._load;\nrequire('gone');\n", ["MissingModule"]),
        (node, "require('module').prototype.require = f;\nrequire('gone');\n", []),
        (node, "require('module')._resolveFilename = f;\nrequire('gone');\n", []),
        (node, "require.cache['gone'] = {};\nrequire('gone');\n", []),
        (node, "(function (require) { require('gone'); })(f);\n", []),
        (lua, "table.insert(package.searchers, 2, function(n) return f end)\nrequire('gone')\n", []),
        (lua, "package.searchers[2] = function(n) return f end\nrequire('gone')\n", []),
        (lua, "local n = #package.searchers\nrequire('gone')\n", ["MissingModule"]),
        (lua, "local e = {}\nlocal c = assert(loadfile('/srv/conf.lua', 't', e))\nc()\nprint(e.list[1])\n", []),
        (lua, "local e = {}\nprint(e.list[1])\n", ["FailedScript"]),
        (lua, "local h = io.open('/srv/new', 'w')\nh:write('x')\ndofile('/srv/new')\n", []),
        (lua, "dofile('/srv/new')\n", ["MissingFile"]),
    ]

    static let rows = pythons + shells + lines + others

    @Test(arguments: rows.indices) func ownNamesAreTheProgramsOwn(index: Int) throws {
        let (start, text, errors) = Self.rows[index]
        let files: [String: MemoryLayer.Item] = [
            "/srv/a": .text(text), "/srv/l/apart/one.py": .text(""), "/srv/m/apart/two.py": .text(""),
            "/srv/near.py": .text("def open(x): pass\n"),
            ProgramTextTests.python + "pathlib.py": .text("class Path: pass\n"),
            ProgramTextTests.python + "contextlib.py": .text("def suppress(*x): pass\n"), "/srv/l/inner.rb": .text(""),
            "/srv/l/deep/deeper.rb": .text(""), "/usr/lib/ruby/3.1.0/set.rb": .text(""),
            "/srv/conf.lua": .text("list = { 1 }\n"), "/etc/perl/strict.pm": .text("1;\n"),
        ]
        try ProgramTextTests.check((start, files, "", errors))
    }
}

import Inspection
import OCI
import Testing

/// What programs of PHP, Perl and Ruby come to by their texts, their files and their interpreters.
@Suite struct OtherLanguageTests {
    private static func program(_ names: String...) -> MemoryLayer.Item {
        .program(staticProgram() + names.flatMap { Array($0.utf8) + [0] })
    }

    private static let base: [String: MemoryLayer.Item] = [
        "/bin/php8.2": program(
            "strlen", "ArrayAccess", "is_file", "E_ALL", "PDO", "Exception", "RuntimeException", "var_dump", "fwrite",
            "array_map", "rand"),
        "/etc/php/8.2/cli/php.ini": .text(""), "/bin/lua5.4": program(),
        "/srv/near.rb": .text(""), "/srv/near.lua": .text("local M = {}\nfunction M.go() end\nreturn M\n"),
        "/bin/node": program(), "/bin/perl": program("BEGIN"), "/bin/ruby": program("BEGIN", "String", "system"),
        "/srv/near.php": .text("<?php\nfunction near() {}\nreturn ['a' => 1];\n"),
        "/srv/src/A/B.php": .text(
            "<?php\nnamespace A;\nclass B { function run() { new \\Gone(); } static function quiet() {} }\n"),
        "/srv/closed.php": .text("<?php if (true) {\n"),
        "/etc/perl/List.pm": .text("our @EXPORT_OK = qw(first);\n$VERSION = '1.5';\n1;\n"),
        "/usr/lib/ruby/3.1.0/set.rb": .text(""), "/etc/perl/Moo.pm": .text("1;\n"),
        "/srv/Gemfile": .text("ruby '3.3.0'\n"),
        "/usr/share/rubygems-integration/all/specifications/rack-2.2.gemspec": .text(""),
    ]

    private static func check(_ start: [String], _ text: String, _ environment: [String], _ errors: [String]) throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = start
        (config.container.environment, config.container.workingDirectory) = (["PATH=/bin"] + environment, "/srv")
        let files = base.merging(["/srv/a": .text(text)]) { $1 }
        let report = try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(files)]))
        #expect(
            report.findings.filter { $0.severity == .error }.map(\.name) == errors, "\(text) \(report.findings)")
    }

    static let loader =
        "spl_autoload_register(function ($c) { $f = __DIR__ . '/src/' . str_replace('\\\\', '/', $c) . '.php'; if (is_file($f)) require $f; });\n"

    /// As Composer writes it where no class has an entry of its own.
    static let composer = #"""
        namespace Composer\Autoload;
        class ClassLoader { function loadClass($name) {} }
        class ComposerStaticInit1 { public static $prefixDirsPsr4 = array('A\\' => array(0 => __DIR__ . '/src/A')); }
        spl_autoload_register(array(new ClassLoader, 'loadClass'), true, false);

        """#

    static let php: [(text: String, errors: [String])] = [
        (
            "trait T { function f() { return self::X . self::$y; } } class A { use T; const X = 1; static $y; } (new A)->f();",
            []
        ),
        (
            "abstract class P { function f() { return fn() => static::X; } } class A extends P { const X = 1; } ((new A)->f())();",
            []
        ),
        ("class A { const X = 1; } echo A::X; echo A::Y;", ["MissingName"]),
        (composer + "(new \\A\\B)->quiet();", []), (composer + "new \\A\\None();", ["MissingName"]),
        ("interface I { function a(); function b(); } class A implements I { function a() {} }", ["MissingName"]),
        ("interface I { function a(); } interface J extends I {} class A implements J {}", ["MissingName"]),
        ("interface I { function a(); } abstract class A implements I {} class B extends A { function A() {} }", []),
        ("interface I { function a(); } trait T { function a() {} } class A implements I { use T; }", []),
        ("interface I { function a(); } trait T { function b() {} } class A implements I { use T { b as a; } }", []),
        ("interface I { function a(); } class P { function a() {} } class A extends P implements I {}", []),
        ("interface I { function a(); } class A extends Exception implements I {}", []),
        ("require 'near.php'; near();", []), ("require 'none.php';", ["MissingModule"]), ("@include 'none.php';", []),
        ("try { require 'none.php'; } catch (Throwable $e) {}", []),
        ("try { require 'none.php'; } catch (Exception $e) {}", ["MissingModule"]),
        ("try { require 'none.php'; } catch (Throwable $e) { exit(1); }", ["MissingModule"]),
        ("if (false) { require 'none.php'; }", []), ("if (rand()) { require 'none.php'; }", []),
        ("require 'closed.php';", ["BadSyntax"]), ("$x = 'a", ["BadSyntax"]),
        ("/* ?> */ // ' \n# \"\n$a = <<<E\n  } ' $x {$y['z']}\n  E;\n", []),
        ("gone();", ["MissingName"]), ("if (function_exists('gone')) gone();", []),
        ("try { gone(); } catch (Error $e) {}", []), ("try { gone(); } catch (Exception $e) {}", ["MissingName"]),
        ("strlen('x'); STRLEN('x');", []), ("namespace N; function f() {} f(); strlen('x');", []),
        ("new Gone();", ["MissingName"]), ("new PDO();", []), ("Gone::x();", ["MissingName"]),
        ("echo Gone::class;", []),
        ("class A extends Gone {}", ["MissingName"]), ("class A implements Gone {}", ["MissingName"]),
        ("class A { use Gone; }", ["MissingName"]), ("class B extends A {} class A {}", []),
        ("class A { private ?Gone $x = null; function f(Gone $y): Gone {} }", []),
        ("use Gone\\X; function f(X $x) {}", []),
        ("function f() { new Gone(); }", []), ("function f() { new Gone(); } f();", ["MissingName"]),
        ("class A { function run() { new Gone(); } } (new A())->run();", ["MissingName"]),
        ("class A { static function run() { new Gone(); } } A::run();", ["MissingName"]),
        ("class A { function go() {} } $a = new A(); $a->none();", ["MissingName"]),
        ("class A { function __call($n, $a) {} } $a = new A(); $a->none();", []),
        (loader + "use A\\B; B::quiet();", []), (loader + "(new A\\B())->run();", ["MissingName"]),
        (loader + "new A\\C();", ["MissingName"]), (loader + "var_dump(class_exists('A\\C'));", []),
        ("spl_autoload_register($x); new Gone();", []), ("eval($x); new Gone(); gone();", []),
        ("spl_autoload_register(fn ($c) => require __DIR__ . \"/src/$c.php\"); new Gone();", ["MissingModule"]),
        ("(function () { require 'none.php'; })();", ["MissingModule"]),
        ("$f = fn () => require 'none.php';", []), ("array_map(function ($x) { new Gone(); }, []);", []),
        ("foreach (['near', 'none'] as $n) { require \"$n.php\"; }", ["MissingModule"]),
        ("$c = require 'near.php'; if ($c['a'] === 1) exit(3);", ["FailedScript"]),
        ("$c = require 'near.php'; if ($c['a'] === 2) exit(3);", []),
        ("exit('bye'); gone();", []), ("die; gone();", []), ("exit(2);", ["FailedScript"]),
        ("if (!getenv('KEY')) { exit(1); }", ["MissingVariable"]),
        ("getenv('KEY') ?: throw new RuntimeException('x');", ["MissingVariable"]),
        ("$k = $_SERVER['KEY'] ?? 'x';", []), ("if (empty($_SERVER['KEY'])) { exit(0); } gone();", []),
        ("throw new Exception('x');", ["FailedScript"]),
        ("try { throw new RuntimeException(); } catch (Exception $e) { exit(1); }", ["FailedScript"]),
        ("if (!file_exists('none.php')) { fwrite(1, 'x'); exit(1); }", ["MissingFile"]),
        ("if (!is_file('none.php')) { exit(1); }", ["MissingFile"]),
        ("if ($argc < 2) { exit(64); }", ["FailedScript"]), ("while (true) { strlen('x'); } gone();", []),
        ("if (PHP_VERSION_ID < 80300) { exit(1); }", ["FailedScript"]),
        ("if (PHP_VERSION_ID < 80205) { exit(1); }", []),
        ("echo GONE_NAME;", ["MissingName"]), ("define('GONE_NAME', 1); echo GONE_NAME; echo E_ALL;", []),
        ("new PDO('gone:x');", ["MissingName"]), ("match (1) { default => gone() };", []),
        ("$x = new class extends Gone {};", ["MissingName"]), ("#[Gone(1)]\nclass A {}", []),
        ("enum E: string { case A = 'a'; public static function f() {} } E::from('a'); E::A;", []),
        ("enum E { case A; case B; } E::B; E::C;", ["MissingName"]), ("class K { const A = 1, B = 2; } K::B;", []),
        ("class K { static ?K $k; } K::$k;", []), ("class K { const A = 1; } K::NONE;", ["MissingName"]),
        ("putenv(\"$a=1\"); if (!getenv('KEY')) { exit(1); }", []),
        ("foreach ($x as $k => $v) { $_ENV[$k] = $v; } if (empty($_ENV['KEY'])) { exit(1); }", []),
        ("echo str_replace(['a', 'b'], ['x', ''], 'ab') === 'x' ? '' : gone();", []),
        ("function g() { yield new Gone(); } g();", []), ("?><p><?= 1 ?>\n<?php gone();", ["MissingName"]),
        ("$x = true && gone();", ["MissingName"]), ("$x = $y && gone();", []), ("$x = isset($y) ? gone() : 1;", []),
        ("switch ($x) { case 1: gone(); break; default: new Gone(); }", []),
        ("$x = '-9223372036854775808' + 1; $y = -'-9223372036854775808';", []),
        ("$i = 9223372036854775807; $i++;", []), ("$a = ['9223372036854775807' => 1]; $a[] = 2;", []),
        ("substr('abc', '-9223372036854775808'); substr('abc', 0, '-9223372036854775808');", []),
    ]

    @Test(arguments: php.indices) func phpIsFollowed(index: Int) throws {
        let (text, errors) = Self.php[index]
        try Self.check(["php8.2", "a"], "<?php\n" + text + "\n", [], errors)
    }

    static let others: [(start: [String], text: String, errors: [String])] = [
        (["perl", "a"], "use List 9.0;\n", ["MissingName"]), (["perl", "a"], "use List 1.4;\n", []),
        (["perl", "a"], "use List qw(first none);\n", ["MissingName"]), (["perl", "a"], "use List qw(first);\n", []),
        (["perl", "a"], "gone();\n", ["MissingName"]), (["perl", "a"], "sub gone { 1 }\ngone();\n", []),
        (["perl", "a"], "print(1);\ngone() if $x;\n", []), (["perl", "a"], "exit 3;\n", ["FailedScript"]),
        (["perl", "a"], "exit 3 if $x;\n", []), (["perl", "a"], "@ARGV or die 'x';\n", ["FailedScript"]),
        (["perl", "a", "b"], "@ARGV or die 'x';\n", []), (["perl", "a"], "exec 'gone' or die;\n", ["MissingProgram"]),
        (["perl", "a"], "system('gone') == 0 or die 'x';\n", ["MissingProgram"]),
        (["perl", "a"], "system('gone');\n", []),
        (["perl", "a"], "use Moo;\nwith 'Gone::Role';\n", ["MissingModule"]),
        (["perl", "a"], "use Moo;\nextends 'Gone::Base';\n", ["MissingModule"]),
        (["perl", "a"], "my $d = DBI->connect('dbi:Pg:x');\n", ["MissingModule"]),
        (["perl", "a"], "my $d = eval { DBI->connect('dbi:Pg:x') };\n", []),
        (
            ["perl", "a"], "package A;\nsub run { require Gone::B; }\n__PACKAGE__->run unless caller;\n",
            ["MissingModule"]
        ),
        (["perl", "a"], "use lib dirname(__FILE__) . '/lib';\nuse None;\n", ["MissingModule"]),
        (["perl", "a"], "use lib catdir($FindBin::Bin, '..', 'etc', 'perl');\nuse Moo;\nuse List;\n", []),
        (["ruby", "a"], "require File.dirname(__FILE__) + '/none'\n", ["MissingModule"]),
        (["ruby", "a"], "require File.expand_path('../near.lua', __FILE__)\n", ["MissingModule"]),
        (["ruby", "a"], "require File.join(File.dirname(__FILE__), 'near')\n", []),
        (["ruby", "a"], "exit 3\n", ["FailedScript"]), (["ruby", "a"], "exit 3 if x\n", []),
        (["ruby", "a"], "exit\n", []),
        (["ruby", "a"], "def f\n  raise 'x'\nend\n", []), (["ruby", "a"], "raise 'x'\n", ["FailedScript"]),
        (["ruby", "a"], "begin\n  raise 'x'\nrescue\nend\n", []), (["ruby", "a"], "exec 'gone'\n", ["MissingProgram"]),
        (["ruby", "a"], "x = `gone -v`\n", ["MissingProgram"]), (["ruby", "a"], "system('gone')\n", []),
        (["ruby", "a"], "module A\n  include GoneName\nend\n", ["MissingName"]),
        (["ruby", "a"], "module A\n  include String\nend\n", []), (["ruby", "a"], "GoneName.new\n", ["MissingName"]),
        (["ruby", "a"], "String.new\n", []),
        (["ruby", "a"], "class A < GoneName\nend\n", ["MissingName"]),
        (["ruby", "a"], "gone_call(1)\n", ["MissingName"]),
        (["ruby", "a"], "class App\nend\nApp.new.none\n", ["MissingName"]),
        (["ruby", "a"], "class App\n  def go\n  end\nend\nApp.new.go\n", []),
        (["ruby", "a"], "class App < Base\nend\n", ["MissingName"]),
        (["ruby", "a"], "class App\nend\nApp.new.freeze\n", []),
        (["ruby", "a"], "module App\n  ONE = 1\nend\nApp::TWO.size\n", ["MissingName"]),
        (["ruby", "a"], "module App\n  ONE = 1\nend\nApp::ONE.size\n", []),
        (["ruby", "a"], "def gone_call(x)\nend\ngone_call(1)\n", []),
        (["ruby", "a"], "require 'bundler/setup'\n", ["MissingName"]),
        (["ruby", "a"], "T = File.read(File.join(__dir__, 'views', 'a.erb'))\n", ["MissingFile"]),
    ]

    @Test(arguments: others.indices) func perlAndRubyAreFollowed(index: Int) throws {
        let (start, text, errors) = Self.others[index]
        try Self.check(start, text, [], errors)
    }

    static let lua: [(text: String, errors: [String])] = [
        ("require 'near'", []), ("require('none')", ["MissingModule"]), ("pcall(require, 'none')", []),
        ("pcall(function() require('none') end)", []),
        ("local ok = pcall(require, 'none')\nif not ok then error('x') end", ["MissingModule"]),
        ("local ok, m = pcall(require, 'none')\nif not ok then m = require('near') end", []),
        ("for _, n in ipairs({'near', 'none'}) do require(n) end", ["MissingModule"]),
        ("if x then require('none') end", []), ("if unknown() then end", ["MissingName"]),
        ("local function f() require('none') end", []),
        ("local function f() require('none') end f()", ["MissingModule"]),
        (
            "local A = {} A.__index = A\nfunction A.new() return setmetatable({}, A) end\nfunction A:run() require('none') end\nA.new():run()",
            ["MissingModule"]
        ),
        ("local m = require('near')\nm.run()", ["MissingName"]), ("local m = require('near')\nm.go()", []),
        ("package.path = '/opt/?.lua'\nrequire('near')", ["MissingModule"]),
        ("package.path = f .. '?.lua'\nrequire('none')", ["FailedScript"]),
        ("package.preload['x'] = function() return {} end\nrequire('x')", []), ("dofile('none.lua')", ["MissingFile"]),
        ("local f = io.open('none')", []), ("local f = io.open('none')\nf:read('a')", ["MissingFile"]),
        ("assert(io.open('none'))", ["MissingFile"]), ("assert(os.getenv('KEY'))", ["MissingVariable"]),
        ("local k = os.getenv('KEY') or 'x'", []), ("os.exit(2)", ["FailedScript"]), ("os.exit(true) error('x')", []),
        ("os.exit(1e300)", ["FailedScript"]), ("os.exit(0 * 1e999)", ["FailedScript"]),
        ("gone()", ["MissingName"]), ("unpack({1})", ["MissingName"]), ("table.unpack({1})", []),
        ("string.format('%s', 1)", []),
        ("local x <const> = 1", []), ("local x = = 1", ["BadSyntax"]), ("if true then end end", ["BadSyntax"]),
        (
            "local t = { a = 1, ['b'] = 2, 3; f = function(...) return ... end }\nprint(#t, t.a, -1, not nil, 2^3, 'a' .. 1, 7 // 2, 1 << 2, ~1)",
            []
        ),
        (
            "goto x ::x:: do local y = [==[ ]] ]==] end repeat until true while false do end for i = 1, 2 do break end",
            []
        ),
        ("a, b.c = 1, 2", ["FailedScript"]), ("x = [[", ["BadSyntax"]), ("coroutine.wrap(function() gone() end)()", []),
        ("while true do print(1) end gone()", []), ("local s = ('x'):rep(3)", []),
        ("print(({1})[1], (f or print)(2))", []),
    ]

    @Test(arguments: lua.indices) func luaIsFollowed(index: Int) throws {
        let (text, errors) = Self.lua[index]
        try Self.check(["lua5.4", "a"], text + "\n", [], errors)
    }

    /// No text, however odd, ends the process or takes long.
    @Test(arguments: [
        "(", "{", "[", "<<<", "<<<A", "\"{$", "'", "/*", "#[", "fn", "function", "new", "class", "use", "match(1){",
        "::",
        "->", "?->", "static", "namespace", "$", "${", "if(", "foreach(", "switch(", "try", "catch", "?", "??", "=",
        "&", "!", "do ", "x.", "x(", "not ", "[[", "--[[", "function() ", "if x then ",
    ]) func oddTextsEnd(part: String) throws {
        for count in [1, 3, 500, 20_000] { try Self.read(String(repeating: part, count: count) + " x") }
    }

    /// Nor one that doubles what it keeps.
    @Test(arguments: [
        "if(a)", "true?", "if(x){return}\n", "a=b=>",
        "$a = [$a];", "$a = fn() => 1;", "$a[] = 1;", "$a = ($a ?? 'x') . $a;", "$a .= 'xxxxxxxx'; $a = \"$a$a\";",
        "a = {a} ", "a = (a or 'x') .. (a or 'x') ",
    ]) func growingTextsEnd(part: String) throws {
        for count in [1, 3, 500] { try Self.read(String(repeating: part, count: count) + " x") }
    }

    private static func read(_ odd: String) throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.environment = ["PATH=/bin"]
        var programs = [("php8.2", "<?php\n" + odd), ("lua5.4", odd), ("lua5.4", "x = " + odd)]
        // Slow without the optimizer.
        if odd.utf8.count < 50_000 { programs += [("node", "if (\(odd)) {}"), ("node", odd)] }
        for (program, text) in programs {
            config.container.entrypoint = [program, "/srv/a"]
            let files = base.merging(["/srv/a": .text(text)]) { $1 }
            _ = try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(files)]))
        }
    }
}

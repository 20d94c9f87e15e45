import Archive
import OCI
import Testing

@testable import Inspection

/// Texts of programs that nobody writes: reading them ends, whatever it comes to, and takes neither the stack nor all memory.
@Suite struct HostileProgramTests {
    private static let depth = 5000

    private static func many(_ text: String) -> String { String(repeating: text, count: depth) }

    static let programs: [(program: String, text: String)] = [
        ("node", many("if(a)") + "b"), ("node", many("a?") + "b" + many(":c")), ("node", many("a=b=") + "1"),
        ("node", "var x = " + many("y || ") + "'z'; require(x)"),
        ("node", "require(" + many("process.env.A || ") + "'a')"),
        ("node", "if (" + many("!") + "a) require('gone')"), ("node", many("try{") + many("}catch(e){}")),
        ("node", "x=" + many("(") + many(")")),
        ("node", "var s='a';" + String(repeating: "s=s+s;", count: 40) + "require(s)"),
        ("php", "<?php $s='a';" + String(repeating: "$s=$s.$s;", count: 40) + "require $s;"),
        ("php", "<?php $s='a';" + String(repeating: "$s.=$s;", count: 40) + "require $s;"),
        ("php", "<?php $s='a';" + String(repeating: "$s=\"$s$s\";", count: 40) + "require $s;"),
        ("php", "<?php $s='a';" + String(repeating: "$s=str_replace('a', $s.$s, $s);", count: 20) + "require $s;"),
        ("php", "<?php $s='a';" + String(repeating: "$s=implode('', [$s, $s]);", count: 40) + "require $s;"),
        ("php", "<?php $a='-9223372036854775808'+1; exit($a);"),
        ("php", "<?php $a=[]; $a['9223372036854775807']=1; $a[]=2; exit(count($a));"),
        ("php", "<?php " + many("if($a)") + "f();"), ("php", "<?php $a=" + many("[") + many("]") + ";"),
        ("lua5.4", "s='a' " + String(repeating: "s=s..s ", count: 40) + "require(s)"), ("lua5.4", "os.exit(1e300)"),
        ("lua5.4", "os.exit(1e999)"), ("lua5.4", "os.exit(-1e999 + 1e999)"), ("lua5.4", "a=" + many("{") + many("}")),
        ("ruby", many("begin\n") + many("end\n")), ("ruby", "x = " + many("(") + many(")")),
        ("perl", many("BEGIN {") + many("}")), ("perl", many("sub f {") + many("}")),
        ("python3.11", many("if a:\n") + "x"), ("python3.11", "x = " + many("(") + many(")")),
        ("python3.11", "x = " + many("-") + "1\n"), ("python3.11", "x = " + many("a if b else ") + "c\n"),
    ]

    @Test(arguments: programs.indices) func ends(index: Int) throws {
        let (program, text) = Self.programs[index]
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.container.entrypoint = [program, "/srv/main"]
        config.container.environment = ["PATH=/bin"]
        let files = ProgramTextTests.base.merging(["/srv/main": .text(text + "\n")]) { $1 }
        _ = try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(files)]))
    }
}

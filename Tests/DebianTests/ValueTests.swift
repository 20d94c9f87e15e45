import OCI
import Testing

@testable import Debian

@Suite struct ValueTests {
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
    ]) func `MD5 gives the values of RFC 1321`(_ text: String, _ expected: String) {
        var whole = MD5()
        whole.update(text.utf8)
        #expect(whole.finalize() == expected)
        var parts = MD5()
        for byte in text.utf8 { parts.update([byte]) }
        #expect(parts.finalize() == expected)
    }

    @Test(arguments: [
        ("/usr/share/doc/*", "/usr/share/doc/a/b", true), ("/usr/share/doc/*", "/usr/share/doc", false),
        ("/usr/*/copyright", "/usr/share/doc/a/copyright", true),
        ("/usr/*/copyright", "/usr/share/doc/a/copyright.gz", false),
        ("/a?c", "/abc", true), ("/a?c", "/ac", false), ("/man[1-9]", "/man5", true), ("/man[1-9]", "/man0", false),
        ("/man[!1-9]", "/man0", true), ("/a[]x]", "/a]", true), ("/a[", "/a[", true), ("/a\\*", "/a*", true),
        ("/a\\*", "/ab", false),
        ("*", "", true), ("**a**", "bab", true), ("", "", true), ("", "a", false),
    ]) func `Patterns match as fnmatch does`(_ pattern: String, _ text: String, _ expected: Bool) {
        #expect(PathFilter.matches(Array(text.utf8), pattern: Array(pattern.utf8)) == expected)
    }

    @Test func `The last rule that matches counts`() {
        let filter = PathFilter([.exclude("/doc/*"), .include("/doc/*/copyright"), .exclude("/doc/x/*")])
        let paths = ["/doc/a/readme", "/doc/a/copyright", "/doc/x/copyright", "/etc/passwd"]
        #expect(paths.map { filter.excludes(Array($0.utf8)) } == [true, false, true, false])
        #expect(filter.configuration == "path-exclude=/doc/*\npath-include=/doc/*/copyright\npath-exclude=/doc/x/*\n")
    }

    @Test func `Many stars take no exponential time`() {
        let pattern = Array((String(repeating: "*a", count: 40) + "b").utf8)
        #expect(!PathFilter.matches([UInt8](repeating: UInt8(ascii: "a"), count: 4000), pattern: pattern))
    }

    @Test(arguments: [
        ("linux/amd64", "amd64"), ("linux/arm64", "arm64"), ("linux/arm/v7", "armhf"), ("linux/arm/v6", "armel"),
        ("linux/386", "i386"),
        ("linux/ppc64le", "ppc64el"), ("linux/riscv64", "riscv64"),
    ]) func `Platforms have Debian's names`(_ platform: String, _ expected: String) throws {
        #expect(try DebianArchitecture(Platform(parsing: platform)).name == expected)
    }

    @Test func `Platforms without Debian are refused`() throws {
        let platform = try Platform(parsing: "windows/amd64")
        #expect(throws: DebianError.unsupportedArchitecture(platform)) { try DebianArchitecture(platform) }
    }

    @Test(arguments: [("debian:bookworm", "debian:bookworm"), ("debian:13-slim", "debian:trixie-slim")])
    func `The catalog knows names and numbers`(_ name: String, _ expected: String) throws {
        #expect(try BaseCatalog.named(name).map(\.name) == [expected])
        #expect(throws: DebianError.unknownRecipe("debian:woody")) { try BaseCatalog.named("debian:woody") }
    }
}

import Archive
import OCI
import TestSupport
import Testing

@testable import Inspection

@Suite struct PackageSetTests {
    private static func status(_ name: String, _ version: String, _ fields: String = "") -> String {
        "Package: \(name)\nStatus: install ok installed\nArchitecture: amd64\nVersion: \(version)\n\(fields)\n"
    }

    private func packages(_ layers: [AccountedLayer]) throws -> (PackageSet, ImageAccount) {
        let account = ImageAccount(try layers.map { try $0.record() })
        return (PackageSet(account), account)
    }

    private func owner(_ path: String, _ set: PackageSet, _ account: ImageAccount) -> String? {
        guard let place = account.place(of: Array(path.utf8)), set.owners[place] >= 0 else { return nil }
        return set.packages[set.owners[place]].name
    }

    @Test func debianPackagesOwnTheirFiles() throws {
        var base = AccountedLayer()
        base.add("etc/os-release", .regular, "ID=debian\nVERSION_ID=\"12\"\n")
        base.add("bin", .symbolicLink, link: "usr/bin")
        base.add("usr/bin/sh", .regular, "12345", mode: 0o755)
        base.add("var/lib/dpkg/status", .regular, Self.status("dash", "1", "Conffiles:\n /etc/dashrc 0123456789\n"))
        base.add("var/lib/dpkg/info/dash.list", .regular, "/.\n/bin\n/bin/sh\n/usr\n")
        base.add("etc/dashrc", .regular, "x")
        var added = AccountedLayer()
        let more =
            Self.status("curl", "7", "Depends: libcurl4 (= 7), libc6 | libc\nRecommends: docs\n")
            + Self.status("libcurl4", "7") + Self.status("docs", "1") + Self.status("alone", "2")
        added.add(
            "var/lib/dpkg/status", .regular, Self.status("dash", "1", "Conffiles:\n /etc/dashrc 0123456789\n") + more)
        added.add("var/lib/dpkg/info/curl.list", .regular, "/usr/bin/curl\n")
        added.add("var/lib/dpkg/info/libcurl4:amd64.list", .regular, "/usr/lib/libcurl.so.4\n")
        added.add("var/lib/dpkg/info/docs.list", .regular, "/usr/share/docs/a\n")
        added.add(
            "var/lib/apt/extended_states", .regular,
            "Package: libcurl4\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: docs\nArchitecture: amd64\nAuto-Installed: 1\n"
        )
        added.add("usr/bin/curl", .regular, "curl", mode: 0o755)
        added.add("usr/lib/libcurl.so.4", .regular, "lib")
        added.add("usr/share/docs/a", .regular, "doc")
        added.add("opt/mine", .regular, "mine")
        let (set, account) = try packages([base, added])
        #expect(owner("usr/bin/sh", set, account) == "dash")
        #expect(owner("etc/dashrc", set, account) == "dash")
        #expect(owner("usr/lib/libcurl.so.4", set, account) == "libcurl4")
        #expect(owner("opt/mine", set, account) == nil)
        let names = Dictionary(uniqueKeysWithValues: set.packages.enumerated().map { ($1.name, $0) })
        let curl = try #require(names["curl"])
        let library = try #require(names["libcurl4"])
        let docs = try #require(names["docs"])
        #expect(set.packages[curl].layer == 1)
        #expect(set.packages[try #require(names["dash"])].layer == 0)
        #expect(set.packages[curl].isRequested == true)
        #expect(set.packages[library].isRequested == false)
        #expect(set.chain(to: library) == [curl, library])
        #expect(set.isOnlyRecommended(docs))
        #expect(!set.isOnlyRecommended(library))
        #expect(set.packages[curl].packageURL == "pkg:deb/debian/curl@7?arch=amd64&distro=debian-12")
        #expect(set.dependents(of: library) == [curl])
    }

    /// What is there for the sake of a compiler alone goes with it; what the program's own package needs as well stays.
    @Test func buildToolsGoWithWhatTheyDraggedIn() throws {
        var base = AccountedLayer()
        base.add("var/lib/dpkg/status", .regular, Self.status("libc6", "1"))
        var added = AccountedLayer()
        let more =
            Self.status("git", "1", "Depends: perl, libc6\nRecommends: less\n") + Self.status("perl", "1")
            + Self.status("less", "1") + Self.status("app", "1", "Depends: libc6, shared\n")
            + Self.status("g++", "1", "Depends: gcc-12, shared\n") + Self.status("gcc-12", "1")
            + Self.status("shared", "1") + Self.status("used-dev", "1", "Depends: used-data\n")
            + Self.status("used-data", "1")
        added.add("var/lib/dpkg/status", .regular, Self.status("libc6", "1") + more)
        let automatic = ["perl", "less", "gcc-12", "shared", "used-data"].map {
            "Package: \($0)\nArchitecture: amd64\nAuto-Installed: 1\n"
        }
        added.add("var/lib/apt/extended_states", .regular, automatic.joined(separator: "\n"))
        let (set, _) = try packages([base, added])
        let tools = set.buildTools { package, _ in package.layer == 0 || package.name == "used-dev" }
        #expect(tools.asked.map { set.packages[$0].name }.sorted() == ["g++", "git"])
        #expect(tools.dropped.map { set.packages[$0].name }.sorted() == ["g++", "gcc-12", "git", "less", "perl"])
    }

    @Test func otherEcosystemsOwnTheirFiles() throws {
        var layer = AccountedLayer()
        let site = "usr/local/lib/python3.11/site-packages"
        layer.add(
            "\(site)/Flask-3.0.dist-info/METADATA", .regular,
            "Name: Flask\nVersion: 3.0\nRequires-Dist: Werk_zeug>=2\nRequires-Dist: x; extra == \"all\"\n\n")
        layer.add(
            "\(site)/Flask-3.0.dist-info/RECORD", .regular,
            "flask/__init__.py,sha256=x,3\n\"flask/a,b.py\",,\n../../../bin/flask,,\n")
        layer.add("\(site)/Flask-3.0.dist-info/REQUESTED")
        layer.add("\(site)/werkzeug-2.dist-info/METADATA", .regular, "Name: werk.zeug\nVersion: 2\n\n")
        layer.add("\(site)/werkzeug-2.dist-info/RECORD", .regular, "werkzeug.py,,\n")
        layer.add("\(site)/flask/__init__.py", .regular, "abc")
        layer.add("\(site)/flask/a,b.py", .regular, "abc")
        layer.add("\(site)/flask/__pycache__/__init__.cpython-311.pyc", .regular, "abcd")
        layer.add("\(site)/werkzeug.py", .regular, "w")
        layer.add("usr/local/bin/flask", .regular, "bin")
        layer.add(
            "app/node_modules/@a/b/package.json", .regular,
            "{\"name\":\"@a/b\",\"version\":\"1.0.0\",\"dependencies\":{\"c\":\"*\"}}")
        layer.add("app/node_modules/@a/b/lib/x.js", .regular, "x")
        layer.add("app/node_modules/c/package.json", .regular, "{\"name\":\"c\",\"version\":\"2.0.0\"}")
        layer.add("app/node_modules/.package-lock.json", .regular, "{\"packages\":{\"node_modules/c\":{\"dev\":true}}}")
        layer.add(
            "lib/apk/db/installed", .regular,
            "P:musl\nV:1.2\nA:x86_64\nF:lib\nR:ld-musl.so\n\nP:busybox\nV:1.36\nD:musl so:x\nF:bin\nR:busybox\n\n")
        layer.add("etc/apk/world", .regular, "busybox\n")
        layer.add("lib/ld-musl.so", .regular, "m")
        layer.add("bin/busybox", .regular, "bb")
        layer.add(
            "var/lib/gems/3.1.0/specifications/rack-2.2.4.gemspec", .regular,
            "  s.name = \"rack\".freeze\n  s.version = \"2.2.4\"\n  s.add_runtime_dependency(%q<puma>.freeze, [\">= 1\"])\n"
        )
        layer.add("var/lib/gems/3.1.0/gems/rack-2.2.4/lib/rack.rb", .regular, "r")
        layer.add(
            "srv/vendor/composer/installed.json", .regular,
            "{\"packages\":[{\"name\":\"mono/log\",\"version\":\"3.1\",\"install-path\":\"../mono/log\",\"require\":{\"php\":\"*\"}}],\"dev-package-names\":[\"mono/log\"]}"
        )
        layer.add("srv/vendor/mono/log/Logger.php", .regular, "p")
        let (set, account) = try packages([layer])
        let owned = [
            "\(site)/flask/__init__.py": "flask", "\(site)/flask/a,b.py": "flask",
            "\(site)/flask/__pycache__/__init__.cpython-311.pyc": "flask",
            "usr/local/bin/flask": "flask", "\(site)/werkzeug.py": "werk-zeug", "app/node_modules/@a/b/lib/x.js": "b",
            "lib/ld-musl.so": "musl",
            "bin/busybox": "busybox", "var/lib/gems/3.1.0/gems/rack-2.2.4/lib/rack.rb": "rack",
            "srv/vendor/mono/log/Logger.php": "log",
        ]
        for (path, name) in owned { #expect(owner(path, set, account) == name, "\(path)") }
        let requested = set.packages.filter { $0.isRequested == true }.map(\.displayName).sorted()
        #expect(requested == ["@a/b", "busybox", "flask", "mono/log", "rack"])
        #expect(set.packages.filter(\.isForDevelopment).map(\.displayName).sorted() == ["c", "mono/log"])
    }

    @Test(arguments: ["", "\n\n", "Package", ":\n:", "P:\nF:\nR:", "\u{FEFF}{", "[[", "\"", "Name: \nVersion: \n"])
    func brokenDatabasesDoNotTrap(text: String) throws {
        var layer = AccountedLayer()
        for path in [
            "var/lib/dpkg/status", "var/lib/dpkg/status.d/x", "var/lib/dpkg/status.d/x.md5sums",
            "var/lib/dpkg/diversions", "var/lib/dpkg/info/x.list",
            "var/lib/apt/extended_states", "lib/apk/db/installed", "etc/apk/world", "p/x.dist-info/METADATA",
            "p/x.dist-info/RECORD",
            "n/node_modules/x/package.json", "n/node_modules/.package-lock.json", "g/specifications/x.gemspec",
            "vendor/composer/installed.json", "x.jar",
        ] { layer.add(path, .regular, text) }
        _ = try packages([layer, layer])
    }
}

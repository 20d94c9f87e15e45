import OCI
import Testing

@testable import Inspection

@Suite struct InventoryTests {
    private static func goInfo() -> [UInt8] {
        let table =
            "path\tx\nmod\texample.test/app\t(devel)\t\ndep\texample.test/a\tv1.2.3\th1:x\ndep\texample.test/b\tv1.0.0\n=>\texample.test/c\tv2.0.0\th1:y\n"
        func text(_ text: String) -> [UInt8] {
            [UInt8(text.utf8.count & 0x7F) | (text.utf8.count > 127 ? 0x80 : 0)]
                + (text.utf8.count > 127 ? [UInt8(text.utf8.count >> 7)] : []) + Array(text.utf8)
        }
        return [0xFF] + Array(" Go buildinf:".utf8) + [8, 2] + [UInt8](repeating: 0, count: 16) + text("go1.22.3")
            + text(table)
    }

    @Test func goWritesItsModules() throws {
        let info = try #require(GoBuildInfo(Self.goInfo()))
        #expect(info.version == "1.22.3")
        #expect(
            info.modules.map { "\($0.path)@\($0.version)" } == [
                "example.test/app@", "example.test/a@v1.2.3", "example.test/c@v2.0.0",
            ])
        for count in 0..<Self.goInfo().count { _ = GoBuildInfo(Array(Self.goInfo().prefix(count))) }
    }

    private static let files: [String: MemoryLayer.Item] = [
        "/etc/os-release": .text("ID=debian\nVERSION_ID=\"12\"\n"),
        "/var/lib/dpkg/status.d/libc6": .text(
            "Package: libc6\nVersion: 2.36-9+deb12u1\nArchitecture: amd64\nMaintainer: A <a@b>\nDescription: x\n y\n"),
        "/var/lib/dpkg/status.d/libc6.md5sums": .text("x  y\n"),
        "/var/lib/dpkg/status": .text(
            "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: here\nStatus: install ok installed\nVersion: 1:2\n"
        ),
        "/app/lib/Flask_Login-1.0.dist-info/METADATA": .text("Name: Flask_Login\nVersion: 1.0\n\nName: no\n"),
        "/app/node_modules/left/package.json": .text("{\"name\":\"left\",\"version\":\"1.0.0\",\"license\":\"MIT\"}"),
        "/app/node_modules/@a/b/package.json": .text("{\"name\":\"@a/b\",\"version\":\"2.0.0\"}"),
        "/app/node_modules/left/test/package.json": .text("{\"name\":\"x\",\"version\":\"3\"}"),
        "/app/node_modules/bad/package.json": .text("{"),
        "/app/a.jar": .file(
            zip([("META-INF/maven/g/a/pom.properties", Array("#x\ngroupId=org.g\nartifactId=a\nversion=1.1\n".utf8))])),
        "/app/b.jar": .file(
            zip([("META-INF/MANIFEST.MF", Array("Implementation-Title: b\r\nImplementation-Version: 3\r\n".utf8))])),
    ]

    @Test func everyKindIsFound() throws {
        let inventory = try Inventory(ImageTree(layers: [MemoryLayer(Self.files)]))
        #expect(
            inventory.components.map(\.packageURL) == [
                "pkg:deb/debian/here@1:2?distro=debian-12",
                "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12",
                "pkg:maven/b@3", "pkg:maven/org.g/a@1.1", "pkg:npm/%40a/b@2.0.0", "pkg:npm/left@1.0.0",
                "pkg:pypi/flask-login@1.0",
            ])
    }

    @Test func documentsAreTheSameForTheSameImage() throws {
        let inventory = try Inventory(ImageTree(layers: [MemoryLayer(Self.files)]))
        for format in BillOfMaterials.Format.allCases {
            func text() -> String {
                BillOfMaterials(
                    inventory, name: "x", image: Digest(sha256: []), created: "2026-01-02T03:04:05.678Z",
                    toolVersion: "1"
                ).document(format).text
            }
            #expect(text() == text())
            #expect(text().contains("2026-01-02T03:04:05Z"))
        }
    }
}

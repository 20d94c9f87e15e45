/// What scanners read of packages that no dpkg installed: a paragraph and the checksums of each in
/// `/var/lib/dpkg/status.d` (the public distroless images' PACKAGE_METADATA.md).
enum StatusDirectory {
    static let path = "/var/lib/dpkg/status.d"

    static func write(_ package: UnpackedPackage, to root: inout RootComposer) throws {
        let base = "\(path)/\(package.package.name)"
        try root.addFile(base, package.control.paragraph.text)
        guard let checksums = package.control.files["md5sums"] else { return }
        try root.addFile(base + ".md5sums", checksums.bytes)
    }
}

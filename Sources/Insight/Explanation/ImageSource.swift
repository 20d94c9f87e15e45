package import Engine
import LinuxSystem
package import OCI
package import Storage
import SystemPackage

/// Where an image is that is looked at: a person's words for it.
///
/// `docker://NAME`, `oci:DIRECTORY[:TAG]`, `oci-layout://DIRECTORY[:TAG]`, `oci-archive:FILE` and `docker-archive:FILE` say it
/// (containers-transports(5)). Other words are an image of the store; where the store has none of this name, a layout's
/// directory or an archive of this path, else a name of a registry.
package enum ImageSource: Hashable, Sendable {
    case store(String)
    case registry(ImageReference)
    case layout(String, ImageLayout.Selection)
    /// - Parameter name: which of its images is meant; nil for the first.
    case archive(String, name: String?)

    /// - Throws: ``InsightError`` and what reading a reference throws.
    package init(_ text: String, in engine: Engine) throws {
        if let name = Self.rest(of: text, behind: ["docker://"]) {
            self = .registry(try ImageReference(name).withDefaultTag)
        } else if let path = Self.rest(of: text, behind: ["oci-layout://", "oci-layout:", "oci:"]) {
            self = Self.layout(path, in: engine.environment)
        } else if let path = Self.rest(of: text, behind: ["oci-archive:", "docker-archive:"]) {
            self = Self.archive(path, in: engine.environment)
        } else if let scheme = Self.unknownScheme(text) {
            throw InsightError.unknownSource(scheme)
        } else {
            self = try Self.found(text, in: engine)
        }
    }

    private static func rest(of text: String, behind schemes: [String]) -> String? {
        schemes.first { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }.map { String(text.dropFirst($0.count)) }
    }

    /// A transport that other programs know.
    private static func unknownScheme(_ text: String) -> String? {
        ["docker-daemon:", "containers-storage:", "dir:", "sif:", "ostree:", "tarball:"].first { text.hasPrefix($0) }
    }

    private static func found(_ text: String, in engine: Engine) throws -> ImageSource {
        do {
            _ = try engine.store.images.resolve(text)
            return .store(text)
        } catch StorageError.noSuchImage {
            // Perhaps a path, or a name of a registry.
        }
        let path = engine.environment.absolute(FilePath(text))
        // What is not there is no path.
        if let directory = try? Directory(opening: path) {
            // As above.
            if (try? directory.status(Array("oci-layout".utf8))) ?? nil != nil { return .layout(path.string, .unnamed) }
            if text.contains("/") || text == "." { throw InsightError.noLayout(text) }
        } else if text.contains("/") || text.hasSuffix(".tar") || text.contains(".tar."), Self.isFile(path) {
            return .archive(path.string, name: nil)
        }
        // Whatever it is, it is not here.
        guard let reference = try? ImageReference(text) else { throw StorageError.noSuchImage(text) }
        return .registry(reference.withDefaultTag)
    }

    private static func isFile(_ path: FilePath) -> Bool {
        // What cannot be opened is no archive.
        guard let file = try? OwnedDescriptor(opening: path) else { return false }
        _ = consume file
        return true
    }

    /// A directory and a tag behind a colon; a digest behind `@`.
    private static func layout(_ text: String, in environment: HostEnvironment) -> ImageSource {
        // Asked for that.
        func isThere(_ path: String) -> Bool { (try? Directory(opening: environment.absolute(FilePath(path)))) != nil }
        if isThere(text) { return .layout(environment.absolute(FilePath(text)).string, .unnamed) }
        // No digest: a path.
        if let at = text.lastIndex(of: "@"), let digest = try? Digest(String(text[text.index(after: at)...])) {
            return .layout(environment.absolute(FilePath(String(text[..<at]))).string, .digest(digest))
        }
        if let colon = text.lastIndex(of: ":") {
            return .layout(
                environment.absolute(FilePath(String(text[..<colon]))).string,
                .tag(String(text[text.index(after: colon)...])))
        }
        return .layout(environment.absolute(FilePath(text)).string, .unnamed)
    }

    private static func archive(_ text: String, in environment: HostEnvironment) -> ImageSource {
        let whole = environment.absolute(FilePath(text))
        if isFile(whole) { return .archive(whole.string, name: nil) }
        guard let colon = text.firstIndex(of: ":") else { return .archive(whole.string, name: nil) }
        let path = environment.absolute(FilePath(String(text[..<colon])))
        return .archive(path.string, name: String(text[text.index(after: colon)...]))
    }
}

/// Why an image cannot be looked at as it was asked for.
package enum InsightError: Error, Hashable, Sendable {
    /// A transport of other programs.
    case unknownSource(String)
    case noLayout(String)
    /// An archive without an image of this name.
    case notInArchive(name: String, path: String)
    /// Neither a path nor a package of an image.
    case nothingThere(String, image: String)
    case noDockerfile(image: String)
    /// The Dockerfile is another than the one that was built.
    case otherDockerfile(path: String)
    case nothingToApply
    case noFix(String)
    case budget(BudgetFault)

    package struct BudgetFault: Error, Hashable, Sendable {
        package let file: String
        package let line: Int?
        package let reason: String
    }
}

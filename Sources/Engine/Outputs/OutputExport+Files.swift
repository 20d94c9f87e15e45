import Attestation
import LinuxSystem
import OCI
import Storage

extension OutputExport {
    /// Writes root file systems; those of several platforms each into a directory of its own, as docker does.
    func exportFiles(_ images: [Image], _ archived: ArchivedImage, _ output: OutputSpecification) throws -> Receipt {
        let isSplit = output.splitsPlatforms ?? (images.count > 1)
        let roots = zip(zip(images, results), archived.images).map { made, packed in
            let platform = made.0.config.platform.description.replacing("/", with: "_")
            return Store.RootContent(
                image: made.0, directory: isSplit ? platform : "",
                documents: packed.attestation.map(AttestationFiles.documents) ?? [],
                time: made.1.fileTime)
        }
        if !isSplit, roots.count > 1 { try checkForCollisions(images) }
        func writeArchive(_ body: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
            try store.writeRootArchive(of: roots, body)
        }
        switch output.destination {
        case .path(let path) where output.kind == .local: for root in roots { try write(root, into: path, output) }
        case .path(let path): try OutputFile.write(path, writeArchive)
        case .standardOutput, nil: try OutputFile.writeToStandardOutput(writeArchive)
        }
        return try receipt(archived)
    }

    private func write(_ root: Store.RootContent, into path: String, _ output: OutputSpecification) throws {
        let place = root.directory.isEmpty ? path : "\(path)/\(root.directory)"
        let directory = try OutputFile.directory(place)
        try store.writeRoot(root, into: directory, isMirror: output.isMirror)
        for (name, content) in root.documents {
            try OutputFile.write("\(place)/\(String(decoding: name, as: UTF8.self))") {
                try content.withUnsafeBytes($0)
            }
            if let time = root.time { try directory.setModified(name, FileTime(seconds: time)) }
        }
        if !root.directory.isEmpty, let time = root.time {
            try OutputFile.directory(path).setModified(Array(root.directory.utf8), FileTime(seconds: time))
        }
    }

    /// Files of platforms that share a directory must not take each other's place.
    private func checkForCollisions(_ images: [Image]) throws {
        var owners: [[UInt8]: Platform] = [:]
        for image in images {
            try store.forEachFile(of: image) { path in
                if let other = owners.updateValue(image.config.platform, forKey: path) {
                    throw EngineError.collision(
                        path: String(decoding: path, as: UTF8.self), other, image.config.platform)
                }
            }
        }
    }
}

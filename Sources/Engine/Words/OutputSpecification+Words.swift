import Archive
import OCI
package import Storage

extension OutputSpecification {
    /// Reads `DIR`, `-` or `type=KIND,name=value,…`.
    package init(parsing text: String) throws {
        func fail(_ reason: String) -> InvalidOption { .init(name: "--output", value: text, reason: reason) }
        if text == "-" {
            self.init(.tar)
            destination = .standardOutput
            return
        }
        let fields = try CommaSeparated.fields(text, of: "--output")
        if fields.count == 1, !text.contains("=") {
            self.init(.local)
            destination = .path(fields[0])
            return
        }
        guard fields.allSatisfy({ !$0.isEmpty }) else { throw fail("there is nothing beside a comma") }
        var values: [(name: String, value: String)] = fields.map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            // The name of an annotation keeps its case.
            let name = parts[0].trimmingSpaces
            return (
                name.lowercased().hasPrefix("annotation") ? name : name.lowercased(),
                parts.count == 2 ? parts[1] : "true"
            )
        }
        guard let place = values.firstIndex(where: { $0.name == "type" }) else { throw fail("it needs a type") }
        guard let kind = Kind(rawValue: values.remove(at: place).value) else {
            throw fail("known types are \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.init(kind)
        var packing = Packing()
        for (name, value) in values {
            func flag() throws -> Bool {
                guard let isOn = SwitchWord.value(value) else { throw fail("'\(name)' is true or false") }
                return isOn
            }
            if let note = try AnnotationOption.note(field: name, value: value, fail) {
                annotations.append(note)
                continue
            }
            switch name {
            case "dest": destination = value == "-" ? .standardOutput : .path(value)
            case "name": names += try value.split(separator: ",").map { try ImageReference(String($0)).withDefaultTag }
            case "push": pushes = try flag()
            case "push-by-digest" where kind == .image || kind == .registry:
                isPushedByDigest = try flag()
                if isPushedByDigest { pushes = true }
            case "store" where kind == .image || kind == .registry: isNamedHere = try flag()
            case "registry.insecure" where kind == .image || kind == .registry: allowsInsecure = try flag()
            case "platform-split" where kind == .local || kind == .tar: splitsPlatforms = try flag()
            case "tar": isArchive = try flag()
            case "mode" where kind == .local && (value == "delete" || value == "copy"): isMirror = value == "delete"
            case "rewrite-timestamp": rewritesTimestamps = try flag()
            case "compression": packing.name = value
            case "compression-level":
                guard let level = Int(value) else { throw fail("'\(value)' is no level") }
                packing.level = level
            case "force-compression": packing.isForced = try flag()
            // What is always so here: nothing else is written, and images are unpacked when they are needed.
            case "oci-mediatypes" where try flag(), "store" where try flag(), "unpack", "dangling-name-prefix",
                "name-canonical":
                break
            default: throw fail("'\(name)' means nothing for type=\(kind.rawValue)")
            }
        }
        compression = try packing.compression(fail)
        try check(fail)
    }

    private func check(_ fail: (String) -> InvalidOption) throws {
        switch kind {
        case .local:
            guard case .path = destination else { throw fail("type=local needs dest=DIRECTORY") }
        case .oci, .docker, .tar:
            if !isArchive, destination.map({ $0 == .standardOutput }) ?? true {
                throw fail("tar=false needs dest=DIRECTORY")
            }
        case .image, .registry, .cacheonly:
            guard destination == nil else { throw fail("type=\(kind.rawValue) has no destination") }
        }
    }

    /// compression, compression-level and force-compression as they are written.
    package struct Packing {
        package var name: String?
        package var level: Int?
        package var isForced = false

        package init(name: String? = nil, level: Int? = nil, isForced: Bool = false) {
            (self.name, self.level, self.isForced) = (name, level, isForced)
        }

        package func compression(_ fail: (String) -> InvalidOption) throws -> LayerCompression? {
            let format: BlockCompressor.Format?
            switch name {
            case nil where level == nil && !isForced: return nil
            case nil, "gzip": format = .gzip
            case "zstd": format = .zstd
            case "uncompressed", "none": format = nil
            case let other?: throw fail("'\(other)' is no compression; known are gzip, zstd and uncompressed")
            }
            if let format, let level, !format.levels.contains(level) {
                throw fail(
                    "\(format.rawValue) has the levels \(format.levels.lowerBound) to \(format.levels.upperBound)")
            }
            return LayerCompression(format, level: level, isForced: isForced)
        }
    }
}

extension String {
    /// Without spaces at both ends.
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

internal import OCI

extension VolumeUse {
    /// Reads `[SOURCE:]TARGET[:OPTIONS]`, or the long form (Compose specification, "volumes").
    ///
    /// - Returns: nil for a file system in memory.
    init?(_ node: ComposeNode) throws(ComposeError) {
        guard case .mapping = node.content else {
            self = try Self.short(node)
            return
        }
        guard let use = try Self.long(node) else { return nil }
        self = use
    }

    private static func short(_ node: ComposeNode) throws(ComposeError) -> VolumeUse {
        let text = try node.text("volumes")
        let invalid = node.error(.invalidValue(key: "volumes", value: text, expected: .volume))
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count) else { throw invalid }
        let path = parts.count == 1 ? parts[0] : parts[1]
        guard path.hasPrefix("/"), let target = ImagePath(path), !target.isRoot else { throw invalid }
        guard let words = VolumeWords(parts.count == 3 ? parts[2] : nil) else {
            throw node.error(.invalidValue(key: "volumes", value: text, expected: .volumeWords))
        }
        let source = parts.count == 1 ? .anonymous : try Self.source(parts[0], createsMissing: true, invalid)
        return VolumeUse(
            source: source, target: target, isReadOnly: words.isReadOnly, copiesImage: words.copiesImage,
            place: node.place)
    }

    private static func source(_ text: String, createsMissing: Bool, _ invalid: ComposeError) throws(ComposeError)
        -> Source
    {
        if text.hasPrefix("/") || text.hasPrefix(".") || text.hasPrefix("~") {
            return .bind(text, createsMissing: createsMissing)
        }
        guard isName(text) else { throw invalid }
        return .named(text)
    }

    private static func long(_ node: ComposeNode) throws(ComposeError) -> VolumeUse? {
        let known = ["type", "source", "target", "read_only", "bind", "volume", "tmpfs", "consistency"]
        let fields = try node.fields("a volume", "volumes", known: known)
        guard let typeNode = fields["type"] else { throw node.error(.missingKey("type", owner: "a volume")) }
        let type = try typeNode.text("type")
        guard ["bind", "volume", "tmpfs"].contains(type) else {
            throw ["image", "npipe", "cluster"].contains(type)
                ? typeNode.error(.unsupportedValue(key: "type", value: type))
                : typeNode.error(
                    .invalidValue(key: "type", value: type, expected: .oneOf(["bind", "volume", "tmpfs"])))
        }
        if type == "tmpfs" { return nil }
        guard let targetNode = fields["target"] else { throw node.error(.missingKey("target", owner: "a volume")) }
        let target = try targetNode.imagePath("target")
        let isReadOnly = try fields["read_only"]?.boolean("read_only") ?? false
        let volume = try fields["volume"]?.fields(
            "'volume'", "volume", known: ["nocopy", "labels"], unsupported: ["subpath"])
        let bind = try fields["bind"]?.fields(
            "'bind'", "bind", known: ["create_host_path", "selinux"], unsupported: ["propagation", "recursive"])
        let source: Source
        if let sourceNode = fields["source"] {
            let text = try sourceNode.text("source")
            let invalid = sourceNode.error(.invalidValue(key: "source", value: text, expected: .volume))
            source =
                type == "bind"
                ? .bind(text, createsMissing: try bind?["create_host_path"]?.boolean("create_host_path") ?? true)
                : try Self.source(text, createsMissing: false, invalid)
            if type == "volume", case .bind = source { throw invalid }
        } else if type == "bind" {
            throw node.error(.missingKey("source", owner: "a volume of type bind"))
        } else {
            source = .anonymous
        }
        return VolumeUse(
            source: source, target: target, isReadOnly: isReadOnly,
            copiesImage: !(try volume?["nocopy"]?.boolean("nocopy") ?? false), place: node.place)
    }
}

extension TemporaryFileSystem {
    /// Reads `TARGET[:size=64m,mode=755,uid=1000,gid=1000]`.
    init(short node: ComposeNode) throws(ComposeError) {
        let text = try node.text("tmpfs")
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let path = parts.first, path.hasPrefix("/"), let target = ImagePath(path) else {
            throw node.error(.invalidValue(key: "tmpfs", value: text, expected: .absolutePath))
        }
        self.init(target: target)
        for option in parts.count == 2 ? parts[1].split(separator: ",") : [] {
            let words = option.split(separator: "=", maxSplits: 1).map(String.init)
            let value = ComposeNode(.scalar(words.count == 2 ? words[1] : ""), at: node.place)
            switch words.first {
            case "size": size = try value.bytes("size")
            case "mode": mode = try value.mode("mode")
            case "uid": user = try value.identifier("uid")
            case "gid": group = try value.identifier("gid")
            case "rw", "nosuid", "nodev", "noexec", "exec": break
            default: throw node.error(.unsupportedValue(key: "tmpfs", value: text))
            }
        }
    }

    /// Reads a volume of the type tmpfs.
    init(volume node: ComposeNode) throws(ComposeError) {
        guard let target = node["target"] else { throw node.error(.missingKey("target", owner: "a volume")) }
        self.init(target: try target.imagePath("target"))
        let fields = try node["tmpfs"]?.fields("'tmpfs'", "tmpfs", known: ["size", "mode"])
        size = try fields?["size"]?.bytes("size")
        mode = try fields?["mode"]?.mode("mode")
    }
}

extension SecretUse {
    /// Reads a secret's name, or the long form (Compose specification, "secrets").
    init(_ node: ComposeNode) throws(ComposeError) {
        guard case .mapping = node.content else {
            let name = try node.text("secrets")
            guard isName(name), let target = ImagePath("/run/secrets/\(name)") else {
                throw node.error(.invalidValue(key: "secrets", value: name, expected: .name))
            }
            self.init(secret: name, target: target, place: node.place)
            return
        }
        let fields = try node.fields("a secret", "secrets", known: ["source", "target", "uid", "gid", "mode"])
        guard let source = fields["source"] else { throw node.error(.missingKey("source", owner: "a secret")) }
        let name = try source.text("source")
        let text = try fields["target"]?.text("target") ?? name
        guard let target = ImagePath(text.hasPrefix("/") ? text : "/run/secrets/\(text)"), !target.isRoot else {
            throw node.error(.invalidValue(key: "target", value: text, expected: .absolutePath))
        }
        self.init(secret: name, target: target, place: node.place)
        user = try fields["uid"]?.identifier("uid") ?? 0
        group = try fields["gid"]?.identifier("gid") ?? 0
        mode = try fields["mode"]?.mode("mode") ?? 0o444
    }
}

import LinuxSystem
import OCI

/// What this builder says of itself to clients of BuildKit.
enum BuilderCapabilities {
    private static let frontend = [
        "solve.base", "solve.inlinereturn", "return", "returnmap", "proto.refarray", "resolveimage", "readfile",
        "importcaches",
        "frontend.inputs", "frontend.caps", "reference.output", "gateway.evaluate", "gateway.evaluate.solve",
        "gateway.solve.evaluate", "gateway.solve.metadata",
    ]
    private static let operations = [
        "source.image", "source.local", "source.local.followpaths", "source.local.excludepatterns", "source.git",
        "source.http", "exec.meta.base",
        "exec.mount.bind", "exec.mount.cache", "exec.mount.secret", "exec.mount.ssh", "exec.mount.tmpfs", "file.base",
        "constraints", "platform",
        "meta.ignorecache", "meta.description", "meta.exportcache", "exporter.multiple", "exporter.image.annotations",
        "exporter.image.attestations",
    ]

    /// PongResponse
    static var pong: [UInt8] {
        ProtobufWriter.message { pong in
            for id in frontend { pong.message(1) { capability(id, &$0) } }
            for id in operations { pong.message(2) { capability(id, &$0) } }
            pong.message(3, worker)
        }
    }

    private static func capability(_ id: String, _ writer: inout ProtobufWriter) {
        writer.string(1, id)
        writer.flag(2, true)
    }

    /// WorkerRecord
    static var worker: [UInt8] {
        ProtobufWriter.message { worker in
            worker.string(1, "distill")
            let labels = [
                "org.mobyproject.buildkit.worker.executor": "oci",
                "org.mobyproject.buildkit.worker.hostname": "distill",
                "org.mobyproject.buildkit.worker.snapshotter": "overlayfs",
                "org.mobyproject.buildkit.worker.network": "bridge",
            ]
            worker.map(2, labels.mapValues { Array($0.utf8) })
            for platform in platforms { worker.message(3) { self.platform(platform, &$0) } }
            worker.message(5, version)
        }
    }

    /// The machine's own first.
    private static var platforms: [Platform] {
        let others =
            ["amd64", "arm64", "riscv64", "ppc64le", "s390x", "386"].map { Platform(os: "linux", architecture: $0) }
            + [
                Platform(os: "linux", architecture: "arm", variant: "v7"),
                Platform(os: "linux", architecture: "arm", variant: "v6"),
            ]
        return [.host] + others.filter { $0 != .host && Emulation.isRegistered($0.architecture) }
    }

    private static func platform(_ platform: Platform, _ writer: inout ProtobufWriter) {
        writer.string(1, platform.architecture)
        writer.string(2, platform.os)
        writer.string(3, platform.variant ?? "")
    }

    /// BuildkitVersion
    static var version: [UInt8] {
        ProtobufWriter.message { version in
            version.string(1, "distill")
            version.string(2, "v\(ToolVersion.text)")
        }
    }
}

import ArgumentParser
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct DiskUsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "df", abstract: "Show what the store holds, and what can go.")
    @Flag(name: [.short, .long], help: "Show each image, layer and cache mount.")
    var verbose = false
    @Option(help: ArgumentHelp("'table', 'json', or a template of {{.Field}}.", valueName: "format"))
    var format: String?

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        if verbose { return try UsageTables(usage: store.detailedUsage(), now: FileTime.now.seconds).show(format) }
        let usage = try store.usage()
        guard let format, format != "table" else { return StandardStream.output.show(Self.table(usage)) }
        let template = format == "json" ? nil : try GoTemplate(parsing: GoTemplate.expandingEscapes(format))
        for row in usage.map(Self.document) {
            if let template {
                StandardStream.output.pass(try template.render(row) + "\n")
            } else {
                StandardStream.output.show("\(ShownText(json: row.text))\n")
            }
        }
    }

    private static func share(_ usage: Store.Usage) -> String {
        let share = usage.size > 0 ? " (\(usage.reclaimable * 100 / usage.size)%)" : ""
        return HumanSize.text(usage.reclaimable) + share
    }

    private static func table(_ usage: [Store.Usage]) -> ShownText {
        var table = Table(header: ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"])
        for usage in usage {
            table.append([
                usage.kind.rawValue, String(usage.count), String(usage.active), HumanSize.text(usage.size),
                share(usage),
            ])
        }
        return table.text
    }

    private static func document(_ usage: Store.Usage) -> JSON {
        .object([
            "Active": .string(String(usage.active)), "Reclaimable": .string(share(usage)),
            "Size": .string(HumanSize.text(usage.size)),
            "TotalCount": .string(String(usage.count)), "Type": .string(usage.kind.rawValue),
        ])
    }
}

/// Everything in a store, one by one.
struct UsageTables {
    let usage: Store.DetailedUsage
    /// Seconds since 1970.
    let now: Int64

    func show(_ format: String?) throws {
        if let format, format != "table" {
            let document = JSON.object([
                "Images": .array(usage.images.map(document)), "BuildCache": .array(usage.layers.map(document)),
                "CacheMounts": .array(usage.mounts.map(document)),
            ])
            if format == "json" { return StandardStream.output.show("\(ShownText(json: document.text))\n") }
            return StandardStream.output.pass(
                try GoTemplate(parsing: GoTemplate.expandingEscapes(format)).render(document) + "\n")
        }
        var table = Table(header: ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE"])
        for image in usage.images {
            let names: [ImageReference?] =
                image.summary.references.isEmpty ? [nil] : image.summary.references.map { $0 }
            for name in names {
                table.append([
                    name?.familiarName ?? "<none>", name?.tag ?? "<none>", image.summary.id.short,
                    since(image.summary.created),
                    HumanSize.text(image.summary.size), HumanSize.text(image.shared), HumanSize.text(image.unique),
                ])
            }
        }
        let cached = usage.layers.reduce(Int64(0)) { $0 + $1.size }
        let mounted = usage.mounts.reduce(Int64(0)) { $0 + $1.size }
        StandardStream.output.show(
            "Images space usage:\n\n\(table.text)\nBuild cache usage: \(HumanSize.text(cached))\n\n\(layers)\nCache mounts usage: \(HumanSize.text(mounted))\n\n\(mounts)"
        )
    }

    private var layers: ShownText {
        var table = Table(header: ["LAYER ID", "LAST USED", "SIZE", "RECLAIMABLE"])
        for layer in usage.layers {
            table.append([
                layer.layer.digest.short, HumanDuration.ago(seconds: now - layer.lastUsed), HumanSize.text(layer.size),
                layer.isInImage ? "false" : "true",
            ])
        }
        return table.text
    }

    private var mounts: ShownText {
        var table = Table(header: ["CACHE ID", "LAST USED", "SIZE"])
        for mount in usage.mounts {
            table.append([
                mount.id ?? "<unknown>", HumanDuration.ago(seconds: now - mount.lastUsed), HumanSize.text(mount.size),
            ])
        }
        return table.text
    }

    /// What `builder du` shows.
    func showCache(_ options: FactOptions) throws {
        let rows = usage.layers.map(document) + usage.mounts.map(document)
        let reclaimable =
            usage.layers.filter { !$0.isInImage }.reduce(Int64(0)) { $0 + $1.size }
            + usage.mounts.reduce(0) { $0 + $1.size }
        let total = usage.layers.reduce(Int64(0)) { $0 + $1.size } + usage.mounts.reduce(0) { $0 + $1.size }
        try options.show(.array(rows)) {
            "\(layers)\n\(mounts)\nReclaimable:\t\(HumanSize.text(reclaimable))\nTotal:\t\t\(HumanSize.text(total))\n"
        }
    }

    private func since(_ created: String?) -> String {
        created.flatMap(Timestamp.init(rfc3339:)).map { HumanDuration.ago(seconds: now - $0.seconds) } ?? "N/A"
    }

    private func document(_ image: Store.DetailedUsage.ImageUse) -> JSON {
        .object([
            "ID": .string(image.summary.id.description), "RepoTags": .strings(image.summary.references.map(\.familiar)),
            "Size": .integer(image.summary.size), "SharedSize": .integer(image.shared),
            "UniqueSize": .integer(image.unique),
        ])
    }

    private func document(_ layer: Store.DetailedUsage.CachedLayer) -> JSON {
        .object([
            "ID": .string(layer.layer.description), "CacheType": .string("regular"), "Size": .integer(layer.size),
            "LastUsedAt": .string(Timestamp(seconds: layer.lastUsed).rfc3339), "InUse": .bool(layer.isInImage),
        ])
    }

    private func document(_ mount: CacheMountDirectory.Entry) -> JSON {
        .object([
            "ID": .string(mount.id ?? ""), "CacheType": .string("exec.cachemount"), "Size": .integer(mount.size),
            "LastUsedAt": .string(Timestamp(seconds: mount.lastUsed).rfc3339), "InUse": .bool(false),
        ])
    }
}

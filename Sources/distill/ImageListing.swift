import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

/// The list of images as docker prints it.
struct ImageListing {
    private struct Row {
        let summary: ImageDirectory.Summary
        let reference: ImageReference?
    }

    private let rows: [Row]
    private let options: ImageListOptions
    private let now = FileTime.now.seconds

    init(store: Store, options: ImageListOptions) throws {
        self.options = options
        let filters = try options.filter.map { try Filter($0, store) }
        var rows: [Row] = []
        for summary in try store.images.list() {
            let references: [ImageReference?] = summary.references.isEmpty ? [nil] : summary.references.map { $0 }
            for reference in references where Self.matches(options.name, reference) {
                let row = Row(summary: summary, reference: reference)
                if try filters.allSatisfy({ try $0.admits(row.summary, row.reference, store) }) { rows.append(row) }
            }
        }
        // The newest first, and by name where they are of one moment.
        self.rows = rows.map { (row: $0, created: $0.summary.created ?? "", name: $0.reference?.description ?? "") }
            .sorted { ($0.created, $1.name) > ($1.created, $0.name) }
            .map(\.row)
    }

    private static func matches(_ name: String?, _ reference: ImageReference?) -> Bool {
        guard let name else { return true }
        // no such name: nothing to show
        guard let reference, let wanted = try? ImageReference(name) else { return false }
        return reference.familiarName == wanted.familiarName && (wanted.tag == nil || wanted.tag == reference.tag)
    }

    /// Prints the list in the form that the options ask for.
    func show() throws {
        if options.quiet {
            var seen: Set<Digest> = []
            return StandardStream.output.show(
                rows.map(\.summary.id).filter { seen.insert($0).inserted }.map { "\(identifier($0))\n" }.joined())
        }
        guard let format = options.format, format != "table" else { return StandardStream.output.show(table()) }
        if format == "json" {
            return StandardStream.output.show(rows.map { "\(ShownText(json: json($0).text))\n" }.joined())
        }
        let isTable = format.hasPrefix("table ")
        let text = isTable ? String(format.dropFirst("table ".count)) : format
        let template = try GoTemplate(parsing: GoTemplate.expandingEscapes(text))
        let lines = try rows.map { try template.render(json($0)) }
        guard isTable else { return StandardStream.output.pass(lines.map { $0 + "\n" }.joined()) }
        var table = Table(header: try template.render(Self.headers).split(separator: "\t").map(String.init))
        for line in lines {
            table.append(line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init))
        }
        StandardStream.output.show(table.text)
    }

    private func table() -> ShownText {
        let digestColumn = options.digests ? ["DIGEST"] : []
        var table = Table(header: ["REPOSITORY", "TAG"] + digestColumn + ["IMAGE ID", "CREATED", "SIZE"])
        for row in rows {
            let digest = options.digests ? [row.summary.manifest?.description ?? "<none>"] : []
            table.append(
                [row.reference?.familiarName ?? "<none>", row.reference?.tag ?? "<none>"] + digest
                    + [
                        identifier(row.summary.id), since(row.summary),
                        HumanSize.text(row.summary.size) + (row.summary.isPacked ? " packed" : ""),
                    ])
        }
        return table.text
    }

    private func identifier(_ id: Digest) -> String { options.noTrunc ? id.description : id.short }

    private func since(_ summary: ImageDirectory.Summary) -> String {
        guard let created = summary.created.flatMap(Timestamp.init(rfc3339:)) else { return "N/A" }
        return HumanDuration.ago(seconds: now - created.seconds)
    }

    private static let headers = JSON.object([
        "Repository": .string("REPOSITORY"), "Tag": .string("TAG"), "Digest": .string("DIGEST"),
        "ID": .string("IMAGE ID"),
        "CreatedSince": .string("CREATED"), "CreatedAt": .string("CREATED AT"), "Size": .string("SIZE"),
    ])

    private func json(_ row: Row) -> JSON {
        .object([
            "Containers": .string("N/A"),
            "CreatedAt": .string(row.summary.created.flatMap(Timestamp.init(rfc3339:))?.text ?? "N/A"),
            "CreatedSince": .string(since(row.summary)),
            "Digest": .string(row.summary.manifest?.description ?? "<none>"),
            "ID": .string(identifier(row.summary.id)),
            "Platform": .string(row.summary.platform),
            "Repository": .string(row.reference?.familiarName ?? "<none>"),
            "Size": .string(HumanSize.text(row.summary.size)),
            "Tag": .string(row.reference?.tag ?? "<none>"),
        ])
    }
}

extension ImageListing {
    /// One `--filter`.
    private enum Filter {
        case dangling(Bool)
        case reference(String)
        case label(name: String, value: String?)
        case before(String)
        case since(String)

        init(_ text: String, _ store: Store) throws {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw InvalidOption(name: "--filter", value: text, reason: "the form is NAME=VALUE")
            }
            func created() throws -> String {
                try store.images.image(store.images.resolve(parts[1])).config.created ?? ""
            }
            switch parts[0] {
            case "dangling":
                guard let isWanted = SwitchWord.value(parts[1]) else {
                    throw InvalidOption(name: "--filter", value: text, reason: "dangling is true or false")
                }
                self = .dangling(isWanted)
            case "reference": self = .reference(parts[1])
            case "label":
                let label = parts[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                    String.init)
                guard let name = label.first, !name.isEmpty else {
                    throw InvalidOption(name: "--filter", value: text, reason: "the form is label=NAME[=VALUE]")
                }
                self = .label(name: name, value: label.count == 2 ? label[1] : nil)
            case "before": self = .before(try created())
            case "since": self = .since(try created())
            default:
                throw InvalidOption(
                    name: "--filter", value: text, reason: "known are dangling, reference, label, before and since")
            }
        }

        func admits(_ summary: ImageDirectory.Summary, _ reference: ImageReference?, _ store: Store) throws -> Bool {
            switch self {
            case .dangling(let wanted): return (reference == nil) == wanted
            case .reference(let pattern):
                guard let reference else { return false }
                let matcher = NamePattern(pattern)
                return matcher.matches(reference.familiar) || matcher.matches(reference.familiarName)
            case .label(let name, let value):
                guard let found = try store.images.image(summary.id).config.container.labels[name] else { return false }
                return value == nil || value == found
            case .before(let time): return (summary.created ?? "") < time
            case .since(let time): return (summary.created ?? "") > time
            }
        }
    }
}

import ArgumentParser
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show how an image came to be, and what each step weighs.")
    @Flag(name: [.short, .long], help: "Print image IDs only.")
    var quiet = false
    @Flag(help: "Do not shorten anything.")
    var noTrunc = false
    @Flag(name: [.customShort("H"), .long], inversion: .prefixedNo, help: "Print sizes and dates for people.")
    var human = true
    @Option(help: ArgumentHelp("'table', 'json', or a template of {{.Field}}.", valueName: "format"))
    var format: String?
    @Argument(help: ArgumentHelp("An image's name or ID.", valueName: "IMAGE"))
    var image: String

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        let id = try store.images.resolve(image)
        let rows = try ImageHistory.rows(store.images.image(id), id, store)
        let now = FileTime.now.seconds
        if quiet {
            StandardStream.output.show(rows.map { "\(self.id($0))\n" }.joined())
        } else if let format, format != "table" {
            let template = format == "json" ? nil : try GoTemplate(parsing: GoTemplate.expandingEscapes(format))
            for row in rows {
                let json = document(row, now)
                if let template {
                    StandardStream.output.pass(try template.render(json) + "\n")
                } else {
                    StandardStream.output.show("\(ShownText(json: json.text))\n")
                }
            }
        } else {
            var table = Table(header: ["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"])
            for row in rows {
                let createdBy = ShownText(line: createdBy(row))
                table.append([
                    ShownText(line: self.id(row)), ShownText(line: since(row, now)),
                    noTrunc ? createdBy : TerminalText.truncated(createdBy, columns: Self.usualWidth),
                    ShownText(line: size(row)), ShownText(line: row.entry.comment ?? ""),
                ])
            }
            StandardStream.output.show(table.text)
        }
    }

    private func id(_ row: ImageHistory.Row) -> String {
        row.id.map { noTrunc ? $0.description : $0.short } ?? "<missing>"
    }

    private func size(_ row: ImageHistory.Row) -> String { human ? HumanSize.text(row.size) : String(row.size) }

    private func since(_ row: ImageHistory.Row, _ now: Int64) -> String {
        guard let text = row.entry.created, let created = Timestamp(rfc3339: text) else { return "N/A" }
        return human ? HumanDuration.ago(seconds: now - created.seconds) : text
    }

    /// Columns of CREATED BY, and characters of it in templates.
    private static let usualWidth = 45

    /// The step with spaces in place of tabs, as docker gives it to tables and templates.
    private func createdBy(_ row: ImageHistory.Row) -> String { (row.entry.createdBy ?? "").replacing("\t", with: " ") }

    private func document(_ row: ImageHistory.Row, _ now: Int64) -> JSON {
        let createdBy = createdBy(row)
        return .object([
            "Comment": .string(row.entry.comment ?? ""),
            "CreatedAt": .string(row.entry.created ?? ""),
            "CreatedBy": .string(
                noTrunc || createdBy.count <= Self.usualWidth ? createdBy : createdBy.prefix(Self.usualWidth - 1) + "…"),
            "CreatedSince": .string(since(row, now)),
            "ID": .string(id(row)),
            "Size": .string(size(row)),
        ])
    }
}

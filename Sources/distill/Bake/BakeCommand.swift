import ArgumentParser
import Bake
import Dockerfile
import Engine
import LinuxSystem
import OCI
import Projects
import Rendering

struct BakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bake", abstract: "Build the targets of a bake file.",
        usage: "distill bake [OPTIONS] [TARGET]…")

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "A file of HCL, JSON or Compose; '-' reads standard input, several are merged. (default: docker-bake.hcl and its like)",
            valueName: "file"))
    var file: [String] = []
    @Flag(help: "Show what the targets come to, as JSON, and build nothing.")
    var print = false
    @Option(help: ArgumentHelp("List targets or variables, and build nothing.", valueName: "kind"))
    var list: String?
    @Option(
        help: ArgumentHelp(
            "Set something of the targets whose names are like a pattern, as in app.args.VERSION=2 or *.platform=linux/arm64; repeatable.",
            valueName: "target.key=value"))
    var set: [String] = []
    @Flag(help: "As --set *.load=true: keep the images in the store.")
    var load = false
    @Flag(help: "As --set *.push=true: push the images.")
    var push = false
    @Flag(help: "Execute every step.")
    var noCache = false
    @Flag(help: "Ask registries for newer versions of the base images.")
    var pull = false
    @Option(help: ArgumentHelp("As --set *.attest=type=sbom.", valueName: "options"))
    var sbom: String?
    @Option(help: ArgumentHelp("As --set *.attest=type=provenance.", valueName: "options"))
    var provenance: String?
    @Option(
        help: ArgumentHelp(
            "What is done with the targets: build; check, outline or targets look at the Dockerfiles alone.",
            valueName: "method"))
    var call: String?
    @Flag(help: "As --call check.")
    var check = false
    @Option(
        help: ArgumentHelp(
            "A right over this machine that targets may ask for: network.host, security.insecure; repeatable.",
            valueName: "right"))
    var allow: [String] = []
    @Option(help: ArgumentHelp("Write what was made to a file, as JSON.", valueName: "file"))
    var metadataFile: String?
    @Option(help: ArgumentHelp("How progress is shown: auto, tty, plain, quiet or rawjson.", valueName: "kind"))
    var progress: String = "auto"
    @OptionGroup var gate: SecretOptions
    @OptionGroup var credentials: CredentialOptions
    @Argument(help: ArgumentHelp("Targets and groups; default where none is named.", valueName: "TARGET"))
    var targets: [String] = []

    func run() async throws {
        if let url = targets.first(where: { $0.contains("://") }) {
            throw InvalidOption(
                name: "TARGET", value: url, reason: "bake files are read from this machine: fetch it first")
        }
        let environment = HostEnvironment.ofProcess()
        let definition = try BakeFiles.load(file, environment, now: FileTime.now.seconds)
        if let list { return try StandardStream.output.show(BakeListing(definition).text(list)) }
        let selection = try BakeSelection(targets, of: definition, overrides: overrides)
        if print {
            return StandardStream.output.show("\(ShownText(json: selection.json.text(indentedBy: 2)))\n")
        }
        if let metadataFile { try HostFiles.discard(metadataFile) }
        try await build(selection, environment)
    }

    /// The texts of `--set`, and those that other options stand for.
    private var overrides: [String] {
        var result = set
        if push { result.append("*.push=true") }
        if load { result.append("*.load=true") }
        if noCache { result.append("*.no-cache=true") }
        if pull { result.append("*.pull=true") }
        if let sbom { result.append(BakeSelection.attestationOverride("sbom", sbom)) }
        if let provenance { result.append(BakeSelection.attestationOverride("provenance", provenance)) }
        if let call = check ? "check" : call { result.append("*.call=\(call)") }
        return result
    }

    private func build(_ selection: BakeSelection, _ environment: HostEnvironment) async throws {
        // What cannot be asked is told before anything is built.
        for target in selection.targets.values { _ = try TargetQuestion(call: target.question) }
        let run = BakeRun(
            selection: selection, environment: environment,
            rights: Set(allow.flatMap { $0.split(separator: ",").map(String.init) }), policy: try gate.policy(),
            shown: ShownBuild(mode: try ProgressMode(progress, quiet: false)))
        let engine = try credentials.engine(environment)
        defer { engine.close() }
        let result = try await engine.together { engine in try await withInterruption { try await run.run(on: engine) }
        }
        if let metadataFile {
            try HostFiles.write(JSON.object(result.metadata).text(indentedBy: 2) + "\n", to: metadataFile)
        }
        if result.fails { throw ExitCode(1) }
    }
}

/// What a definition has, for `--list`.
struct BakeListing {
    private let definition: BakeDefinition

    init(_ definition: BakeDefinition) { self.definition = definition }

    /// - Parameter form: `targets`, `variables`, or `type=…` with `format=json`.
    func text(_ form: String) throws -> ShownText {
        var (type, format) = (form, "table")
        if form.contains("=") {
            type = ""
            for field in try CommaSeparated.fields(form, of: "--list") {
                let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
                switch parts.first {
                case "type" where parts.count == 2: type = parts[1]
                case "format" where parts.count == 2: format = parts[1]
                default: type = ""
                }
            }
        }
        guard ["table", "json"].contains(format), ["targets", "variables"].contains(type) else {
            throw InvalidOption(
                name: "--list", value: form, reason: "the form is targets or variables, or type=targets,format=json")
        }
        let rows = type == "targets" ? targets : variables
        if format == "json" { return "\(ShownText(json: JSON.array(rows.map(\.json)).text(indentedBy: 2)))\n" }
        var table = Table(
            header: type == "targets" ? ["TARGET", "DESCRIPTION"] : ["VARIABLE", "TYPE", "VALUE", "DESCRIPTION"])
        for row in rows { table.append(row.cells) }
        return table.text
    }

    private struct Row {
        let cells: [String]
        let json: JSON
    }

    private var targets: [Row] {
        definition.names.map { name in
            let group = definition.groups.first { $0.name == name }
            let details =
                group.map { $0.details ?? $0.members.joined(separator: ", ") } ?? definition.target(name)?.details
            var object: JSONObject = ["name": .string(name)]
            object["description"] = details.map(JSON.string)
            if group != nil { object["group"] = .bool(true) }
            return Row(cells: [name, details ?? ""], json: .object(object))
        }
    }

    private var variables: [Row] {
        definition.variables.map { variable in
            let value = variable.value.string ?? (variable.value == .null ? nil : variable.value.json.text)
            var object: JSONObject = ["name": .string(variable.name)]
            object["description"] = variable.details.map(JSON.string)
            object["type"] = variable.type.map(JSON.string)
            object["value"] = value.map(JSON.string)
            return Row(
                cells: [variable.name, variable.type ?? "", value ?? "<null>", variable.details ?? ""],
                json: .object(object))
        }
    }
}

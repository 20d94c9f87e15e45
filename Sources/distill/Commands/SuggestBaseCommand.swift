import ArgumentParser
import Bases
import Containers
import Debian
import Engine
import Inspection
import LinuxSystem
import OCI
import Rendering
import Storage
import SystemPackage

struct SuggestBaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest", abstract: "Name the smallest base on which a program, or an image's entry point, runs.",
        usage: "distill base suggest IMAGE|FILE")

    @Argument(
        help: ArgumentHelp(
            "An image's name or ID, or a program's file: an ELF file, a script or a jar.", valueName: "IMAGE|FILE"))
    var name: String

    func run() async throws {
        let store = try StoreLocation.open(.ofProcess())
        defer { store.close() }
        let report: ClosureCheck.Report
        if let file = HostProgram(name) {
            report = try ClosureCheck.run(file.config, file.tree, arguments: file.arguments)
        } else {
            let image = try store.images.image(store.images.resolve(name))
            report = try await store.perform { try ClosureCheck.run(image.config, StoredTree.open(image, in: store)) }
            guard report.program != nil || !report.findings.isEmpty else { throw ContainerError.noCommand(image: name) }
        }
        for line in try lines(report.needs, store) { StandardStream.output.show("\(line)\n") }
    }

    private func lines(_ needs: ProgramNeeds, _ store: Store) throws -> [String] {
        let choice = BaseChoice(for: needs)
        var lines = ["FROM \(choice.name)" + (try size(choice.name, store).map { "   # \($0)" } ?? "")]
        let reasons = needs.reasons
        lines.append(
            "  "
                + (reasons.isEmpty
                    ? "it is a static program and needs nothing" : "it needs " + reasons.joined(separator: ", ")))
        if !choice.uncovered.isEmpty {
            let packages = choice.uncovered.map { BaseChoice.package(of: $0) }
            lines.append("  the base has no \(choice.uncovered.joined(separator: ", ")); a recipe adds what has it:")
            lines += ["    from: \(choice.name)", "    packages: [\(packages.joined(separator: ", "))]"]
        }
        return lines
    }

    /// The base's size: measured if it is in the store, else what it was when this version of Distill was made.
    private func size(_ name: String, _ store: Store) throws -> String? {
        guard name != "scratch" else { return "0B" }
        if let image = try store.images.image(named: ImageReference(name)) {
            let bytes = try image.layers.reduce(Int64(0)) { try $0 + store.size(of: $1) }
            return HumanSize.text(bytes)
        }
        return BaseCatalog.typicalSize(of: name).map { "about " + HumanSize.text($0, significantDigits: 2) }
    }
}

extension ProgramNeeds {
    /// What it needs, in words.
    var reasons: [String] {
        var result: [String] = []
        switch runtime {
        case .python: result.append("Python")
        case .node: result.append("Node.js")
        case .perl: result.append("Perl")
        case .shell: result.append("a shell")
        case .java(let release): result.append(release.map { "Java \($0)" } ?? "Java")
        case nil: break
        }
        result += libraries.filter { !$0.hasPrefix("ld-linux") }.sorted()
        if let glibcVersion { result.append("glibc \(glibcVersion) or newer") }
        if speaksTLS { result.append("CA certificates") }
        if usesTimeZones { result.append("time zones") }
        return result
    }
}

/// A program in a file of this machine, as if it were alone in an image.
struct HostProgram {
    let arguments: [String]
    let tree: ImageTree
    let config: ImageConfig

    /// Nil for a name that is no file.
    init?(_ name: String) {
        let path = FilePath(name)
        // What cannot be opened is the name of an image.
        guard
            let directory = try? Directory(
                opening: path.removingLastComponent().isEmpty ? "." : path.removingLastComponent()),
            let last = path.lastComponent, let place = ImagePath("/" + last.string),
            let status = try? directory.status(Array(last.string.utf8)),  // as above
            status.kind == .regular
        else { return nil }
        tree = ImageTree(layers: [OneFile(directory: directory, path: place, size: status.size)])
        arguments =
            switch path.extension {
            case "jar": ["java", "-jar", place.description]
            case "py": ["python3", place.description]
            case "js", "mjs", "cjs": ["node", place.description]
            case "pl": ["perl", place.description]
            default: [place.description]
            }
        config = ImageConfig(platform: Self.platform(tree, place))
    }

    /// That of the program, so that one for another architecture has a base too.
    private static func platform(_ tree: ImageTree, _ path: ImagePath) -> Platform {
        // A file that cannot be read has no architecture, and is told as it is followed.
        guard let node = try? tree.lookUp(path), let elf = try? tree.elf(node), let name = elf.machine.architecture
        else { return .host }  // as above
        return Platform(os: "linux", architecture: name)
    }
}

/// One file of this machine as a layer; it may be executed, whatever its mode is.
private struct OneFile: LayerFiles {
    let directory: Directory
    let path: ImagePath
    let size: Int64

    func access(at other: ImagePath) -> FileAccess? { nil }

    func entry(at other: ImagePath) -> LayerEntry? {
        other.isRoot ? .directory(isOpaque: false) : other == path ? .file(mode: 0o755, size: size) : nil
    }

    func names(in other: ImagePath) -> [[UInt8]] { other.isRoot ? path.components : [] }

    func read(_ other: ImagePath, at offset: Int64, count: Int) throws -> [UInt8] {
        guard other == path else { return [] }
        return try directory.openFile(path.relativeBytes).read(at: offset, count: count)
    }
}

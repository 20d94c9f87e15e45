import ArgumentParser
import Diagnosis
import Engine
import Insight
import Inspection
import LinuxSystem
import OCI
import Rendering

/// Where the image is that is looked at, and for which platform.
struct InsightOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Of an image for several platforms, the one to look at.", valueName: "os/arch[/variant]"))
    var platform: String?
    @OptionGroup var credentials: CredentialOptions

    func open(_ name: String, in engine: Engine) async throws -> OpenedImage {
        try await OpenedImage.open(name, for: platform.map { try Platform(parsing: $0) }, in: engine)
    }
}

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Tell what is in an image, why, and what would make it smaller.",
        usage: "distill explain [OPTIONS] IMAGE",
        discussion: """
            IMAGE is a name or an ID of the store, a name of a registry, docker://NAME, oci:DIRECTORY[:TAG], oci-archive:FILE or
            docker-archive:FILE. Exits with 1 where the image is over a budget.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, sarif, junit }

    @Option(help: ArgumentHelp("Put bytes together by layer, instruction, package, path or reason.", valueName: "what"))
    var by: Grouping = .instruction
    @Option(
        help: ArgumentHelp(
            "How many groups and fixes are shown, the rest of the groups as one; 0 shows all.", valueName: "number"))
    var top: Int = 10
    @Option(help: ArgumentHelp("text, json, sarif (fixes and budget) or junit (the budget).", valueName: "kind"))
    var format: Format = .text
    @Flag(help: "With --format json, list every file too.")
    var files = false
    @Option(help: ArgumentHelp("Tell why a path or a package is there, and nothing else.", valueName: "path"))
    var why: String?
    @Option(help: ArgumentHelp("Write a report for browsers, in one file that needs no network.", valueName: "file"))
    var html: String?
    @Flag(
        help:
            "Measure the fixes: build again where the Dockerfile is known, and pack layers without what a fix leaves out."
    )
    var measure = false
    @Flag(
        help: "Change the Dockerfile or the ignore file as the first fix says, or those of --fix; the patch is shown.")
    var apply = false
    @Option(help: ArgumentHelp("A fix by its number, for --apply; repeatable.", valueName: "number"))
    var fix: [Int] = []
    @Flag(name: [.short, .long], help: "With --apply, do not ask.")
    var yes = false
    @OptionGroup var budget: BudgetOptions
    @OptionGroup var source: InsightOptions
    @Argument(help: ArgumentHelp("The image.", valueName: "IMAGE"))
    var name: String

    func run() async throws {
        guard top >= 0 else { throw InvalidOption(name: "--top", value: "\(top)", reason: "it is a number from 0 on") }
        let environment = HostEnvironment.ofProcess()
        let words = try budget.words(environment)
        let engine = try source.credentials.engine(environment)
        defer { engine.close() }
        let opened = try await source.open(name, in: engine)
        var explanation = try await engine.explain(opened)
        if let why { return try WhyImageCommand.show(why, explanation, opened, format == .json ? .json : .text) }
        if apply { return try FixApplication(numbers: fix, asks: !yes).run(explanation, opened, on: engine) }
        explanation = try await measured(explanation, opened, engine)
        let verdicts = try await BudgetOptions.verdicts(explanation, of: opened, words, on: engine)
        if let html { try HostFiles.write(ExplanationPage(explanation, verdicts).text, to: html) }
        show(explanation, verdicts)
        if verdicts.contains(where: { !$0.isKept }) { throw ExitCode(1) }
    }

    private func measured(_ explanation: Explanation, _ opened: OpenedImage, _ engine: Engine) async throws
        -> Explanation
    {
        // Without the Dockerfile fixes have no patches, and are not built.
        let files = try? BuildFiles(of: opened)
        let patched = files.map { engine.patching(explanation, $0) } ?? explanation
        return measure ? try await engine.measure(patched, opened, files, limit: top == 0 ? .max : top) : patched
    }

    private func show(_ explanation: Explanation, _ verdicts: [BudgetVerdict]) {
        let limit = top == 0 ? nil : top
        switch format {
        case .json:
            var document = ExplanationDocument(explanation)
            document.includesFiles = files
            document.budget = verdicts
            document.groups = (by, explanation.groups(by: by, limit: limit))
            StandardStream.output.show("\(ShownText(json: document.json.indentedText))\n")
        case .sarif:
            StandardStream.output.show(
                "\(ShownText(json: FindingsSARIF.document(explanation, verdicts).indentedText))\n")
        case .junit: StandardStream.output.show(ShownText(lines: BudgetReport.junit(verdicts, image: explanation.name)))
        case .text:
            let text = ExplanationText(explanation, Distill.outputStyle)
            let rules = BudgetReport.text(verdicts, Distill.outputStyle)
            let gap: ShownText = rules.isEmpty ? "" : "\n"
            let tree = text.tree(by, top: limit)
            StandardStream.output.show("\(text.head)\n\(tree)\(text.fixes(limit: limit))\(gap)\(rules)")
        }
    }
}

extension Grouping: ExpressibleByArgument {}

/// Changes the files of a build as fixes say, and shows how before it does.
struct FixApplication {
    let numbers: [Int]
    let asks: Bool

    func run(_ explanation: Explanation, _ opened: OpenedImage, on engine: Engine) throws {
        let files = try BuildFiles(of: opened)
        let fixes = engine.patching(explanation, files).fixes
        for number in numbers where !fixes.indices.contains(number - 1) { throw InsightError.noFix("\(number)") }
        let chosen =
            numbers.isEmpty ? fixes.first { $0.patch != nil }.map { [$0] } ?? [] : numbers.map { fixes[$0 - 1] }
        let patches = chosen.compactMap(\.patch)
        guard !patches.isEmpty else { throw InsightError.nothingToApply }
        for target in [Fix.Patch.Target.dockerfile, .ignoreFile] {
            let wanted = patches.filter { $0.target == target }.flatMap(\.edits)
            guard !wanted.isEmpty else { continue }
            let edits = InsightPatch.disjoint(wanted)
            if edits.count < wanted.count {
                StandardStream.error.show("fixes of the same lines come after the next build\n")
            }
            let (path, text) = (files.path(of: target), files.text(of: target))
            StandardStream.output.show(ShownText(lines: InsightPatch.unified(edits, of: text, name: path)))
            if asks, Terminal.isTerminal(0) {
                StandardStream.error.show("Change '\(path)'? [y/N] ")
                guard readLine()?.lowercased().hasPrefix("y") == true else { continue }
            }
            try HostFiles.write(InsightPatch.apply(edits, to: text), to: path)
        }
    }
}

import ArgumentParser
import Engine
import Insight
import Inspection
import LinuxSystem
import OCI
import Rendering
import Solver
import Storage

/// What an image may be at most; the same on `explain` and `build`.
struct BudgetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Fail above this size on the disk, as in 50MB.", valueName: "size"))
    var maxSize: String?
    @Option(help: ArgumentHelp("Fail above this size of the packed layers.", valueName: "size"))
    var maxTransfer: String?
    @Option(
        help: ArgumentHelp("Fail above this waste: overwritten and deleted bytes, as in 1MB or 5%.", valueName: "size"))
    var maxWaste: String?
    @Option(
        help: ArgumentHelp("Fail above this growth against the image of --against, as in 1MB or 5%.", valueName: "size")
    )
    var maxGrowth: String?
    @Option(help: ArgumentHelp("The image that --max-growth compares with.", valueName: "IMAGE"))
    var against: String?
    @Option(help: ArgumentHelp("Fail above this number of layers.", valueName: "number"))
    var maxLayers: String?
    @Option(
        help: ArgumentHelp(
            "Fail where this is in the image: shell, package-manager, setuid, or a pattern of paths; repeatable.",
            valueName: "what"))
    var forbid: [String] = []
    @Option(
        help: ArgumentHelp(
            "A file of such rules. (default: distill.budget.yaml, where there is one)", valueName: "file"))
    var budget: String?

    /// What was given, over what the file says.
    func words(_ environment: HostEnvironment) throws -> Budget.Words {
        var words = Budget.Words()
        (words.size, words.transfer, words.waste, words.growth) = (maxSize, maxTransfer, maxWaste, maxGrowth)
        (words.layers, words.against, words.forbidden) = (maxLayers, against, forbid)
        return words.over(try Budget.read(budget, environment))
    }

    /// Holds an image to the budget; nothing without one.
    static func verdicts(
        _ explanation: Explanation, of opened: OpenedImage, _ words: Budget.Words, on engine: Engine
    ) async throws -> [BudgetVerdict] {
        let budget = try Budget(words)
        guard !budget.isEmpty else { return [] }
        var explanation = explanation
        if budget.maximumTransfer != nil, explanation.transfer == nil {
            explanation.replaceTransferSizes(try await opened.packedTransferSizes())
        }
        var former: Explanation?
        if budget.maximumGrowth != nil, let against = words.against {
            former = try await engine.explain(
                OpenedImage.open(against, for: explanation.config.platform, in: engine), followsProgram: false)
        }
        return BudgetCheck(explanation, against: former).verdicts(budget)
    }
}

/// What is told of an image that was just built: its budget, and what would make it smaller.
struct BuiltImageAdvice {
    /// Bytes and percent of the image, below which nothing is said.
    private static let minimum: (bytes: Int64, percent: Int64) = (1 << 20, 5)

    let engine: Engine
    let words: Budget.Words
    let tellsFix: Bool

    /// - Throws: `ExitCode(1)` where an image is over its budget.
    func tell(_ outcome: BuildOutcome, name: String?) async throws {
        let hasBudget = try !Budget(words).isEmpty
        var isOver = false
        for result in outcome.results {
            let opened = OpenedImage(
                built: result.image, name: name ?? "sha256:\(result.image.id.short)", in: engine)
            if hasBudget, try await isOverBudget(opened) { isOver = true }
            if tellsFix, let line = await line(result, opened) { StandardStream.error.show(line) }
        }
        if isOver { throw ExitCode(1) }
    }

    private func isOverBudget(_ opened: OpenedImage) async throws -> Bool {
        let explanation = try await engine.explain(opened, followsProgram: false)
        let verdicts = try await BudgetOptions.verdicts(explanation, of: opened, words, on: engine)
        StandardStream.error.show(BudgetReport.text(verdicts, Distill.errorStyle))
        return verdicts.contains { !$0.isKept }
    }

    /// The best fix; nothing of an image that came from the cache, or whose own layers are too small to be worth a look.
    private func line(_ result: Build.Result, _ opened: OpenedImage) async -> ShownText? {
        guard result.solution.executedCount > 0, let total = result.solution.size(of: result.target) else { return nil }
        let own = opened.image.layers.dropFirst(result.solution.baseLayerCount(of: result.target))
        do {
            let size = try own.reduce(Int64(0)) { try $0 + engine.store.size(of: $1) }
            guard Self.isWorthALook(size, of: total) else { return nil }
            let explanation = try await engine.explainOwnLayers(of: opened)
            guard let fix = explanation.fixes.first, fix.method != .none,
                Self.isWorthALook(fix.saving.alone, of: total)
            else { return nil }
            let saving: ShownText = "\(HumanSize.text(fix.saving.alone)) (\(Share.text(fix.saving.alone, of: total)))"
            return "smaller: \(InsightWords(explanation).title(fix)): saves \(saving); distill explain tells more\n"
        } catch {
            // The image is built; what cannot be looked into is no reason to fail.
            return nil
        }
    }

    private static func isWorthALook(_ bytes: Int64, of total: Int64) -> Bool {
        bytes >= minimum.bytes && bytes >= total / 100 * minimum.percent
    }
}

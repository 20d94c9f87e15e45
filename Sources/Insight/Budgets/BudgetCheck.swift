package import Inspection
import Rendering

/// Holds an image to a budget.
package struct BudgetCheck {
    private static let blamed = 5

    private let explanation: Explanation
    /// What it is compared with.
    private let former: Explanation?

    package init(_ explanation: Explanation, against former: Explanation?) {
        (self.explanation, self.former) = (explanation, former)
    }

    package func verdicts(_ budget: Budget) -> [BudgetVerdict] {
        let sums = explanation.sums
        var result: [BudgetVerdict] = []
        if let limit = budget.maximumSize { result.append(size("max-size", sums.total, limit)) }
        if let limit = budget.maximumTransfer { result.append(size("max-transfer", explanation.transfer, limit)) }
        if let limit = budget.maximumWaste { result.append(waste(limit)) }
        if let limit = budget.maximumGrowth { result.append(growth(limit)) }
        if let limit = budget.maximumLayers {
            let count = explanation.account.layers.count
            result.append(
                BudgetVerdict(
                    rule: "max-layers", limit: .count(limit), value: .count(count), isKept: count <= limit))
        }
        return result + budget.forbidden.map(forbidden)
    }

    private func size(_ rule: String, _ value: Int64?, _ limit: Int64) -> BudgetVerdict {
        let isKept = value.map { $0 <= limit } ?? false
        var verdict = BudgetVerdict(
            rule: rule, limit: .bytes(limit), value: value.map(BudgetVerdict.Quantity.bytes), isKept: isKept)
        if value == nil {
            verdict.details = ["a layer was never packed: push or save the image, or ask for max-size"]
        } else if !isKept {
            verdict.details = largest()
        }
        return verdict
    }

    private func largest() -> [String] {
        let words = InsightWords(explanation)
        return Explanation.largest(explanation.groups(by: .instruction, limit: nil), Self.blamed)
            .map { "\(HumanSize.text($0.bytes)) \(words.label($0.label))" }
    }

    private func waste(_ limit: Budget.Amount) -> BudgetVerdict {
        let sums = explanation.sums
        var verdict = Self.verdict("max-waste", sums.waste, of: sums.total, limit)
        verdict.told = "\(HumanSize.text(sums.waste)) (\(Share.text(sums.waste, of: sums.total)))"
        if !verdict.isKept {
            verdict.details = explanation.account.hidden.prefix(Self.blamed).map { hidden in
                "\(HumanSize.text(hidden.size)) \(ExplanationDocument.text(hidden.path)) of layer \(hidden.layer + 1)"
            }
        }
        return verdict
    }

    private static func verdict(
        _ rule: String, _ value: Int64, of total: Int64, _ limit: Budget.Amount
    ) -> BudgetVerdict {
        switch limit {
        case .bytes(let bytes):
            return BudgetVerdict(rule: rule, limit: .bytes(bytes), value: .bytes(value), isKept: value <= bytes)
        case .percent(let share):
            let actual = total > 0 ? Double(value) / Double(total) * 100 : value > 0 ? 100 : 0
            return BudgetVerdict(
                rule: rule, limit: .percent(share), value: .percent(actual),
                isKept: Double(value) <= Double(total) * share / 100)
        }
    }

    private func growth(_ limit: Budget.Amount) -> BudgetVerdict {
        guard let former else {
            return BudgetVerdict(rule: "max-growth", limit: .bytes(0), value: nil, isKept: false)
        }
        let (before, now) = (former.sums.total, explanation.sums.total)
        var verdict = Self.verdict("max-growth", now - before, of: before, limit)
        let share = now > before ? " (\(Share.text(now - before, of: before)))" : ""
        verdict.told = DifferenceText.signed(now - before) + share
        if !verdict.isKept { verdict.details = Self.grown(from: former, to: explanation) }
        return verdict
    }

    /// What grew, by instructions and packages.
    static func grown(from former: Explanation, to explanation: Explanation) -> [String] {
        let difference = ImageDifference(former, explanation, isSemantic: true)
        let steps = difference.steps.map { (bytes: ($0.right ?? 0) - ($0.left ?? 0), text: $0.text) }
        let packages = difference.packages.map {
            (bytes: $0.bytes, text: "\($0.name) \($0.right ?? "") (\($0.ecosystem.rawValue))")
        }
        return [steps, packages].flatMap { group in
            group.filter { $0.bytes > 0 }.sorted { ($1.bytes, $0.text) < ($0.bytes, $1.text) }.prefix(Self.blamed)
                .map { "\(DifferenceText.signed($0.bytes)) \($0.text)" }
        }
    }

    // MARK: What must not be there

    private static let shells: Set = [
        "sh", "ash", "bash", "dash", "zsh", "ksh", "mksh", "csh", "tcsh", "fish", "busybox",
    ]
    private static let managers: Set = [
        "apt", "apt-get", "aptitude", "dpkg", "apk", "dnf", "dnf5", "microdnf", "tdnf", "yum", "rpm", "zypper",
        "pacman", "opkg",
    ]

    private func forbidden(_ what: Budget.Forbidden) -> BudgetVerdict {
        let found = explanation.account.visible.filter { isForbidden($0, what) }
        var verdict = BudgetVerdict(
            rule: "forbid \(what.text)", limit: .count(0), value: .count(found.count), isKept: found.isEmpty)
        verdict.details = found.prefix(Self.blamed * 2).map { ExplanationDocument.text($0.path) }
        return verdict
    }

    private func isForbidden(_ visible: ImageAccount.Visible, _ what: Budget.Forbidden) -> Bool {
        let entry = explanation.account.entry(visible)
        switch what {
        case .shell: return isProgram(visible, entry, Self.shells)
        case .packageManager: return isProgram(visible, entry, Self.managers)
        case .setuid: return explanation.account.file(visible) != nil && entry.mode & 0o6000 != 0
        case .pattern(let text): return entry.kind != .directory && PathGlob(text).matches(visible.path)
        }
    }

    /// A program, or a link to something, of one of the names in a directory of programs.
    private func isProgram(_ visible: ImageAccount.Visible, _ entry: LayerRecord.Entry, _ names: Set<String>) -> Bool {
        guard names.contains(String(decoding: Self.name(visible.path), as: UTF8.self)) else { return false }
        let parent = visible.path.split(separator: UInt8(ascii: "/")).dropLast().last.map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parent == "bin" || parent == "sbin" || parent == "busybox" else { return false }
        return entry.kind == .symbolicLink || explanation.account.file(visible).map { $0.mode & 0o111 != 0 } ?? false
    }

    private static func name(_ path: [UInt8]) -> ArraySlice<UInt8> {
        path.split(separator: UInt8(ascii: "/")).last ?? []
    }
}

extension Explanation {
    /// The groups with the most bytes.
    static func largest(_ groups: [ByteGroup], _ count: Int) -> [ByteGroup] {
        Array(groups.sorted { $0.bytes > $1.bytes }.prefix(count))
    }
}

package import Inspection
import OCI
package import Rendering

/// An explanation for people: five lines that say the most important, then a tree.
package struct ExplanationText {
    private static let barWidth = 20

    private let explanation: Explanation
    private let words: InsightWords
    private let style: Style

    package init(_ explanation: Explanation, _ style: Style) {
        (self.explanation, self.style) = (explanation, style)
        words = InsightWords(explanation)
    }

    /// Image, size, waste, the three largest reasons, the best fix.
    package var head: ShownText {
        let sums = explanation.sums
        let count = explanation.account.layers.count
        let platform = explanation.config.platform
        var lines: [(String, ShownText)] = [
            ("image", "\(explanation.name)  sha256:\(explanation.id.short)  \(platform)")
        ]
        let layers: ShownText = count == 1 ? "1 layer" : "\(count) layers"
        let travels: ShownText = explanation.transfer.map { ", \(HumanSize.text($0)) to transfer" } ?? ""
        lines.append(("size", "\(HumanSize.text(sums.total)) in \(layers), \(sums.files) files\(travels)"))
        var waste: ShownText = "\(HumanSize.text(sums.waste)) (\(Share.text(sums.waste, of: sums.total)))"
        if sums.waste > 0 {
            waste +=
                ": \(HumanSize.text(sums.overwritten)) overwritten, \(HumanSize.text(sums.deleted)) deleted by later layers"
        }
        lines.append(("waste", waste))
        let reasons = explanation.groups(by: .reason, limit: 1).prefix(3).map { group -> ShownText in
            "\(words.label(group.label)) \(HumanSize.text(group.bytes))"
        }
        lines.append(("most of it", reasons.isEmpty ? "nothing" : reasons.joined(separator: "; ")))
        lines.append(
            ("best fix", explanation.fixes.first.map { fix($0) } ?? "nothing found that would make it smaller"))
        return lines.map {
            "\(style.paint("\($0.0)\(String(repeating: " ", count: 12 - $0.0.count))", .faint))\($0.1)\n"
        }.joined()
    }

    private func fix(_ fix: Fix) -> ShownText {
        let total = explanation.sums.total
        guard fix.method != .none else { return "\(words.title(fix)) (not computed)" }
        return
            "\(words.title(fix)): saves \(HumanSize.text(fix.saving.alone)) (\(Share.text(fix.saving.alone, of: total)))"
    }

    // MARK: The tree

    /// The groups with bars; every group's bytes are a part of the image's size.
    package func tree(_ grouping: Grouping, top: Int?) -> ShownText {
        let groups = explanation.groups(by: grouping, limit: top)
        let total = explanation.sums.total
        return lines(groups, total, depth: 0).joined()
    }

    private func lines(_ groups: [ByteGroup], _ total: Int64, depth: Int) -> [ShownText] {
        groups.flatMap { group -> [ShownText] in
            [line(group, total, depth)] + lines(group.parts, total, depth: depth + 1)
        }
    }

    private func line(_ group: ByteGroup, _ total: Int64, _ depth: Int) -> ShownText {
        let size = Self.right(HumanSize.text(group.bytes), 8)
        let share = Self.right(Share.text(group.bytes, of: total), 8)
        let filled = total > 0 ? Int(Double(group.bytes) / Double(total) * Double(Self.barWidth) + 0.5) : 0
        let bar =
            String(repeating: "█", count: min(Self.barWidth, max(0, filled)))
            + String(repeating: "░", count: max(0, Self.barWidth - filled))
        let indent = String(repeating: "  ", count: depth)
        let label = ShownText(line: words.label(group.label))
        let files: ShownText = group.files > 1 && depth == 0 ? "\(style.paint("  \(group.files) files", .faint))" : ""
        return
            "\(size) \(share)  \(style.paint("\(bar)", .faint))  \(indent)\(TerminalText.truncated(label, columns: 100))\(files)\n"
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    // MARK: Fixes

    package func fixes(limit: Int?) -> ShownText {
        let fixes = explanation.fixes.prefix(limit ?? .max)
        guard !fixes.isEmpty else { return "" }
        var text: ShownText = "\n\(style.paint("fixes", .heading))\n"
        for (index, fix) in fixes.enumerated() {
            let after: ShownText =
                fix.saving.after == fix.saving.alone ? "" : ", \(HumanSize.text(fix.saving.after)) after those above"
            let transfer: ShownText = fix.transfer.map { "; \(HumanSize.text($0.alone)) less to transfer" } ?? ""
            // What is not computed has no number.
            let saved = Self.right(fix.method == .none ? "" : HumanSize.text(fix.saving.alone), 8)
            text += "\(Self.right("\(index + 1)", 3)). \(saved)  \(words.title(fix))\(after)\(transfer)\n"
        }
        return text
    }
}

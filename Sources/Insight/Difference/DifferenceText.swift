package import Inspection
package import Rendering

/// What differs between two images, for people.
package struct DifferenceText {
    private let difference: ImageDifference
    private let style: Style
    /// Lines of each part; nil for all.
    private let limit: Int?

    package init(_ difference: ImageDifference, _ style: Style, limit: Int?) {
        (self.difference, self.style, self.limit) = (difference, style, limit)
    }

    package var text: ShownText {
        if difference.isSame {
            return
                "\(difference.left.name) and \(difference.right.name) are the same\(difference.isSemantic ? " but for times and history" : "")\n"
        }
        return head + part("config", difference.config.map(config)) + part("packages", difference.packages.map(package))
            + part("instructions", difference.steps.map(step)) + part("files", difference.files.map(file))
    }

    private var head: ShownText {
        let (left, right) = (difference.left, difference.right)
        let growth = Self.signed(right.sums.total - left.sums.total)
        var text: ShownText = "\(style.paint("\(left.name) → \(right.name)", .heading))\n"
        text += "size      \(HumanSize.text(left.sums.total)) → \(HumanSize.text(right.sums.total)) (\(growth))"
        text += ", layers \(left.account.layers.count) → \(right.account.layers.count)\n"
        var counts: [ImageDifference.FileChange.Kind: Int] = [:]
        for change in difference.files { counts[change.kinds.first ?? .content, default: 0] += 1 }
        let told = ImageDifference.FileChange.Kind.allCases.compactMap { kind in
            counts[kind].map { "\($0) \(Self.words(kind))" }
        }
        return text + "files     \(told.isEmpty ? "the same" : told.joined(separator: ", "))\n"
    }

    static func words(_ kind: ImageDifference.FileChange.Kind) -> String {
        switch kind {
        case .added: "added"
        case .removed: "removed"
        case .renamed: "renamed"
        case .content: "with other content"
        case .type: "of another type"
        case .link: "pointing elsewhere"
        case .mode: "with another mode"
        case .owner: "with another owner"
        case .attributes: "with other attributes"
        case .time: "with another time only"
        }
    }

    private func part(_ title: String, _ lines: [ShownText]) -> ShownText {
        guard !lines.isEmpty else { return "" }
        let shown = limit.map { Array(lines.prefix($0)) } ?? lines
        let rest: ShownText = lines.count > shown.count ? "  and \(lines.count - shown.count) more\n" : ""
        return "\n\(style.paint("\(title)", .heading))\n\(shown.map { "  \($0)\n" }.joined())\(rest)"
    }

    private func config(_ change: ImageDifference.ConfigChange) -> ShownText {
        switch (change.left, change.right) {
        case (nil, let right): "\(style.paint("+", .success)) \(change.name): \(right ?? "")"
        case (let left, nil): "\(style.paint("-", .error)) \(change.name): \(left ?? "")"
        case (let left, let right): "\(style.paint("~", .warning)) \(change.name): \(left ?? "") → \(right ?? "")"
        }
    }

    private func package(_ change: ImageDifference.PackageChange) -> ShownText {
        let name: ShownText = "\(change.name) (\(change.ecosystem.rawValue))"
        let bytes = Self.signed(change.bytes)
        switch change.kind {
        case .added: return "\(style.paint("+", .success)) \(name) \(change.right ?? "")  \(bytes)"
        case .removed: return "\(style.paint("-", .error)) \(name) \(change.left ?? "")  \(bytes)"
        case .upgraded:
            return "\(style.paint("↑", .warning)) \(name) \(change.left ?? "") → \(change.right ?? "")  \(bytes)"
        case .downgraded:
            return "\(style.paint("↓", .warning)) \(name) \(change.left ?? "") → \(change.right ?? "")  \(bytes)"
        }
    }

    private func step(_ change: ImageDifference.StepChange) -> ShownText {
        let text = TerminalText.truncated(ShownText(line: change.text), columns: 90)
        switch (change.left, change.right) {
        case (nil, let right): return "\(style.paint("+", .success)) \(HumanSize.text(right ?? 0))  \(text)"
        case (let left, nil): return "\(style.paint("-", .error)) \(HumanSize.text(left ?? 0))  \(text)"
        case (let left, let right):
            return
                "\(style.paint("~", .warning)) \(HumanSize.text(left ?? 0)) → \(HumanSize.text(right ?? 0)) (\(Self.signed((right ?? 0) - (left ?? 0))))  \(text)"
        }
    }

    private func file(_ change: ImageDifference.FileChange) -> ShownText {
        let path = ExplanationDocument.text(change.path)
        switch change.kinds.first ?? .content {
        case .added: return "\(style.paint("+", .success)) \(path)\(size(change.right, difference.right))"
        case .removed: return "\(style.paint("-", .error)) \(path)\(size(change.left, difference.left))"
        case .renamed:
            return "\(style.paint("→", .warning)) \(path), formerly \(ExplanationDocument.text(change.former ?? []))"
        case .content, .type, .link, .mode, .owner, .attributes, .time:
            return
                "\(style.paint("~", .warning)) \(path): \(change.kinds.map { told($0, change) }.joined(separator: ", "))"
        }
    }

    private func size(_ place: Int?, _ explanation: Explanation) -> ShownText {
        guard let place, let file = explanation.account.file(explanation.account.visible[place]) else { return "" }
        return "  \(HumanSize.text(file.size))"
    }

    private func told(_ kind: ImageDifference.FileChange.Kind, _ change: ImageDifference.FileChange) -> String {
        guard let left = change.left, let right = change.right else { return kind.rawValue }
        let (before, after) = (difference.left.account, difference.right.account)
        let (old, new) = (before.entry(before.visible[left]), after.entry(after.visible[right]))
        switch kind {
        case .content:
            let sizes = (before.file(before.visible[left])?.size ?? 0, after.file(after.visible[right])?.size ?? 0)
            return sizes.0 == sizes.1 ? "content" : "content \(HumanSize.text(sizes.0)) → \(HumanSize.text(sizes.1))"
        case .mode: return "mode 0\(String(old.mode, radix: 8)) → 0\(String(new.mode, radix: 8))"
        case .owner: return "owner \(old.user):\(old.group) → \(new.user):\(new.group)"
        case .type: return "type \(old.kind.word) → \(new.kind.word)"
        case .link:
            return "link \(String(decoding: old.link, as: UTF8.self)) → \(String(decoding: new.link, as: UTF8.self))"
        case .time: return "time \(old.modified) → \(new.modified)"
        case .added, .removed, .renamed, .attributes: return kind.rawValue
        }
    }

    static func signed(_ bytes: Int64) -> String { bytes > 0 ? "+" + HumanSize.text(bytes) : HumanSize.text(bytes) }
}

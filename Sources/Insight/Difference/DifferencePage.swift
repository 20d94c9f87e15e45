package import Inspection
import OCI
import Rendering

/// What differs between two images as one file for browsers: two maps with what changed marked, and tables. No network, no clock.
package struct DifferencePage {
    private static let listed = 2000
    private static let width = 480.0
    private static let height = 360.0
    /// Parts that each map shows.
    private static let tiles = 60

    private let difference: ImageDifference

    package init(_ difference: ImageDifference) { self.difference = difference }

    package var text: String {
        let (left, right) = (difference.left, difference.right)
        let title = "\(left.name) → \(right.name)"
        var text =
            PageFrame.head(title: title)
            + "<h1>\(XML.escaped(title))</h1>\n<dl><dt>Size</dt><dd>\(HumanSize.text(left.sums.total)) → \(HumanSize.text(right.sums.total)) "
        text +=
            "(\(DifferenceText.signed(right.sums.total - left.sums.total)))</dd>\n<dt>Layers</dt><dd>\(left.account.layers.count) → \(right.account.layers.count)</dd></dl>\n"
        let (former, latter) = changedDirectories
        text += "<div class=\"map\">\n\(map(left, former))\(map(right, latter))</div>\n"
        text += table(
            "Config", ["Name", "Before", "After"], difference.config.map { [$0.name, $0.left ?? "", $0.right ?? ""] })
        text += table(
            "Packages", ["Package", "Before", "After", "Bytes"],
            difference.packages.map {
                ["\($0.name) (\($0.ecosystem.rawValue))", $0.left ?? "", $0.right ?? "", String($0.bytes)]
            })
        text += table(
            "Instructions", ["Instruction", "Before", "After"],
            difference.steps.map { [$0.text, $0.left.map(String.init) ?? "", $0.right.map(String.init) ?? ""] })
        text += table(
            "Files", ["Path", "Change"],
            difference.files.prefix(Self.listed).map {
                [ExplanationDocument.text($0.path), $0.kinds.map(\.rawValue).joined(separator: ", ")]
            })
        if difference.files.count > Self.listed {
            text += "<p>and \(difference.files.count - Self.listed) more files</p>\n"
        }
        return text + "</main>\n</body>\n</html>\n"
    }

    /// Of each image, the directories below which something changed.
    private var changedDirectories: (Set<[UInt8]>, Set<[UInt8]>) {
        var (left, right): (Set<[UInt8]>, Set<[UInt8]>) = ([], [])
        for change in difference.files {
            if change.left != nil { Self.add(change.former ?? change.path, to: &left) }
            if change.right != nil { Self.add(change.path, to: &right) }
        }
        return (left, right)
    }

    private static func add(_ path: [UInt8], to set: inout Set<[UInt8]>) {
        var rest = path[...]
        while set.insert(Array(rest)).inserted, let slash = rest.lastIndex(of: UInt8(ascii: "/")) {
            rest = rest[..<slash]
        }
    }

    private func map(_ explanation: Explanation, _ changed: Set<[UInt8]>) -> String {
        let words = InsightWords(explanation)
        let groups = explanation.groups(by: .path, limit: nil).flatMap { $0.parts.isEmpty ? [$0] : $0.parts }.sorted {
            $0.bytes > $1.bytes
        }.prefix(Self.tiles)
        let places = Treemap.layout(
            groups.map { Double($0.bytes) }, in: .init(x: 0, y: 0, width: Self.width, height: Self.height))
        var text =
            "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(XML.escaped(explanation.name)): what changed is marked\">\n\(PageFrame.patterns)"
        for (group, place) in zip(groups, places) where place.width >= 1 && place.height >= 1 {
            var isChanged = false
            if case .path(let path, _) = group.label { isChanged = changed.contains(path) }
            let name = words.label(group.label)
            let frame =
                "x=\"\(number(place.x))\" y=\"\(number(place.y))\" width=\"\(number(place.width))\" height=\"\(number(place.height))\""
            text +=
                "<g><title>\(XML.escaped(name)): \(HumanSize.text(group.bytes))\(isChanged ? ", changed" : "")</title><rect class=\"r\(isChanged ? 8 : 11)\" \(frame)/>"
            if isChanged { text += "<rect fill=\"url(#p1)\" \(frame)/>" }
            if place.width > 60, place.height > 20 {
                text +=
                    "<text x=\"\(number(place.x + 4))\" y=\"\(number(place.y + 15))\">\(XML.escaped(String(name.prefix(max(3, Int(place.width / 7.5))))))</text>"
            }
            text += "</g>\n"
        }
        return text + "</svg>\n"
    }

    private func number(_ value: Double) -> String { FixedPoint.text(max(0, value), decimals: 2) ?? "0" }

    private func table(_ title: String, _ head: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        let columns = head.map { "<th scope=\"col\">\(XML.escaped($0))</th>" }.joined()
        let lines = rows.map { "<tr>" + $0.map { "<td>\(XML.escaped($0))</td>" }.joined() + "</tr>\n" }.joined()
        return "<h2>\(title)</h2>\n<table><thead><tr>\(columns)</tr></thead>\n<tbody>\n\(lines)</tbody></table>\n"
    }
}

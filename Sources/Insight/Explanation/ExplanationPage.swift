package import Inspection
import OCI
import Rendering

/// An explanation as one file for browsers: a map of the image's bytes, the same numbers in tables, and the fixes. It asks
/// no network for anything, works without scripts, and has no clock in it: the same image gives the same bytes.
package struct ExplanationPage {
    /// Parts of the image, smaller than which nothing stands alone.
    private static let grain: Int64 = 5000
    private static let width = 1000.0
    private static let height = 560.0

    private let explanation: Explanation
    private let verdicts: [BudgetVerdict]
    private let words: InsightWords
    private let colors: ReasonColors

    package init(_ explanation: Explanation, _ verdicts: [BudgetVerdict]) {
        (self.explanation, self.verdicts) = (explanation, verdicts)
        words = InsightWords(explanation)
        colors = ReasonColors(explanation)
    }

    package var text: String {
        PageFrame.head(title: "\(explanation.name): what is in it") + summary
            + PageFrame.controls(Grouping.allCases.map(\.rawValue)) + "<div class=\"map\">\n"
            + picture + table + "</div>\n" + fixes + budget + PageFrame.end(data)
    }

    private func escaped(_ text: String) -> String { XML.escaped(text) }

    // MARK: Without scripts

    private var summary: String {
        let sums = explanation.sums
        let count = explanation.account.layers.count
        let rows = [
            ("Image", "\(explanation.name), \(explanation.config.platform), sha256:\(explanation.id.short)"),
            (
                "Size",
                "\(HumanSize.text(sums.total)) in \(count) \(count == 1 ? "layer" : "layers"), \(sums.files) files"
            ),
            ("To transfer", explanation.transfer.map { HumanSize.text($0) } ?? "not packed yet"),
            (
                "Waste",
                "\(HumanSize.text(sums.waste)) (\(Share.text(sums.waste, of: sums.total))): \(HumanSize.text(sums.overwritten)) overwritten, \(HumanSize.text(sums.deleted)) deleted"
            ),
        ]
        let items = rows.map { "<dt>\($0.0)</dt><dd>\(escaped($0.1))</dd>\n" }.joined()
        return "<h1>\(escaped(explanation.name))</h1>\n<dl>\n\(items)</dl>\n"
    }

    private var top: [ByteGroup] {
        trimmed(explanation.groups(by: .instruction, limit: nil)).sorted { $0.bytes > $1.bytes }
    }

    /// The first level, drawn beforehand.
    private var picture: String {
        let groups = top
        let bounds = Treemap.Rectangle(x: 0, y: 0, width: Self.width, height: Self.height)
        let places = Treemap.layout(groups.map { Double($0.bytes) }, in: bounds)
        var text =
            "<svg id=\"map\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"Bytes by instruction\">\n\(PageFrame.patterns)"
        for (group, place) in zip(groups, places) where place.width >= 1 && place.height >= 1 {
            let name = words.label(group.label)
            let color = colors.index(of: group.label)
            let frame =
                "x=\"\(Self.number(place.x))\" y=\"\(Self.number(place.y))\" width=\"\(Self.number(place.width))\" height=\"\(Self.number(place.height))\""
            text +=
                "<g><title>\(escaped(name)): \(HumanSize.text(group.bytes))</title><rect class=\"r\(color)\" \(frame)/>"
            if place.width > 60, place.height > 20 {
                let shown = String(name.prefix(max(3, Int(place.width / 7.5))))
                text +=
                    "<text x=\"\(Self.number(place.x + 5))\" y=\"\(Self.number(place.y + 16))\">\(escaped(shown))</text>"
            }
            text += "</g>\n"
        }
        return text + "</svg>\n"
    }

    private static func number(_ value: Double) -> String { FixedPoint.text(max(0, value), decimals: 2) ?? "0" }

    private var table: String {
        let total = explanation.sums.total
        let rows = top.map { group in
            "<tr><td>\(escaped(words.label(group.label)))</td><td class=\"n\">\(group.bytes)</td><td class=\"n\">\(Share.text(group.bytes, of: total))</td></tr>\n"
        }.joined()
        return
            "<div class=\"side\"><p id=\"way\"></p>\n<table id=\"rows\"><caption>The parts of the map</caption>\n<thead><tr><th scope=\"col\">Part</th>"
            + "<th scope=\"col\" class=\"n\">Bytes</th><th scope=\"col\" class=\"n\">Share</th></tr></thead>\n<tbody>\n\(rows)</tbody></table></div>\n"
    }

    private var fixes: String {
        guard !explanation.fixes.isEmpty else {
            return "<h2>What would make it smaller</h2>\n<p>Nothing was found.</p>\n"
        }
        let rows = explanation.fixes.enumerated().map { index, fix in
            let patch = fix.patch.map { "<pre>\(escaped(InsightPatch.lines($0).joined(separator: "\n")))</pre>" } ?? ""
            return
                "<tr><td class=\"n\">\(index + 1)</td><td>\(escaped(words.title(fix)))\(patch)</td><td class=\"n\">\(fix.saving.alone)</td><td class=\"n\">\(fix.saving.after)</td></tr>\n"
        }.joined()
        return
            "<h2>What would make it smaller</h2>\n<table><thead><tr><th scope=\"col\" class=\"n\">No.</th><th scope=\"col\">Fix</th><th scope=\"col\" class=\"n\">Saves alone</th>"
            + "<th scope=\"col\" class=\"n\">After those above</th></tr></thead>\n<tbody>\n\(rows)</tbody></table>\n"
    }

    private var budget: String {
        guard !verdicts.isEmpty else { return "" }
        let rows = verdicts.map { verdict in
            let details =
                verdict.details.isEmpty || verdict.isKept
                ? "" : "<br>" + verdict.details.map(escaped).joined(separator: "<br>")
            return
                "<tr><td>\(verdict.isKept ? "kept" : "over")</td><td>\(escaped(verdict.rule))\(details)</td><td class=\"n\">\(escaped(verdict.told ?? verdict.value?.text ?? "not known"))</td><td class=\"n\">\(escaped(verdict.limit.text))</td></tr>\n"
        }.joined()
        return
            "<h2>Budget</h2>\n<table><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">What</th><th scope=\"col\" class=\"n\">Value</th><th scope=\"col\" class=\"n\">At most</th></tr></thead>\n<tbody>\n\(rows)</tbody></table>\n"
    }

    // MARK: For the script

    private var data: JSON {
        var trees: JSONObject = [:]
        for grouping in Grouping.allCases {
            trees[grouping.rawValue] = .array(trimmed(explanation.groups(by: grouping, limit: nil)).map(node))
        }
        return .object([
            "total": .integer(explanation.sums.total), "reasons": .strings(ReasonColors.names), "trees": .object(trees),
        ])
    }

    private func node(_ group: ByteGroup) -> JSON {
        var object: JSONObject = [
            "n": .string(words.label(group.label)), "b": .integer(group.bytes),
            "r": .integer(Int64(colors.index(of: group.label))),
        ]
        if group.files > 1 { object["f"] = .integer(Int64(group.files)) }
        if !group.parts.isEmpty { object["c"] = .array(trimmed(group.parts).map(node)) }
        return .object(object)
    }

    /// What is too small to be seen, as one.
    private func trimmed(_ groups: [ByteGroup]) -> [ByteGroup] {
        let least = max(1, explanation.sums.total / Self.grain)
        var rest = ByteGroup(.others(groups.filter { $0.bytes < least }.count))
        var result: [ByteGroup] = []
        for group in groups {
            if group.bytes >= least {
                result.append(group)
            } else {
                rest.bytes += group.bytes
                rest.files += group.files
            }
        }
        return rest.bytes > 0 ? result + [rest] : result
    }
}

/// The colour of each part: that of the reason which has most of its bytes.
struct ReasonColors {
    static let names = FileReason.allCases.map(\.words) + ["overwritten or deleted"]
    static var hidden: Int { FileReason.allCases.count }

    private var paths: [[UInt8]: Int] = [:]
    private var packages: [Int: Int] = [:]
    private var layers: [Int: Int] = [:]

    init(_ explanation: Explanation) {
        var paths: [[UInt8]: [Int64]] = [:]
        var packages: [Int: [Int64]] = [:]
        var layers: [Int: [Int64]] = [:]
        let empty = [Int64](repeating: 0, count: Self.names.count)
        let numbers = Dictionary(uniqueKeysWithValues: FileReason.allCases.enumerated().map { ($1, $0) })
        for (place, visible) in explanation.account.visible.enumerated() where visible.bytes > 0 {
            let reason = numbers[explanation.reasons[place]] ?? 0
            if let owner = explanation.owner(place) { packages[owner, default: empty][reason] += visible.bytes }
            layers[visible.layer, default: empty][reason] += visible.bytes
            var path = visible.path[...]
            while true {
                paths[Array(path), default: empty][reason] += visible.bytes
                guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { break }
                path = path[..<slash]
            }
        }
        self.paths = paths.mapValues(Self.largest)
        self.packages = packages.mapValues(Self.largest)
        self.layers = layers.mapValues(Self.largest)
    }

    private static func largest(_ sums: [Int64]) -> Int { sums.indices.max { sums[$0] < sums[$1] } ?? 0 }

    func index(of label: ByteGroup.Label) -> Int {
        switch label {
        case .layer(let layer), .instruction(let layer): layers[layer] ?? Self.hidden
        case .package(let package): packages[package] ?? 0
        case .unpackaged(let path), .path(let path, _): paths[path] ?? Self.hidden
        case .reason(let reason): FileReason.allCases.firstIndex(of: reason) ?? 0
        case .overwritten, .deleted: Self.hidden
        case .others: FileReason.allCases.count - 1
        }
    }
}

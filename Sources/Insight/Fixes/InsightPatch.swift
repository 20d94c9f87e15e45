package import Inspection

/// Changes of a text by lines, and what they look like as a patch.
package enum InsightPatch {
    private static let context = 3

    /// The text with edits made.
    package static func apply(_ edits: [Fix.Patch.Edit], to text: String) -> String {
        var lines = split(text)
        for edit in edits.sorted(by: { ($0.lines?.lowerBound ?? .max) > ($1.lines?.lowerBound ?? .max) }) {
            if let range = edit.lines, range.lowerBound >= 1, range.upperBound <= lines.count {
                lines.replaceSubrange(range.lowerBound - 1...range.upperBound - 1, with: edit.replacement)
            } else if edit.lines == nil {
                lines += edit.replacement
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Edits of which none touches the lines of one before it.
    package static func disjoint(_ edits: [Fix.Patch.Edit]) -> [Fix.Patch.Edit] {
        var taken: [Fix.Patch.Edit] = []
        for edit in edits
        where !taken.contains(where: { other in
            edit.lines.map { lines in other.lines?.overlaps(lines) ?? false } ?? false
        }) { taken.append(edit) }
        return taken
    }

    private static func split(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// An edit with the old lines that it replaces: from the first up to the one behind the last.
    private struct Change {
        let old: Range<Int>
        let new: [String]
    }

    /// The change as a unified diff (diff(1), `-u`).
    package static func unified(_ edits: [Fix.Patch.Edit], of text: String, name: String) -> String {
        let lines = split(text)
        let changes = edits.map { edit in
            let start = edit.lines.map { min($0.lowerBound - 1, lines.count) } ?? lines.count
            return Change(
                old: start..<max(start, edit.lines.map { min($0.upperBound, lines.count) } ?? lines.count),
                new: edit.replacement)
        }.sorted { $0.old.lowerBound < $1.old.lowerBound }
        var result = "--- \(name)\n+++ \(name)\n"
        var shift = 0
        var rest = changes[...]
        while let first = rest.first {
            // Changes whose contexts touch stand together.
            var group = [first]
            rest = rest.dropFirst()
            while let next = rest.first, next.old.lowerBound - group[group.count - 1].old.upperBound <= 2 * context {
                group.append(next)
                rest = rest.dropFirst()
            }
            result += hunk(group, lines, &shift)
        }
        return result
    }

    private static func hunk(_ group: [Change], _ lines: [String], _ shift: inout Int) -> String {
        guard let first = group.first, let last = group.last else { return "" }
        let start = max(0, first.old.lowerBound - context)
        let end = min(lines.count, last.old.upperBound + context)
        var body = ""
        var place = start
        var newCount = end - start
        for change in group {
            body +=
                lines[place..<max(place, change.old.lowerBound)].map { " \($0)\n" }.joined()
                + changed(Array(lines[change.old]), change.new)
            place = change.old.upperBound
            newCount += change.new.count - change.old.count
        }
        body += lines[place..<max(place, end)].map { " \($0)\n" }.joined()
        let oldStart = end == start ? 0 : start + 1
        let newStart = newCount == 0 ? 0 : start + 1 + shift
        shift += newCount - (end - start)
        return "@@ -\(oldStart),\(end - start) +\(newStart),\(newCount) @@\n\(body)"
    }

    /// Lines that both begin or end with are no change.
    private static func changed(_ gone: [String], _ new: [String]) -> String {
        var head = 0
        while head < min(gone.count, new.count), gone[head] == new[head] { head += 1 }
        var tail = 0
        while tail < min(gone.count, new.count) - head, gone[gone.count - 1 - tail] == new[new.count - 1 - tail] {
            tail += 1
        }
        return gone.prefix(head).map { " \($0)\n" }.joined()
            + gone.dropFirst(head).dropLast(tail).map { "-\($0)\n" }.joined()
            + new.dropFirst(head).dropLast(tail).map { "+\($0)\n" }.joined()
            + gone.suffix(tail).map { " \($0)\n" }.joined()
    }

    /// Lines that come, each with `+` in front.
    package static func lines(_ patch: Fix.Patch) -> [String] { patch.edits.flatMap(\.replacement).map { "+" + $0 } }
}

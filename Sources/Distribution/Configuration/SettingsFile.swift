/// A file of settings in TOML 1.0, as texts by the names of their tables and keys: `store.limit`.
package struct SettingsFile: Sendable {
    package let values: [String: String]

    /// - Throws: ``Mistake``.
    package init(_ text: String) throws(Mistake) {
        do { values = Self.flat(try TOMLReader.table(text), "") } catch { throw Mistake(line: error.line) }
    }

    /// What is no TOML, by its line, counted from one.
    package struct Mistake: Error, Hashable, Sendable {
        package let line: Int
    }

    private static func flat(_ table: TOMLTable, _ prefix: String) -> [String: String] {
        var result: [String: String] = [:]
        for member in table.members {
            switch member.value {
            case .text(let text): result[prefix + member.key] = text
            case .flag(let isOn): result[prefix + member.key] = isOn ? "true" : "false"
            case .table(let table): result.merge(flat(table, prefix + member.key + ".")) { $1 }
            case .list, .other: result[prefix + member.key] = ""
            }
        }
        return result
    }
}

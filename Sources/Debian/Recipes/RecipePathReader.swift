/// Reads one entry of a recipe's `paths`.
struct RecipePathReader {
    private static let kinds = ["text", "link", "links", "joined", "java-keystore"]

    private let item: RecipeNode
    private let fields: [String: RecipeNode]

    init(_ item: RecipeNode) throws(RecipeError) {
        self.item = item
        fields = try item.members("paths", known: ["path", "mode", "owner", "names"] + Self.kinds)
    }

    func path() throws(RecipeError) -> RecipePath {
        let path = try RecipeReader.required("path", fields, item).path("path")
        var result = RecipePath(path, mode: try mode(), try content())
        if let owner = fields["owner"] { (result.user, result.group) = try self.owner(owner) }
        return result
    }

    private func content() throws(RecipeError) -> RecipePath.Content {
        let given = Self.kinds.filter { fields[$0] != nil }
        guard given.count <= 1 else {
            throw item.error(
                .invalidValue(key: "paths", value: given.joined(separator: ", "), expected: .oneOf(Self.kinds)))
        }
        guard let kind = given.first, let node = fields[kind] else { return .directory }
        switch kind {
        case "text": return .text(try node.text(kind))
        case "link": return .symbolicLink(target: try node.text(kind))
        case "links":
            let names = try RecipeReader.required("names", fields, item).items("names")
            var list: [String] = []
            for name in names {
                let text = try name.text("names")
                guard !text.isEmpty, !text.utf8.contains(UInt8(ascii: "/")), text != ".", text != ".." else {
                    throw name.error(.invalidValue(key: "names", value: text, expected: .name))
                }
                list.append(text)
            }
            return .links(target: try node.text(kind), names: list)
        case "joined": return .joined(try node.paths(kind))
        case "java-keystore": return .keyStore(try node.paths(kind))
        default: return .directory
        }
    }

    private func mode() throws(RecipeError) -> UInt32? {
        guard let node = fields["mode"] else { return nil }
        let text = try node.text("mode")
        let digits = text.hasPrefix("0o") ? String(text.dropFirst(2)) : text
        guard let mode = UInt32(digits, radix: 8), mode <= 0o7777, digits.first != "+" else {
            throw node.error(.invalidValue(key: "mode", value: text, expected: .octalMode))
        }
        return mode
    }

    private func owner(_ node: RecipeNode) throws(RecipeError) -> (UInt32, UInt32) {
        let text = try node.text("owner")
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        guard (1...2).contains(parts.count), let user = parts[0], let group = parts[parts.count - 1] else {
            throw node.error(.invalidValue(key: "owner", value: text, expected: .owner))
        }
        return (user, group)
    }
}

/// Why a text is no YAML document, or none that is read, and where.
package struct YAMLError: Error, Hashable, Sendable {
    package let place: YAMLPlace
    package let reason: Reason

    package init(_ place: YAMLPlace, _ reason: Reason) { (self.place, self.reason) = (place, reason) }

    package enum Reason: Hashable, Sendable {
        case syntax(Mistake)
        /// An alias of an anchor that does not stand before it.
        case undefinedAlias(String)
        /// A key that is a list or a mapping.
        case keyIsNoText
        /// A key that its mapping has twice; the place is the first one's.
        case duplicateKey(String)
        case severalDocuments
        case excess(Limit)
        case noMemory
    }

    /// What is larger than ``YAMLLimits`` allow.
    package enum Limit: Hashable, Sendable {
        case bytes(Int)
        case parts(Int)
        case depth(Int)
        case aliases(Int)
        case textBytes(Int)
    }

    /// A sentence without its beginning, such as `a ',' or ']' is missing`; keys stand in it as they are.
    package var sentence: String {
        switch reason {
        case .syntax(let mistake): mistake.rawValue
        case .undefinedAlias(let name): "no '&\(name)' stands before the alias '*\(name)'"
        case .keyIsNoText: "a key that is no text"
        case .duplicateKey(let key): "'\(key)' stands here twice"
        case .severalDocuments: "a second document begins here; leave one"
        case .excess(.bytes(let limit)): "it has more than \(limit) bytes"
        case .excess(.parts(let limit)): "it has more than \(limit) parts, counting those that aliases repeat"
        case .excess(.depth(let limit)): "lists and mappings nest deeper than \(limit)"
        case .excess(.aliases(let limit)): "it has more than \(limit) aliases"
        case .excess(.textBytes(let limit)):
            "its texts have more than \(limit) bytes, counting those that aliases repeat"
        case .noMemory: "there is not enough memory to read it"
        }
    }
}

/// A part of a YAML document, with its aliases in place.
///
/// Source: YAML 1.2.2, chapter 3.2.1 "Representation Graph".
package struct YAMLNode: Hashable, Sendable {
    package indirect enum Content: Hashable, Sendable {
        case scalar(YAMLScalar)
        case list([YAMLNode])
        case mapping([Member])
    }

    /// A key of a mapping, and its value; keys that are no text are refused.
    package struct Member: Hashable, Sendable {
        package let key: YAMLScalar
        package let place: YAMLPlace
        package let value: YAMLNode

        package init(key: YAMLScalar, at place: YAMLPlace, value: YAMLNode) {
            (self.key, self.place, self.value) = (key, place, value)
        }

        /// `<<` without quotes: its value's members belong to the mapping (YAML, "Merge Key Language-Independent Type").
        package var isMerge: Bool { key.isPlain && key.text == "<<" }
    }

    package let content: Content
    /// In full, as `tag:yaml.org,2002:str`, or as it stands there, as `!reset`; nil where none stands there.
    package let tag: String?
    /// Where it begins. A part that an alias repeats begins where it was first written.
    package let place: YAMLPlace

    package init(_ content: Content, tag: String? = nil, at place: YAMLPlace = YAMLPlace(line: 1, column: 1)) {
        (self.content, self.tag, self.place) = (content, tag, place)
    }

    package var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// Whether it is null: a plain scalar without a tag that says otherwise, with one of the words of the core schema.
    ///
    /// Source: YAML 1.2.2, chapter 10.3.2 "Tag Resolution".
    package var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain, tag == nil || tag == "tag:yaml.org,2002:null" else {
            return false
        }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }
}

/// A text of a document.
package struct YAMLScalar: Hashable, Sendable {
    package let text: String
    /// Without quotes, and no block: what it looks like may decide what it is.
    package let isPlain: Bool

    package init(_ text: String, isPlain: Bool = true) { (self.text, self.isPlain) = (text, isPlain) }
}

/// A place in a document; lines and columns count from 1, columns in code points.
package struct YAMLPlace: Hashable, Sendable {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
}

/// What a document may hold at most, so that reading it, and what is made of it, stays small.
package struct YAMLLimits: Hashable, Sendable {
    /// Of the document, as it is stored.
    package var bytes = 1 << 20
    /// Scalars, lists and mappings, with those that aliases repeat.
    package var parts = 50_000
    /// Lists and mappings within each other, those that aliases repeat included.
    package var depth = 64
    package var aliases = 10_000
    /// Bytes of all scalars, with those that aliases repeat.
    package var textBytes = 8 << 20

    package init() {}
}

/// The characters that one place of a regular expression takes.
struct PatternSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    /// Sets that are in it as a whole.
    var members: [PatternSet] = []
    var categories: Set<Unicode.GeneralCategory> = []
    var ignoresCase = false
    var isInverted = false

    static let all = PatternSet(ranges: [0...0x10FFFF])
    static let notNewline = PatternSet(ranges: [10...10], isInverted: true)
    static let digit = PatternSet("09")
    static let space = PatternSet(ranges: [9...10, 12...13, 32...32])
    static let word = PatternSet("09AZaz__")

    /// The names that POSIX has.
    static let named: [String: PatternSet] = [
        "alnum": PatternSet("09AZaz"), "alpha": PatternSet("AZaz"), "ascii": PatternSet(ranges: [0...0x7F]),
        "blank": PatternSet(ranges: [9...9, 32...32]), "cntrl": PatternSet(ranges: [0...31, 127...127]),
        "digit": digit, "graph": PatternSet("!~"), "lower": PatternSet("az"), "print": PatternSet(" ~"),
        "punct": PatternSet("!/:@[`{~"), "space": PatternSet(ranges: [9...13, 32...32]), "upper": PatternSet("AZ"),
        "word": word, "xdigit": PatternSet("09AFaf"),
    ]

    var inverted: PatternSet {
        var result = self
        result.isInverted.toggle()
        return result
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var found = holds(scalar)
        if !found, ignoresCase {
            let properties = scalar.properties
            found = [properties.lowercaseMapping, properties.uppercaseMapping].contains { other in
                let other = other.unicodeScalars
                return other.count == 1 && other.first.map(holds) == true
            }
        }
        return found != isInverted
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        for range in ranges where range.contains(scalar.value) { return true }
        for member in members where member.contains(scalar) { return true }
        return !categories.isEmpty && categories.contains(scalar.properties.generalCategory)
    }
}

extension PatternSet {
    /// Pairs of first and last.
    private init(_ pairs: String) {
        let values = pairs.unicodeScalars.map(\.value)
        ranges = stride(from: 0, to: values.count - 1, by: 2).map { values[$0]...values[$0 + 1] }
    }

    /// A general category by its name, of one letter or two; nil for others, scripts among them, which Swift's library doesn't know.
    init?(category name: String) {
        let found = Self.categoryNames.filter { name.count == 1 ? $0.key.hasPrefix(name) : $0.key == name }
        if name == "Any" {
            self = .all
        } else {
            guard !found.isEmpty else { return nil }
            categories = Set(found.values)
        }
    }

    private static let categoryNames: [String: Unicode.GeneralCategory] = [
        "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter, "Lm": .modifierLetter,
        "Lo": .otherLetter,
        "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark, "Nd": .decimalNumber, "Nl": .letterNumber,
        "No": .otherNumber, "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Ps": .openPunctuation,
        "Pe": .closePunctuation, "Pi": .initialPunctuation, "Pf": .finalPunctuation, "Po": .otherPunctuation,
        "Sm": .mathSymbol, "Sc": .currencySymbol, "Sk": .modifierSymbol, "So": .otherSymbol, "Zs": .spaceSeparator,
        "Zl": .lineSeparator, "Zp": .paragraphSeparator, "Cc": .control, "Cf": .format, "Co": .privateUse,
    ]
}

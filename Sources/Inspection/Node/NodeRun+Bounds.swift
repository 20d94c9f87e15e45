/// How much of a program is followed.
extension NodeRun {
    /// Tokens that are looked at, and statements and expressions in one another.
    private static let stepLimit = 10_000_000
    private static let nestingLimit = 400

    /// More is to be followed than is followed: of the program nothing is known.
    struct TooMuch: Error {}

    /// Counts what is looked at, so that no program is followed without end.
    mutating func spend(_ count: Int) throws {
        steps += count + 1
        guard steps < Self.stepLimit else { throw TooMuch() }
    }

    /// Follows what stands in something else.
    mutating func nested(_ count: Int, _ body: (inout NodeRun) throws -> Flow) throws -> Flow {
        try spend(count)
        guard nesting < Self.nestingLimit else { throw TooMuch() }
        nesting += 1
        defer { nesting -= 1 }
        return try body(&self)
    }
}

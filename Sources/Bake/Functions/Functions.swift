/// The arguments of a function, read as what it wants.
struct Arguments {
    typealias Failure = BakeError.FunctionFault

    let values: [BakeValue]

    var count: Int { values.count }

    private func wrong(_ index: Int, _ expected: BakeError.Kind) -> Failure {
        .wrongKind(expected: expected, found: values[index].kind)
    }

    subscript(_ index: Int) -> BakeValue { values[index] }

    func text(_ index: Int) throws(Failure) -> String {
        guard let text = values[index].string else { throw wrong(index, .text) }
        return text
    }

    func number(_ index: Int) throws(Failure) -> Double {
        guard let number = values[index].double else { throw wrong(index, .number) }
        return number
    }

    /// A whole number.
    func whole(_ index: Int) throws(Failure) -> Int {
        guard let count = values[index].count else { throw wrong(index, .number) }
        return count
    }

    func truth(_ index: Int) throws(Failure) -> Bool {
        guard let truth = values[index].truth else { throw wrong(index, .boolean) }
        return truth
    }

    func list(_ index: Int) throws(Failure) -> [BakeValue] {
        guard case .list(let items) = values[index] else { throw wrong(index, .list) }
        return items
    }

    func texts(_ index: Int) throws(Failure) -> [String] {
        var texts: [String] = []
        for item in try list(index) {
            guard let text = item.string else { throw .wrongKind(expected: .text, found: item.kind) }
            texts.append(text)
        }
        return texts
    }

    func mapping(_ index: Int) throws(Failure) -> [String: BakeValue] {
        guard case .mapping(let members) = values[index] else { throw wrong(index, .mapping) }
        return members
    }
}

/// A function that every file may call.
struct StandardFunction: Sendable {
    typealias Body = @Sendable (Arguments) throws(BakeError.FunctionFault) -> BakeValue

    /// How many arguments it takes.
    let counts: ClosedRange<Int>
    let body: Body

    init(_ counts: ClosedRange<Int>, _ body: @escaping Body) { (self.counts, self.body) = (counts, body) }

    init(_ count: Int, _ body: @escaping Body) { self.init(count...count, body) }
}

/// bake's "standard library functions".
enum Functions {
    static let many = 10_000
    /// The longest text or list that one call makes.
    static let sizeLimit = 4 << 20

    static let table: [String: StandardFunction] =
        numbers.merging(logic) { $1 }.merging(texts) { $1 }.merging(patterns) { $1 }.merging(collections) { $1 }
        .merging(sets) { $1 }.merging(codecs) { $1 }.merging(times) { $1 }.merging(addresses) { $1 }
}

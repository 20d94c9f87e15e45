/// Splits a mount at its commas; a field in double quotes may hold commas, two of them stand for one (RFC 4180).
struct MountFieldReader {
    private let value: FlagValue
    private var index = 0

    private init(_ value: FlagValue) { self.value = value }

    static func fields(of value: FlagValue) throws(Diagnostic) -> [FlagValue] {
        var reader = MountFieldReader(value)
        var fields: [FlagValue] = []
        while true {
            fields.append(try reader.isAt("\"") ? reader.quotedField() : reader.plainField())
            guard reader.index < value.scalars.count else { return fields }
            reader.index += 1
        }
    }

    private func isAt(_ scalar: Unicode.Scalar) -> Bool {
        index < value.scalars.count && value.scalars[index] == scalar
    }

    private mutating func plainField() throws(Diagnostic) -> FlagValue {
        let start = index
        while index < value.scalars.count, !isAt(",") { index += 1 }
        let field = value.part(start..<index)
        guard !field.scalars.contains("\"") else { throw fault("a quote stands inside an option of a mount") }
        return field
    }

    private mutating func quotedField() throws(Diagnostic) -> FlagValue {
        index += 1
        var kept: [Int] = []
        while true {
            guard index < value.scalars.count else { throw fault("a quote in a mount is not closed") }
            if isAt("\"") {
                index += 1
                guard isAt("\"") else { break }
            }
            kept.append(index)
            index += 1
        }
        guard index == value.scalars.count || isAt(",") else {
            throw fault("text stands behind a quoted option of a mount")
        }
        return value.part(kept)
    }

    private func fault(_ message: String) -> Diagnostic {
        Diagnostic(.error(.invalidMount), at: value.word.range, message)
    }
}

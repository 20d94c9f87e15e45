import Engine
package import LinuxSystem
import OCI
import SystemPackage
import YAML

/// How a person writes a budget: options, and a file with the same words.
extension Budget {
    /// The file that is read where no option names one.
    package static let usualFile = "distill.budget.yaml"

    /// What is written: texts of options or of the file, by their names without dashes in front.
    package struct Words: Hashable, Sendable {
        package var size: String?
        package var transfer: String?
        package var waste: String?
        package var growth: String?
        package var layers: String?
        package var against: String?
        package var forbidden: [String] = []

        package init() {}

        /// What is here, and for what is missing the other's words.
        package func over(_ other: Words) -> Words {
            var words = self
            words.size = size ?? other.size
            words.transfer = transfer ?? other.transfer
            words.waste = waste ?? other.waste
            words.growth = growth ?? other.growth
            words.layers = layers ?? other.layers
            words.against = against ?? other.against
            words.forbidden += other.forbidden.filter { !forbidden.contains($0) }
            return words
        }
    }

    /// - Throws: ``Engine/InvalidOption``.
    package init(_ words: Words) throws {
        self.init()
        maximumSize = try words.size.map { try Self.bytes($0, "--max-size") }
        maximumTransfer = try words.transfer.map { try Self.bytes($0, "--max-transfer") }
        maximumWaste = try words.waste.map { try Self.amount($0, "--max-waste") }
        maximumGrowth = try words.growth.map { try Self.amount($0, "--max-growth") }
        maximumLayers = try words.layers.map { text in
            guard let number = Int(text), number >= 0 else {
                throw InvalidOption(name: "--max-layers", value: text, reason: "it is a number")
            }
            return number
        }
        forbidden = words.forbidden.map(Forbidden.init)
        if maximumGrowth != nil, words.against == nil {
            throw InvalidOption(
                name: "--max-growth", value: words.growth ?? "", reason: "--against says against which image")
        }
    }

    private static func bytes(_ text: String, _ option: String) throws -> Int64 {
        guard let bytes = ByteAmount.parse(text) else {
            throw InvalidOption(name: option, value: text, reason: "it is a size, as in 50MB or 48MiB")
        }
        return bytes
    }

    private static func amount(_ text: String, _ option: String) throws -> Amount {
        guard text.hasSuffix("%") else { return .bytes(try bytes(text, option)) }
        guard let share = Double(text.dropLast().filter { $0 != " " }), share.isFinite, share >= 0 else {
            throw InvalidOption(name: option, value: text, reason: "it is a share, as in 5%")
        }
        return .percent(share)
    }

    // MARK: The file

    /// Reads a budget's file.
    ///
    /// - Parameter path: nil for the usual one of the working directory, which need not be there.
    /// - Throws: ``InsightError/budget(_:)`` and ``LinuxSystem/NamedFileError``.
    package static func read(_ path: String?, _ environment: HostEnvironment) throws -> Words {
        let file = environment.absolute(FilePath(path ?? usualFile)).string
        // The usual file is mostly missing.
        if path == nil, (try? OwnedDescriptor(opening: FilePath(file))) == nil { return Words() }
        let bytes = try InputFile.open(file).readAll(limit: 1 << 20)
        return try words(bytes, file: path ?? usualFile)
    }

    static func words(_ bytes: [UInt8], file: String) throws -> Words {
        func fault(_ line: Int?, _ reason: String) -> InsightError {
            .budget(.init(file: file, line: line, reason: reason))
        }
        let root: YAMLNode?
        do { root = try YAMLNode(parsing: bytes) } catch { throw fault(error.place.line, "it is no YAML") }
        guard let root, !root.isNull else { return Words() }
        guard case .mapping(let members) = root.content else {
            throw fault(root.place.line, "it has no rules: the form is NAME: VALUE")
        }
        var words = Words()
        for member in members {
            let text = member.value.scalar?.text
            switch member.key.text {
            case "max-size": words.size = text
            case "max-transfer": words.transfer = text
            case "max-waste": words.waste = text
            case "max-growth": words.growth = text
            case "max-layers": words.layers = text
            case "against": words.against = text
            case "forbid":
                if let text { words.forbidden = [text] }
                if case .list(let items) = member.value.content { words.forbidden = items.compactMap(\.scalar?.text) }
                continue
            default:
                throw fault(
                    member.place.line,
                    "'\(member.key.text)' is no rule; known are max-size, max-transfer, max-waste, max-growth, max-layers, against and forbid"
                )
            }
            guard text?.isEmpty == false else { throw fault(member.place.line, "'\(member.key.text)' has no value") }
        }
        return words
    }
}

/// A size as reports print it: `50MB` is 50,000,000 bytes, `48MiB` is 48 × 1,048,576.
enum ByteAmount {
    static func parse(_ text: String) -> Int64? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let value = Double(number), value.isFinite, value >= 0 else { return nil }
        let unit = text.dropFirst(number.count).drop { $0 == " " }.lowercased()
        let powers = ["": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5]
        let isBinary = unit.hasSuffix("ib") || unit.hasSuffix("i")
        let letter =
            isBinary ? String(unit.prefix(1)) : unit.count == 2 && unit.hasSuffix("b") ? String(unit.prefix(1)) : unit
        guard let power = powers[letter], !isBinary || power > 0 && unit.count <= 3 else { return nil }
        var factor = 1.0
        for _ in 0..<power { factor *= isBinary ? 1024 : 1000 }
        let bytes = value * factor
        return bytes < 9e18 ? Int64(bytes.rounded()) : nil
    }
}

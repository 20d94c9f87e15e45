package import Dockerfile
package import OCI

/// What surrounds the files of a definition.
package struct BakeSurroundings: Sendable {
    /// Variables of the environment, which come before the defaults of files.
    package var environment: [String: String]
    /// Variables that Compose files see beside them.
    package var composeEnvironment: [String: String]
    /// Seconds since 1970.
    package var now: Int64
    package var platform = Platform.host

    package init(environment: [String: String], composeEnvironment: [String: String], now: Int64) {
        (self.environment, self.composeEnvironment, self.now) = (environment, composeEnvironment, now)
    }
}

/// Builds that belong together, from files of HCL, JSON and Compose (bake's "Bake file reference").
package struct BakeDefinition: Hashable, Sendable {
    package private(set) var groups: [BakeGroup] = []
    package private(set) var targets: [BakeTarget] = []
    package private(set) var variables: [BakeVariable] = []

    static let targetLimit = 1000

    /// Reads files; what a later one says counts before an earlier one, and Compose files come first.
    ///
    /// - Throws: ``BakeError``; for a Compose file ``ComposeError`` with its file.
    package init(_ files: [SourceFile], _ surroundings: BakeSurroundings) throws {
        let forms = files.map(BakeForm.init)
        let compose = zip(files, forms).filter { $1 == .compose }.map(\.0)
        if !compose.isEmpty {
            let services = try ComposeTargets(compose, surroundings.composeEnvironment)
            (targets, groups) = (services.targets, [services.group])
        }
        do {
            var reading = DefinitionReading(surroundings, earlier: targets)
            for (index, file) in files.enumerated() where forms[index] != .compose {
                if forms[index] == .json {
                    try reading.take(try Body(json: file.bytes, file: index))
                } else {
                    var parser = Parser(file.bytes, file: index)
                    try reading.take(try parser.document())
                }
            }
            try reading.evaluate()
            targets = reading.targets
            for group in reading.groups { replace(group) }
            variables = reading.variables
        } catch {
            throw BakeError(error, in: files)
        }
        guard targets.count <= Self.targetLimit else { throw BakeError(.excess(.targets)) }
    }

    private mutating func replace(_ group: BakeGroup) {
        if let index = groups.firstIndex(where: { $0.name == group.name }) {
            groups[index] = group
        } else {
            groups.append(group)
        }
    }

    package func target(_ name: String) -> BakeTarget? { targets.first { $0.name == name } }

    /// All names that can be asked for, in their order.
    package var names: [String] { Set(groups.map(\.name) + targets.map(\.name)).sorted() }
}

/// A variable, as `--list=variables` shows it.
package struct BakeVariable: Hashable, Sendable {
    package let name: String
    package let type: String?
    package let value: BakeValue
    package let details: String?
}

/// How a file is written.
enum BakeForm: Hashable {
    case hcl, json, compose

    init(_ file: SourceFile) {
        let name = file.name.lowercased()
        if name.hasSuffix(".json") {
            self = .json
        } else if name.hasSuffix(".hcl") {
            self = .hcl
        } else if name.hasSuffix(".yml") || name.hasSuffix(".yaml") {
            self = .compose
        } else {
            self = Self.guess(file.bytes)
        }
    }

    /// What a file without a telling name is.
    private static func guess(_ bytes: [UInt8]) -> BakeForm {
        if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") { return .json }
        let lines = bytes.split(separator: 0x0A)
        return lines.contains { $0.starts(with: "services:".utf8) } ? .compose : .hcl
    }
}

extension BakeError {
    init(_ fault: Fault, in files: [SourceFile]) {
        let source = files.indices.contains(fault.spot.file) ? files[fault.spot.file] : nil
        self.init(fault.reason, source: source)
        guard let source, let bytes = fault.spot.bytes else { return }
        let start = Self.position(of: bytes.lowerBound, in: source.bytes)
        range = SourceRange(start: start, end: max(start, Self.position(of: bytes.upperBound, in: source.bytes)))
    }

    private static func position(of offset: Int, in bytes: [UInt8]) -> SourcePosition {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let lineStart = (before.lastIndex(of: 0x0A) ?? -1) + 1
        // Bytes that go on with a scalar do not count.
        let column = before[lineStart...].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
        return SourcePosition(line: line, column: column)
    }
}

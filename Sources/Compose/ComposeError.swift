/// A place in a file; lines and columns count from 1.
package struct Place: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int) { (self.file, self.line, self.column) = (file, line, column) }

    package var description: String { "\(file):\(line):\(column)" }
}

/// What is wrong with a Compose file, and where.
package struct ComposeError: Error, Hashable, Sendable {
    package let place: Place
    package let reason: Reason

    package init(_ place: Place, _ reason: Reason) { (self.place, self.reason) = (place, reason) }

    package enum Reason: Hashable, Sendable {
        /// No YAML; the text says why.
        case syntax(String)
        /// More than is read; the text says of what.
        case excess(String)
        /// - Parameter owner: what has no such key: `a service`, `'build'`.
        case unknownKey(String, owner: String, known: [String])
        /// A key of the specification that Distill does not act on.
        case unsupportedKey(String, owner: String)
        /// A value of the specification that Distill does not act on.
        case unsupportedValue(key: String, value: String)
        case missingKey(String, owner: String)
        case duplicateKey(String)
        case unexpectedKind(key: String, expected: Kind)
        case invalidValue(key: String, value: String, expected: Form)
        /// A `$` that begins no variable.
        case invalidInterpolation(String)
        /// `${NAME:?message}`
        case requiredVariable(String, message: String)
        case noServices
        case neitherImageNorBuild(service: String)
        case undefinedService(String, known: [String])
        case undefinedVolume(String, known: [String])
        case undefinedNetwork(String, known: [String])
        case undefinedSecret(String, known: [String])
        /// A service that only a profile enables, and that another one needs.
        case disabledService(String, profiles: [String])
        /// The names in order; the first stands at the end again.
        case cycle([String])
        /// A service that another one waits for to be healthy, and that nothing examines.
        case noHealthcheck(service: String)
        /// Two services publish one port.
        case samePort(String, other: String)
        /// Two services have one container name.
        case sameContainerName(String, other: String)
    }

    package enum Kind: Hashable, Sendable { case mapping, list, text, textOrList, listOrMapping, textOrMapping }

    package enum Form: Hashable, Sendable {
        case boolean, number, duration, bytes, absolutePath, path, name, projectName, platform, environmentName, port,
            sizedRange
        case portRange, capability, volume, volumeWords, signal, restart, command, mode, hostEntry, limit, healthTest,
            user, imageName, dotEnvironment
        case oneOf([String])
    }
}

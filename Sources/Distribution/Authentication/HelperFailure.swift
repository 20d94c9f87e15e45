/// A program `docker-credential-NAME` that a file names and that is not there.
package struct MissingProgram: Hashable, Sendable {
    package let name: String
    /// The file that asks for it; empty for one without a name.
    package let file: String
}

/// Why a helper gave nothing, or kept nothing.
package struct HelperFailure: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// Its own words on one line, at most 300 characters; empty when it had none.
        case message(String)
        /// It did not end in this time.
        case silent(Duration)
        /// It succeeded, and wrote something else than its protocol says.
        case noAnswer
    }

    package let name: String
    package let registry: String
    package let reason: Reason

    /// The protocol has no exit code for "there is nothing"; all helpers write docker's sentence.
    static func saysNothingIsThere(_ output: [UInt8]) -> Bool {
        String(decoding: output.prefix(1 << 10), as: UTF8.self).contains("credentials not found")
    }

    static func message(_ output: [UInt8]) -> String {
        String(decoding: output.prefix(300), as: UTF8.self).split { $0.isNewline }.joined(separator: " ")
    }
}

/// What goes on without something that a file of this machine asks for.
package enum RegistryWarning: Hashable, Sendable {
    case missingHelper(MissingProgram)
    /// A setting of a file that has no meaning here, with its line, counted from one.
    case unknownSetting(file: String, line: Int, name: String)
    /// Credentials that `logout` cannot remove: a variable's or a file's that is only read.
    case stillKnown(registry: String, place: String)
    /// An environment variable whose value is not the JSON of credentials that it should be.
    case noCredentials(variable: String)
}

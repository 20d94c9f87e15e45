/// Something that a program needs and an image does not have.
package struct Finding: Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable {
        /// The program cannot start.
        case error
        /// The program starts, and something in it will fail.
        case warning
    }

    package let kind: Kind
    package let remedy: Remedy?

    package init(_ kind: Kind, _ remedy: Remedy? = nil) { (self.kind, self.remedy) = (kind, remedy) }

    package enum Kind: Hashable, Sendable {
        /// A program that a script, or the image's ENTRYPOINT or CMD, names.
        case missingProgram(subject: String, program: String)
        /// A file that a runtime is to start.
        case missingFile(program: String, path: String)
        /// A script that starts through `/usr/bin/env`, which is missing.
        case missingEnv(script: String, program: String)
        /// The shell form of ENTRYPOINT or CMD needs a shell.
        case missingShell(shell: String, command: String)
        case notExecutable(path: String)
        /// Neither an ELF file nor a script with `#!`.
        case noProgram(path: String)
        case otherArchitecture(path: String, has: String, wanted: String)
        /// - Parameter loader: the ELF interpreter, if that is missing too.
        case missingLibraries(path: String, libraries: [String], loader: String?)
        case missingVersion(path: String, library: String, version: String, newest: String?)
        case missingModule(script: String, module: String)
        /// - Parameters:
        ///   - needed: the Java release that its classes are made for.
        ///   - has: the release of the image's runtime.
        case oldJava(path: String, needed: Int, has: Int)
        case noCertificates(path: String)
        case noTimeZones(path: String)
        case noTimeZone(name: String)
        case unknownUser(String)
        case noNameServiceSwitch(path: String)
    }

    /// What to do about it.
    package enum Remedy: Hashable, Sendable {
        /// A base of the catalog that has it.
        case base(String)
        /// A base of the catalog, and packages that it needs besides, named as Debian would name them.
        case packages([String], on: String)
        /// The script's first line without `env`.
        case firstLine(String)
        case execForm([String])
        case olderBuild(suite: String)
        case mode
        case platform
        case numericUser
        case account(String)
    }

    package var severity: Severity {
        switch kind {
        case .missingProgram, .missingFile, .missingEnv, .missingShell, .notExecutable, .noProgram, .otherArchitecture,
            .missingLibraries, .missingVersion, .missingModule, .oldJava, .unknownUser:
            .error
        case .noCertificates, .noTimeZones, .noTimeZone, .noNameServiceSwitch: .warning
        }
    }

    /// The finding's name, as it stands in JSON.
    package var name: String {
        switch kind {
        case .missingProgram: "MissingProgram"
        case .missingFile: "MissingFile"
        case .missingEnv: "MissingEnv"
        case .missingShell: "MissingShell"
        case .notExecutable: "NotExecutable"
        case .noProgram: "NoProgram"
        case .otherArchitecture: "OtherArchitecture"
        case .missingLibraries: "MissingLibraries"
        case .missingVersion: "MissingSymbolVersion"
        case .missingModule: "MissingModule"
        case .oldJava: "OldJava"
        case .noCertificates: "NoCertificates"
        case .noTimeZones, .noTimeZone: "NoTimeZones"
        case .unknownUser: "UnknownUser"
        case .noNameServiceSwitch: "NoNameServiceSwitch"
        }
    }
}

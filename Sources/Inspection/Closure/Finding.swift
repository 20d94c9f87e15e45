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
    package let severity: Severity
    /// Who led to it, the first first: the entry script, a launcher, the modules between.
    package let chain: [String]

    /// - Parameter severity: nil for that which the kind usually has.
    package init(_ kind: Kind, _ remedy: Remedy? = nil, severity: Severity? = nil, chain: [String] = []) {
        (self.kind, self.remedy, self.chain) = (kind, remedy, chain)
        self.severity = severity ?? kind.severity
    }

    package enum Kind: Hashable, Sendable {
        /// A program that a script, or the image's ENTRYPOINT or CMD, names.
        ///
        /// - Parameter target: where a link of that name leads, that leads nowhere.
        case missingProgram(subject: String, program: String, target: String? = nil)
        /// A file that a runtime is to start.
        case missingFile(program: String, path: String)
        /// A file or directory that a program reads when it starts: its command line or its configuration names it.
        case missingInput(program: String, path: String)
        /// A script that ends so whatever happens: its files, arguments and variables lead there.
        case failedScript(script: String, status: Int)
        /// A program that ends where root starts it.
        case refusesRoot(program: String)
        /// A script that starts through `/usr/bin/env`, which is missing.
        case missingEnv(script: String, program: String)
        /// The shell form of ENTRYPOINT or CMD needs a shell.
        case missingShell(shell: String, command: String)
        case notExecutable(path: String)
        /// - Parameter obstacle: the directory that the user cannot search, or the file itself.
        case notPermitted(path: String, obstacle: String, user: String)
        /// Something that is to be the working directory, and is none.
        case noDirectory(path: String)
        /// A script whose first line, or a command in it, ends as on Windows.
        case carriageReturn(script: String, interpreter: String)
        /// A program whose language the interpreter reads otherwise.
        case badSyntax(path: String, program: String, text: String)
        /// What a script has of bash, and the shell that executes it does not read.
        case bashOnly(script: String, text: String)
        /// A variable without which a script ends.
        case missingVariable(script: String, name: String)
        /// Neither an ELF file nor a script with `#!`.
        case noProgram(path: String)
        case otherArchitecture(path: String, has: String, wanted: String)
        /// - Parameter loader: the ELF interpreter, if that is missing too.
        case missingLibraries(path: String, libraries: [String], loader: String?)
        case missingVersion(path: String, library: String, version: String, newest: String?)
        /// - Parameter script: who imports it; `ENTRYPOINT` for the image itself.
        case missingModule(script: String, module: String)
        /// A module that is there, for another version of its language or another machine.
        case unfitModule(script: String, module: String, path: String)
        /// A name that a module is to have.
        case missingName(script: String, module: String, name: String)
        /// A part of a language's runtime without which it does not start.
        case damagedRuntime(program: String, path: String)
        /// A file that is not of the form that it is to have.
        case damagedFile(path: String)
        /// A package that names no program to start, or an archive without a main class or module.
        case noMain(path: String, name: String)
        /// - Parameters:
        ///   - needed: the Java release that its classes are made for.
        ///   - has: the release of the image's runtime.
        case oldJava(path: String, needed: Int, has: Int)
        case noCertificates(path: String)
        case noTimeZones(path: String)
        case noTimeZone(name: String)
        case unknownUser(String)
        case noNameServiceSwitch(path: String)
        /// It was started, and ended as it should not.
        ///
        /// - Parameter words: the last that it wrote.
        case failedStart(program: String, end: StartOutcome.End, words: String)
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
        /// A right of others to the file, or an owner.
        case permission
        /// Lines that end as on Linux.
        case lineEnds
        /// A first line or a link that names where the interpreter is in this image.
        case interpreterPath
        /// A directory that has what is missing, and the variable that makes it known.
        case searchPath(variable: String, directory: String)
        /// A variable to define with ENV.
        case variable(String)
        case platform
        case numericUser
        case account(String)
    }

    /// The finding's name, as it stands in JSON.
    package var name: String {
        switch kind {
        case .missingProgram: "MissingProgram"
        case .missingFile, .missingInput: "MissingFile"
        case .refusesRoot: "RefusesRoot"
        case .missingEnv: "MissingEnv"
        case .missingShell: "MissingShell"
        case .notExecutable: "NotExecutable"
        case .notPermitted: "NotPermitted"
        case .noDirectory: "NoDirectory"
        case .carriageReturn: "CarriageReturn"
        case .bashOnly: "BashOnly"
        case .badSyntax: "BadSyntax"
        case .missingVariable: "MissingVariable"
        case .unfitModule: "UnfitModule"
        case .missingName: "MissingName"
        case .damagedRuntime: "DamagedRuntime"
        case .damagedFile: "DamagedFile"
        case .noMain: "NoMain"
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
        case .failedStart: "FailedStart"
        case .failedScript: "FailedScript"
        }
    }
}

extension Finding.Kind {
    /// What it usually means for the start.
    var severity: Finding.Severity {
        switch self {
        case .missingProgram, .missingFile, .missingEnv, .missingShell, .notExecutable, .notPermitted, .noDirectory,
            .carriageReturn, .bashOnly, .badSyntax,
            .missingVariable, .noProgram, .otherArchitecture, .missingLibraries, .missingVersion, .missingModule,
            .unfitModule,
            .missingName, .damagedRuntime, .damagedFile, .noMain, .oldJava, .unknownUser,
            .failedStart, .missingInput, .refusesRoot, .failedScript:
            .error
        case .noCertificates, .noTimeZones, .noTimeZone, .noNameServiceSwitch: .warning
        }
    }
}

extension Finding {
    /// Whether it speaks of something that is not known.
    func mentions(_ text: String) -> Bool { "\(kind)".contains(text) }
}

internal import OCI

extension ClosureCheck {
    /// Bytes of one section that are searched.
    private static let sectionLimit = 32 << 20

    /// Follows an ELF file: what it loads, and what its language needs besides.
    mutating func followElf(_ node: ImageTree.Node, _ arguments: [String]) throws {
        guard let elf = try tree.elf(node) else { return add(.noProgram(path: node.path.description)) }
        if elf.contentEnd > node.size ?? 0 { return add(.damagedFile(path: node.path.description)) }
        guard elf.kind != .other, elf.isForLinux, elf.entryPoint != 0 || elf.kind == .executable else {
            return add(.noProgram(path: node.path.description))
        }
        let wanted = platform.architecture
        if let has = elf.machine.architecture, has != wanted, !(has == "386" && wanted == "amd64") {
            return add(.otherArchitecture(path: node.path.description, has: has, wanted: wanted), .platform)
        }
        let file = node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let language = Language(program: file) ?? Language(program: arguments.first ?? "")
        let runtime = ProgramNeeds.Runtime(program: node.path.description)
        // Before its libraries: where some are missing, the base to take is the one that has the runtime.
        switch runtime {
        case .python, .node, .perl: report.needs.runtime = runtime
        case .java: report.needs.runtime = .java(release: try javaRelease(of: arguments))
        case .shell, nil: break
        }
        try followLibraries(of: node.path, elf, isRuntime: runtime != nil)
        if elf.interpreter != nil { try followPreloaded() }
        let isBusybox = file == "busybox" || file.hasPrefix("busybox-") || file.hasPrefix("busybox.")
        if let language, !isBusybox { return try follow(language, arguments, node) }
        try followStarted(by: file, arguments, node, elf)
    }

    private mutating func follow(_ language: Language, _ arguments: [String], _ node: ImageTree.Node) throws {
        switch language {
        case .python: try checkPython(arguments, interpreter: node)
        case .java: try checkJava(arguments, program: node)
        case .node: try checkNode(arguments)
        case .shell: try checkShell(arguments, shell: node)
        case .perl, .ruby, .php, .lua: try checkScript(language, arguments, interpreter: node)
        }
    }

    /// Programs that start others, and Go's.
    private mutating func followStarted(by file: String, _ arguments: [String], _ node: ImageTree.Node, _ elf: Elf)
        throws
    {
        let name = arguments.first?.split(separator: "/").last.map(String.init) ?? file
        if file == "busybox" || file.hasPrefix("busybox-") || file.hasPrefix("busybox.") {
            return try followBusybox(name.hasPrefix("busybox") ? Array(arguments.dropFirst()) : arguments, node)
        }
        if file.hasPrefix("ld-linux") || file.hasPrefix("ld-musl") || file.hasPrefix("ld64") || name.hasPrefix("ld.so")
        {
            return try followLoaded(arguments)
        }
        if try followTexts(name, arguments) { return }
        if let wrapper = Wrapper.named(name) ?? Wrapper.named(file) { return try followWrapped(wrapper, arguments) }
        if file == "git" { return try checkGit(arguments, node) }
        if Self.isExecline(file) { return try checkExecline(arguments) }
        if let server = ServerProgram.named(name) ?? ServerProgram.named(file) {
            try checkServer(server, name, arguments, node)
        }
        try checkGo(node, elf)
    }

    /// - Parameter isRuntime: whether it comes with the base, and what it needs with it.
    mutating func followLibraries(of path: ImagePath, _ elf: Elf, isRuntime: Bool) throws {
        let closure = try ElfClosure(
            of: path, elf, in: tree, environment: libraryDirectories, directory: process.directory)
        try checkRights(closure, elf)
        report.files.formUnion(closure.files)
        if !isRuntime { note(closure, elf) }
        let name = path.description
        if closure.missingLoader != nil || !closure.missingLibraries.isEmpty {
            let isMusl = elf.interpreter?.contains("/ld-musl-") ?? false
            add(
                .missingLibraries(path: name, libraries: closure.missingLibraries, loader: closure.missingLoader),
                isMusl ? nil : BaseChoice(for: report.needs).remedy)
        }
        for missing in closure.missingVersions {
            add(
                .missingVersion(
                    path: missing.needer.description, library: missing.library, version: missing.version,
                    newest: missing.newest),
                remedy(for: missing))
        }
        let speaksTLS = closure.libraries.contains { $0.hasPrefix("libssl.so") || $0.hasPrefix("libgnutls.so") }
        if speaksTLS, !isRuntime { try needCertificates(name) }
        if closure.looksUpHosts, !isRuntime { try needNameServiceSwitch(name, elf) }
    }

    /// `LD_PRELOAD`: what is not there is passed over, what is there must have its own libraries (ld.so(8)).
    private mutating func followPreloaded() throws {
        for name in (process.environment["LD_PRELOAD"] ?? "").split(whereSeparator: { $0 == " " || $0 == ":" })
        where name.hasPrefix("/") {
            guard let node = try tree.lookUp(String(name)), let elf = try tree.elf(node), elf.kind == .shared else {
                continue
            }
            try followLibraries(of: node.path, elf, isRuntime: true)
        }
    }

    /// `LD_LIBRARY_PATH`: semicolons part it too, and what is empty or relative begins at the working directory.
    private var libraryDirectories: [String] {
        guard let text = process.environment["LD_LIBRARY_PATH"], !text.isEmpty else { return [] }
        return text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == ";" }.compactMap { part in
            // What the loader puts in for the program's own directory begins with a dollar.
            if part.hasPrefix("$") { return String(part) }
            return process.directory.resolving(part.isEmpty ? "." : String(part))?.description
        }
    }

    /// The user must be able to read what is loaded, and the kernel to start the loader.
    private mutating func checkRights(_ closure: ElfClosure, _ elf: Elf) throws {
        if let name = elf.interpreter, let loader = try tree.lookUp(name) {
            guard loader.isExecutable else { return add(.notExecutable(path: loader.path.description), .mode) }
            guard try isPermitted(loader, .execute) else { return }
        }
        guard process.user.identifier != 0 else { return }
        for file in closure.files.sorted() {
            guard file != closure.start, let node = try tree.lookUp(file) else { continue }
            guard try isPermitted(node, .read) else { return }
        }
    }

    private mutating func note(_ closure: ElfClosure, _ elf: Elf) {
        report.needs.isDynamic = report.needs.isDynamic || elf.interpreter != nil
        // What lies beside the program is its own; what the loader's usual places hold is the base's.
        let own = Set(
            closure.files.filter { !ElfClosure.isSystemPath($0) }.compactMap {
                $0.name.map { String(decoding: $0, as: UTF8.self) }
            })
        report.needs.libraries.formUnion(closure.libraries.filter { !own.contains($0) })
        if let version = closure.glibcVersion,
            report.needs.glibcVersion.map({ VersionNumber($0) < VersionNumber(version) }) ?? true
        {
            report.needs.glibcVersion = version
        }
    }

    /// A base of a release that has the version, if the catalog has one; else an older system to build on.
    private func remedy(for missing: ElfClosure.MissingVersion) -> Finding.Remedy? {
        guard missing.version.hasPrefix("GLIBC_2.") else { return .base(BaseChoice(for: report.needs).name) }
        let needed = VersionNumber(missing.version.dropFirst(6))
        if let release = BaseChoice.releases.last(where: { !(VersionNumber($0.glibc) < needed) }) {
            let name = BaseChoice(for: report.needs).name
            return .base("\(name == "scratch" ? "distroless/base" : name)-debian\(release.version)")
        }
        return .olderBuild(suite: BaseChoice.releases[0].suite)
    }

    // MARK: Go

    /// A Go program names its functions even when it is stripped.
    private mutating func checkGo(_ node: ImageTree.Node, _ elf: Elf) throws {
        guard let table = elf.sections.first(where: { $0.name.hasSuffix(".gopclntab") }) else { return }
        let names = try tree.read(node, at: table.offset, count: Int(min(table.size, Int64(Self.sectionLimit))))
        let name = node.path.description
        if names.contains(text: "crypto/x509.loadSystemRoots") { try needCertificates(name) }
        if names.contains(text: "time.LoadLocation\0"), !names.contains(text: "time/tzdata.") {
            try needTimeZones(name)
        }
    }
}

internal import OCI

extension ClosureCheck {
    /// Bytes of one section that are searched.
    private static let sectionLimit = 32 << 20

    /// Follows an ELF file: what it loads, and what its language needs besides.
    mutating func followElf(_ node: ImageTree.Node, _ arguments: [String]) throws {
        guard let elf = try tree.elf(node) else { return add(.noProgram(path: node.path.description)) }
        let wanted = config.platform.architecture
        if let has = elf.machine.architecture, has != wanted, !(has == "386" && wanted == "amd64") {
            return add(.otherArchitecture(path: node.path.description, has: has, wanted: wanted), .platform)
        }
        let runtime = ProgramNeeds.Runtime(program: node.path.description)
        // Before its libraries: where some are missing, the base to take is the one that has the runtime.
        switch runtime {
        case .python, .node, .perl: report.needs.runtime = runtime
        case .java: report.needs.runtime = .java(release: try javaRelease(of: arguments))
        case .shell, nil: break
        }
        try followLibraries(of: node.path, elf, isRuntime: runtime != nil)
        switch runtime {
        case .python: try checkPython(arguments, interpreter: node)
        case .java: try checkJava(arguments, program: node)
        case .node, .perl: try checkScript(arguments, program: runtime == .node ? "node" : "perl")
        case .shell: break
        case nil: try checkGo(node, elf)
        }
    }

    /// The script that node or perl starts must be there; node finds `app` as `app.js` too.
    private mutating func checkScript(_ arguments: [String], program: String) throws {
        guard let script = arguments.dropFirst().first, !script.hasPrefix("-"),
            let path = (ImagePath(config.container.workingDirectory) ?? .root).resolving(script)
        else { return }
        let names = [path.description, path.description + ".js", path.description + ".mjs", path.description + ".cjs"]
        if try names.contains(where: { try tree.lookUp($0) != nil }) { return }
        add(.missingFile(program: program, path: script))
    }

    /// - Parameter isRuntime: whether it comes with the base, and what it needs with it.
    mutating func followLibraries(of path: ImagePath, _ elf: Elf, isRuntime: Bool) throws {
        let environment = config.container.environmentValue("LD_LIBRARY_PATH") ?? ""
        let closure = try ElfClosure(of: path, elf, in: tree, environment: environment.split(separator: ":").map(String.init))
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

    private mutating func note(_ closure: ElfClosure, _ elf: Elf) {
        report.needs.isDynamic = report.needs.isDynamic || elf.interpreter != nil
        // What lies beside the program is its own; what the loader's usual places hold is the base's.
        let own = Set(closure.files.filter { !ElfClosure.isSystemPath($0) }.compactMap { $0.name.map { String(decoding: $0, as: UTF8.self) } })
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
        if names.contains(text: "time.LoadLocation\0"), !names.contains(text: "time/tzdata.") { try needTimeZones(name) }
    }
}

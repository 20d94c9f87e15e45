/// Checks of what only the build needs and the image ships.
enum CompilerChecks {
    private static let tools: Set = [
        "build-essential", "gcc", "g++", "clang", "cmake", "cargo", "rustc", "golang", "golang-go", "openjdk-17-jdk",
        "openjdk-21-jdk", "maven", "gradle", "build-base", "autoconf", "automake", "ninja-build",
    ]

    private static let installers: Set = ["apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper", "aptitude"]
    private static let removals: Set = ["purge", "del", "remove", "autoremove", "erase"]

    /// Words in names of images that are there to build with.
    private static let workshops = [
        "golang", "rust", "gcc", "buildpack", "maven", "gradle", "swift", "devcontainer", "builder", "-dev", "devel",
        "sdk", "jdk", "toolchain", "jenkins",
        "runner", "/ci", "-ci", "emscripten", "cross", "playground", "jupyter", "notebook", "workspace", "haskell",
        "julia", "r-base", "rocker",
    ]

    static func isWorkshop(_ name: String) -> Bool { workshops.contains { name.lowercased().contains($0) } }

    /// Tools that are installed, not removed in the same RUN, and for a build alone: the image starts a program of its own, which is
    /// no tool, and its base is no image to build with.
    static func buildTools(_ input: CheckInput) -> [Finding] {
        let stages = SizeChecks.shipped(input)
        guard let started = StartedProgram(stages), !started.isWorkplace, !isTool(started),
            let base = stages.first?.baseName
        else { return [] }
        guard !isWorkshop(base), !isWorkshop(stages.last?.syntax.name ?? "") else { return [] }
        return stages.flatMap(\.syntax.instructions).compactMap { instruction in
            guard case .run(let run) = instruction.kind else { return nil }
            let commands = run.command.commands
            guard !commands.contains(where: { installers.contains($0[0]) && !removals.isDisjoint(with: $0) }) else {
                return nil
            }
            let installed = commands.filter {
                installers.contains($0[0]) && ($0.contains("install") || $0.contains("add"))
            }.flatMap { $0.dropFirst() }
            // A version may stand behind the name.
            let names = installed.map { String($0.prefix { $0 != "=" && $0 != ":" }) }
            guard let tool = names.first(where: tools.contains) else { return nil }
            return Finding(
                range: instruction.range, message: "'\(tool)' is installed in the final stage",
                hint: "build in a stage of its own, and copy the result")
        }
    }

    /// A program that compiles, or runs what it compiles.
    private static func isTool(_ started: StartedProgram) -> Bool {
        let programs: Set = [
            "make", "gcc", "g++", "clang", "cmake", "cargo", "go", "mvn", "gradle", "ninja", "ccache", "swift", "air",
            "nodemon",
        ]
        return started.words.contains { programs.contains(CleanPath.base($0)) || tools.contains(CleanPath.base($0)) }
    }

    /// One stage that compiles a program and starts it.
    static func singleStages(_ input: CheckInput) -> [Finding] {
        guard input.syntax.stages.count == 1, let stage = input.stages.first, let started = StartedProgram([stage])
        else { return [] }
        var directory = ""
        var outputs: Set<String> = []
        for step in stage.steps {
            switch step.instruction.kind {
            case .workdir: directory = step.words.first?.expansion.text ?? ""
            case .run(let run):
                for command in run.command.commands { outputs.formUnion(Self.outputs(of: command, in: directory)) }
            default: break
            }
        }
        guard outputs.contains(started.name) || Self.isBuildDirectory(started.words[0]) && !outputs.isEmpty else {
            return []
        }
        return [
            Finding(
                range: started.instruction.range,
                message: "'\(started.words[0])' is shipped with everything that compiled it",
                hint: "add FROM scratch, or a distroless base, and COPY --from=0 the program")
        ]
    }

    private static func isBuildDirectory(_ path: String) -> Bool {
        ["target/release/", "target/debug/", ".build/release/", ".build/debug/", "zig-out/bin/"].contains {
            path.contains($0)
        }
    }

    /// The names of the programs that a command makes, as far as its words tell; one that is in no name for those that do not.
    private static func outputs(of command: [String], in directory: String) -> Set<String> {
        guard let program = command.first.map({ CleanPath.base($0) }) else { return [] }
        let verb = command.dropFirst().first ?? ""
        switch program {
        case "go" where verb == "build" || verb == "install":
            if let named = named(command) { return [named] }
            let package = command.dropFirst(2).last { !$0.hasPrefix("-") } ?? "."
            // A version is one of somebody else's programs.
            if package.contains("@") { return [] }
            let base = CleanPath.base(package)
            return [base == "." || base == "..." || base.hasSuffix(".go") ? CleanPath.base(directory) : base]
        case "cargo" where verb == "build" || verb == "install": return Set(["\0cargo"] + command.suffix(1))
        case "swift" where verb == "build", "zig" where verb == "build": return ["\0\(program)"]
        case "gcc", "g++", "clang", "clang++", "cc", "c++", "rustc", "ghc", "swiftc", "ldc2", "dmd", "crystal", "nim",
            "gfortran", "fpc":
            return named(command).map { [$0] } ?? []
        default: return []
        }
    }

    /// What `-o` names.
    private static func named(_ command: [String]) -> String? {
        for (index, word) in command.enumerated() {
            if ["-o", "--output", "--out"].contains(word), index + 1 < command.count {
                return CleanPath.base(command[index + 1])
            }
            for head in ["-o=", "--output=", "-out:", "--out:"] where word.hasPrefix(head) {
                return CleanPath.base(String(word.dropFirst(head.count)))
            }
        }
        return nil
    }
}

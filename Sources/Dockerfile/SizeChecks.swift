/// Checks of what makes an image larger than it need be.
enum SizeChecks {
    /// What a package manager is told, what keeps its cache out of the layer, and where that cache is.
    private struct Cache {
        let commands: [String]
        let remedies: [String]
        let directory: String
        let advice: String
    }

    private static let caches: [Cache] = [
        Cache(
            commands: ["apt-get install", "apt install", "apt-get -y install", "aptitude install"],
            remedies: ["/var/lib/apt/lists"], directory: "/var/lib/apt",
            advice: "end the RUN with rm -rf /var/lib/apt/lists/*, or mount a cache"),
        Cache(
            commands: ["apk add"], remedies: ["--no-cache", "/var/cache/apk"], directory: "/var/cache/apk",
            advice: "write apk add --no-cache"),
        Cache(
            commands: ["dnf install", "yum install", "microdnf install", "dnf -y install", "yum -y install"],
            remedies: ["clean all", "/var/cache/dnf", "/var/cache/yum"], directory: "/var/cache",
            advice: "end the RUN with dnf clean all"),
        Cache(
            commands: ["zypper install", "zypper in"], remedies: ["zypper clean"], directory: "/var/cache/zypp",
            advice: "end the RUN with zypper clean --all"),
        Cache(
            commands: ["pip install", "pip3 install"], remedies: ["--no-cache-dir", "PIP_NO_CACHE_DIR"],
            directory: "/root/.cache", advice: "write pip install --no-cache-dir, or mount a cache"),
        Cache(
            commands: ["npm install", "npm ci"], remedies: ["npm cache clean"], directory: "/root/.npm",
            advice: "end the RUN with npm cache clean --force, or mount a cache"),
    ]

    /// Only in stages that end up in the image: elsewhere the cache is thrown away anyway.
    static func packageCaches(_ input: CheckInput) -> [Finding] {
        shipped(input).flatMap(\.syntax.instructions).flatMap { instruction -> [Finding] in
            guard case .run(let run) = instruction.kind else { return [] }
            let text = SearchedText(run.command.text)
            let mounted = run.mounts.flatMap(\.options).compactMap(\.value?.text)
            return caches.filter { cache in
                cache.commands.contains(where: text.holds) && !cache.remedies.contains(where: text.holds)
                    && !mounted.contains { $0.hasPrefix(cache.directory) }
            }.map {
                Finding(
                    range: instruction.range, message: "the package manager's cache stays in the layer", hint: $0.advice)
            }
        }
    }

    /// The last stage and those that it starts from.
    static func shipped(_ input: CheckInput) -> [ExpandedStage] {
        var stages: [ExpandedStage] = []
        var next = input.stages.last
        while let stage = next {
            stages.insert(stage, at: 0)
            next = stage.base.map { input.stages[$0] }
        }
        return stages
    }

    private static let tools: Set = [
        "build-essential", "gcc", "g++", "clang", "make", "cmake", "cargo", "rustc", "golang", "golang-go", "openjdk-17-jdk",
        "openjdk-21-jdk", "maven", "gradle", "build-base", "autoconf", "automake", "ninja-build", "python3-dev", "binutils",
    ]

    private static let installers = ["apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper", "aptitude"]

    /// Tools that are installed and not removed in the same RUN.
    static func buildTools(_ input: CheckInput) -> [Finding] {
        shipped(input).flatMap(\.syntax.instructions).compactMap { instruction in
            guard case .run(let run) = instruction.kind else { return nil }
            let words = run.command.text.split { $0.isWhitespace || $0 == ";" || $0 == "&" }.map(String.init)
            guard words.contains(where: installers.contains), words.contains("install") || words.contains("add"),
                !words.contains("purge"), !words.contains("del"), !words.contains("remove"),
                let tool = words.first(where: tools.contains)
            else { return nil }
            return Finding(
                range: instruction.range, message: "'\(tool)' is installed in the final stage",
                hint: "build in a stage of its own, and copy the result")
        }
    }

    /// `chown -R` or `chmod -R` over what an earlier instruction brought.
    static func ownershipChanges(_ input: CheckInput) -> [Finding] {
        var findings: [Finding] = []
        for stage in shipped(input) {
            var hasFiles = false
            for instruction in stage.syntax.instructions {
                switch instruction.kind {
                case .copy, .add: hasFiles = true
                case .run(let run) where hasFiles:
                    let commands = run.command.text.split { $0 == ";" || $0 == "&" || $0 == "|" || $0.isNewline }
                    let words = commands.map { $0.split(separator: " ").map(String.init) }
                    let change = words.first {
                        ["chown", "chmod", "chgrp"].contains($0.first) && $0.dropFirst().contains { $0.isRecursiveFlag }
                    }
                    guard let name = change?.first else { continue }
                    findings.append(
                        Finding(
                            range: instruction.range,
                            message: "\(name) of copied files stores them a second time",
                            hint: "use COPY --\(name == "chmod" ? "chmod" : "chown")"))
                default: break
                }
            }
        }
        return findings
    }

    private static let compilers = [
        "go build", "go install", "cargo build", "cargo install", "rustc ", "swift build", "gcc ", "g++ ", "clang ", "zig build",
        "ghc ", "nim c", "make",
    ]

    /// One stage that compiles and starts one program.
    static func singleStages(_ input: CheckInput) -> [Finding] {
        guard input.syntax.stages.count == 1, let stage = input.syntax.stages.first else { return [] }
        let compiles = stage.instructions.contains { instruction in
            guard case .run(let run) = instruction.kind else { return false }
            return compilers.contains(where: SearchedText(run.command.text).holds)
        }
        let starts = stage.instructions.last { $0.name == .entrypoint || $0.name == .cmd }
        guard compiles, let starts else { return [] }
        switch starts.kind {
        case .entrypoint(.exec(let words)), .cmd(.exec(let words)):
            guard let program = words.first, program.contains("/") else { return [] }
            return [
                Finding(
                    range: starts.range, message: "'\(program)' is shipped with everything that compiled it",
                    hint: "add FROM scratch, or a distroless base, and COPY --from=0 \(program) \(program)")
            ]
        default: return []
        }
    }
}

/// Text that many short words are looked for in: by bytes, for the library's search prepares each word anew.
private struct SearchedText {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    func holds(_ word: String) -> Bool {
        let word = Array(word.utf8)
        guard let first = word.first else { return true }
        guard word.count <= bytes.count else { return false }
        for start in 0...(bytes.count - word.count) where bytes[start] == first {
            if bytes[start..<(start + word.count)].elementsEqual(word) { return true }
        }
        return false
    }
}

extension RunInstruction.Command {
    /// The command as one text.
    var text: String {
        switch self {
        case .exec(let words): words.joined(separator: " ")
        case .shell(let text): text
        case .script(let heredoc): heredoc.text
        }
    }
}

extension String {
    /// `-R`, `--recursive`, or short flags of which one is R.
    fileprivate var isRecursiveFlag: Bool {
        self == "--recursive" || (hasPrefix("-") && !hasPrefix("--") && contains("R"))
    }
}

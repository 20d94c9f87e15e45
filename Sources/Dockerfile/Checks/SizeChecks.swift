/// Checks of what makes an image larger than it need be.
enum SizeChecks {
    /// What a package manager is told, what keeps its cache out of the layer, and where that cache is.
    private struct Cache {
        let commands: [String]
        let remedies: [String]
        let directory: String
        let advice: String
        /// What the targets of mounts for it have in them, whoever's home they are in.
        var marks: [String] = []
        /// Variables that keep it from being made, or say where it is instead.
        var variables: [String] = []
    }

    private static let caches: [Cache] = [
        Cache(
            commands: ["apt-get install", "apt install", "apt-get -y install", "aptitude install"],
            remedies: ["/var/lib/apt", "/var/lib/{apt"], directory: "/var/lib/apt",
            advice: "end the RUN with rm -rf /var/lib/apt/lists/*, or mount a cache"),
        Cache(
            commands: ["apk add"], remedies: ["--no-cache", "/var/cache/apk", "/var/cache/*"],
            directory: "/var/cache/apk",
            advice: "write apk add --no-cache"),
        Cache(
            commands: ["dnf install", "yum install", "microdnf install", "dnf -y install", "yum -y install"],
            remedies: ["clean all", "/var/cache/dnf", "/var/cache/yum", "/var/cache/*"], directory: "/var/cache",
            advice: "end the RUN with dnf clean all", marks: ["dnf", "yum"]),
        Cache(
            commands: ["zypper install", "zypper in"], remedies: ["zypper clean"], directory: "/var/cache/zypp",
            advice: "end the RUN with zypper clean --all"),
        Cache(
            commands: ["pip install", "pip3 install"],
            remedies: ["--no-cache-dir", "--no-cache ", "PIP_NO_CACHE_DIR", "pip cache purge", "/.cache"],
            directory: "/root/.cache", advice: "write pip install --no-cache-dir, or mount a cache",
            marks: ["pip", ".cache"], variables: ["PIP_NO_CACHE_DIR", "PIP_CACHE_DIR"]),
        Cache(
            commands: ["npm install", "npm ci"], remedies: ["npm cache clean", "/root/.npm", "~/.npm", "cache=/tmp"],
            directory: "/root/.npm",
            advice: "end the RUN with npm cache clean --force, or mount a cache", marks: ["npm"],
            variables: ["NPM_CONFIG_CACHE", "npm_config_cache"]),
    ]

    /// Only in stages that end up in the image: elsewhere the cache is thrown away anyway.
    static func packageCaches(_ input: CheckInput) -> [Finding] {
        shipped(input).flatMap(\.steps).flatMap { step -> [Finding] in
            let instruction = step.instruction
            guard case .run(let run) = instruction.kind else { return [] }
            let text = SearchedText(run.command.text)
            let mounted = run.mounts.filter { $0.options.contains { $0.value?.text == "cache" } }.flatMap(\.options)
                .compactMap(\.value?.text)
            return caches.filter { cache in
                cache.commands.contains(where: text.holds) && !cache.remedies.contains(where: text.holds)
                    && !mounted.contains { place in
                        place.hasPrefix(cache.directory) || cache.marks.contains { place.contains($0) }
                    }
                    && !cache.variables.contains { step.variables[$0] != nil }
            }.map {
                Finding(
                    range: instruction.range, message: "the package manager's cache stays in the layer", hint: $0.advice
                )
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
}

/// Text that many short words are looked for in: by bytes, for the library's search prepares each word anew.
struct SearchedText {
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

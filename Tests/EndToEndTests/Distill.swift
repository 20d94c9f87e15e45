import OCI
import SystemPackage
import TestSupport
import Testing

/// The built binary with a store of its own.
struct Distill: Sendable {
    /// A directory for everything that a test makes; the store is in it.
    let directory: String
    /// `$DISTILL_ROOT`.
    let store: String

    init(directory: String, store: String? = nil) {
        self.directory = directory
        self.store = store ?? "\(directory)/store"
    }

    /// Runs a test with a store that is removed afterwards.
    static func withStore(_ body: (Distill) async throws -> Void) async throws {
        try await Files.withTemporaryDirectory { try await body(Distill(directory: $0)) }
    }

    /// `$DISTILL`, else what the last release or debug build left.
    static let binary: String = {
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().string
        let built = ["\(root)/.build/release/distill", "\(root)/.build/debug/distill"]
        return environmentVariable("DISTILL") ?? built.first(where: Files.exists) ?? built[0]
    }()

    /// Rules by which no test asks a registry beyond this machine.
    private static let registries: String = {
        let path = "/tmp/distill-test-registries.conf"
        // A file that cannot be written leaves the machine's own rules.
        try? Files.write("[[registry]]\nprefix = \"docker.io\"\nlocation = \"docker.io\"\nblocked = true\n", to: path)
        return path
    }()

    func command(_ arguments: [String], environment: [String: String?] = [:], input: String = "") -> Command {
        let own: [String: String?] = [
            "DISTILL_ROOT": store, "NO_COLOR": "1", "CONTAINERS_REGISTRIES_CONF": Self.registries,
        ]
        return Command(
            Self.binary, arguments, environment: own.merging(environment) { _, given in given },
            workingDirectory: directory, input: input)
    }

    @discardableResult
    func callAsFunction(
        _ arguments: String..., environment: [String: String?] = [:], input: String = ""
    ) async throws -> Command.Outcome {
        try await command(arguments, environment: environment, input: input).run()
    }

    /// Runs a command that must succeed.
    @discardableResult
    func succeed(
        _ arguments: String..., input: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Command.Outcome {
        let outcome = try await command(arguments, input: input).run()
        try #require(outcome.succeeded, "distill \(arguments) \(outcome)", sourceLocation: sourceLocation)
        return outcome
    }
}

// MARK: - Building

extension Distill {
    /// Writes a context: paths and their content.
    func context(_ files: [String: String]) throws -> String { try context("context", files) }

    /// Writes a further context under a name of its own.
    func context(_ name: String, _ files: [String: String]) throws -> String {
        let path = "\(directory)/\(name)"
        try Files.makeDirectory(path)
        for (file, content) in files { try Files.write(content, to: "\(path)/\(file)") }
        return path
    }

    /// Copies a static busybox into a context: a shell without any base image.
    func addBusybox(to context: String) async throws {
        let outcome = try await Command("sh", ["-c", "cp \"$(command -v busybox)\" \"$1/busybox\"", "sh", context])
            .run()
        try #require(outcome.succeeded, "\(outcome)")
    }

    /// A Dockerfile's beginning that makes a base with a shell out of the context's busybox.
    static let busyboxStage = """
        FROM scratch AS shell
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        ENV PATH=/bin

        """

    /// Builds a Dockerfile that begins with ``busyboxStage``.
    func buildOnBusybox(
        _ dockerfile: String, files: [String: String] = [:], options: [String] = []
    ) async throws -> Command.Outcome {
        let path = try context(files.merging(["Dockerfile": Self.busyboxStage + dockerfile]) { given, _ in given })
        try await addBusybox(to: path)
        return try await command(["build", "--progress", "plain"] + options + [path]).run()
    }

    /// Builds a Dockerfile and gives what happened, for failures too.
    func build(
        _ dockerfile: String, files: [String: String] = [:], options: [String] = []
    ) async throws -> Command.Outcome {
        let path = try context(files.merging(["Dockerfile": dockerfile]) { given, _ in given })
        return try await command(["build", "--progress", "plain"] + options + [path]).run()
    }
}

// MARK: - Looking at images

extension Distill {
    /// The image's config as `image inspect` prints it.
    func inspect(_ image: String) async throws -> JSON {
        let outcome = try await succeed("image", "inspect", image)
        return try #require(try JSON.parse(outcome.output).array?.first)
    }

    /// The image's files, unpacked by umoci: one line a path with type, mode, owner, size and a link's target.
    func tree(_ image: String) async throws -> [String] {
        let root = try await unpack(image)
        // The size of a directory or a link is its file system's business.
        let formats = ["-type", "f", "-printf", "%P %y %m %U:%G %s\\n", "-o", "-printf", "%P %y %m %U:%G - %l\\n"]
        let found = try await Command("find", [root, "-mindepth", "1"] + formats).run()
        return found.output.split(separator: "\n").map { String($0).trimmingSpace }.sorted()
    }

    /// Compares the image's files with those that are expected, and shows what differs.
    func expectTree(
        of image: String, _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let actual = try await tree(image)
        let missing = expected.filter { !actual.contains($0) }
        let surplus = actual.filter { !expected.contains($0) }
        #expect(missing == [], sourceLocation: sourceLocation)
        #expect(surplus == [], sourceLocation: sourceLocation)
    }

    /// The directory of the image's root file system, made by skopeo and umoci out of what `save` writes.
    func unpack(_ image: String) async throws -> String {
        let work = try Files.makeTemporaryDirectory(in: directory)
        try await succeed("save", "--format", "oci", "-o", "\(work)/image.tar", image)
        for command in [
            Command(
                "skopeo", ["copy", "--insecure-policy", "oci-archive:\(work)/image.tar", "oci:\(work)/layout:latest"]),
            Command("umoci", ["unpack", "--image", "\(work)/layout:latest", "\(work)/bundle"]),
        ] {
            let outcome = try await command.run()
            try #require(outcome.succeeded, "\(command.program) \(outcome)")
        }
        return "\(work)/bundle/rootfs"
    }
}

extension String {
    var trimmingSpace: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}

extension Command.Outcome {
    /// What was said on standard error without what explains it: excerpts and hints are indented.
    var sentences: [String] { errorOutput.split(separator: "\n").map(String.init).filter { !$0.hasPrefix(" ") } }

    /// All that was said, wherever it was written.
    var text: String { output + errorOutput }
}

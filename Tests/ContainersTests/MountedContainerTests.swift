import LinuxSystem
import OCI
import Sandbox
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Containers

/// A container's root and process, made of an image of the store. Mounts need root.
@Suite(
    .enabled(if: ProcessFacts.isRoot || ProcessFacts.environment["CI"] != nil, "needs root"), .timeLimit(.minutes(5)))
struct MountedContainerTests {
    private func path(_ text: String) -> ImagePath { ImagePath(text) ?? .root }

    /// An image with programs, a user, and a volume.
    private func withImage(_ body: (Store, Image) throws -> Void) async throws {
        try await Files.withTemporaryDirectory { directory in
            let store = try Store(path: FilePath("\(directory)/store"))
            defer { store.close() }
            for (name, text, mode) in [
                ("bin/app", "x", 0o755), ("bin/plain", "x", 0o644), ("data/seed", "seed", 0o644),
                ("etc/passwd", "ann:x:7:8::/home/ann:/bin/sh\n", 0o644),
                ("etc/group", "staff:x:9:\nwheel:x:10:ann\n", 0o644),
            ] as [(String, String, UInt32)] { try Files.write(text, to: "\(directory)/files/\(name)", mode: mode) }
            let files = FileTree(layers: [try Directory(opening: FilePath("\(directory)/files"))])
            let layer = try store.assembleLayer(on: FileTree(layers: [])) {
                try $0.copy(
                    CopySource(kind: .path(files, .root), ownership: .root), to: .root, intoDirectory: true,
                    attributes: .init())
            }
            try store.keep(layer)
            var config = ImageConfig(platform: .host)
            config.container.entrypoint = ["app"]
            config.container.environment = ["PATH=/none:/bin"]
            config.container.volumes = ["/data", "/", "relative"]
            config.layers = [layer.facts.diffID]
            try body(store, Image(config: config, layers: [Image.Layer(diffID: layer.facts.diffID)]))
        }
    }

    private func specification(_ change: (inout ContainerSpecification) -> Void = { _ in }) -> ContainerSpecification {
        var result = ContainerSpecification(imageName: "app", hostname: "h")
        change(&result)
        return result
    }

    @Test func isMountedAndDiscarded() async throws {
        try await withImage { store, image in
            let container = try MountedContainer(
                specification {
                    ($0.user, $0.groups, $0.workingDirectory) = ("ann", ["staff", "staff", "12"], path("/w"))
                    $0.volumes = [(path("/data/more"), .readOnly)]
                }, of: image, in: store)
            let process = container.process
            #expect(process.user == 7 && process.group == 8 && process.additionalGroups == [8, 10, 9, 12])
            #expect(process.environment.contains("HOME=/home/ann") && process.workingDirectory == path("/w"))
            #expect(Files.exists("\(container.root.path)/bin/app") && Files.exists("\(container.root.path)/w"))
            // A volume begins with what the image has there, and can be written to; `/` and what is no path are none.
            let volumes = process.mounts.filter {
                $0.target.description.hasPrefix("/data") || $0.target == path("/relative")
            }
            #expect(
                Set(volumes.map { "\($0.target) \($0.isReadOnly)" }) == [
                    "/data/more true", "/data false", "/relative false",
                ])
            let data = try #require(volumes.first { $0.target == path("/data") }?.source)
            #expect(try Files.text("\(data)/seed") == "seed")
            container.discard()
            #expect(!Files.exists("\(container.root.path)/bin/app"))
        }
    }

    /// Where something else is mounted, the image's volume is not.
    @Test func makesNoVolumeUnderAMount() async throws {
        try await withImage { store, image in
            let container = try MountedContainer(
                specification {
                    $0.bindings = [Binding(source: .host("/etc"), target: path("/data"), access: .readOnly)]
                },
                of: image, in: store)
            defer { container.discard() }
            #expect(container.process.mounts.filter { $0.target == path("/data") }.map(\.source) == ["/etc"])
        }
    }

    /// As in docker, but for a mode that is asked for.
    @Test func whatIsInMemoryHasTheModeOfItsDirectory() async throws {
        try await withImage { store, image in
            let wanted = specification {
                $0.temporaryMounts = [path("/data"), path("/new"), path("/bin")].map { .init(target: $0, size: nil) }
                $0.temporaryMounts[2].mode = 0o700
            }
            let container = try MountedContainer(wanted, of: image, in: store)
            defer { container.discard() }
            #expect(container.process.temporaryMounts.map(\.mode) == [0o755, nil, 0o700])
        }
    }

    /// What is started, and why nothing can be.
    @Test(
        arguments: [
            (["app"], nil), (["/bin/app"], nil), (["bin/app"], nil), (["none"], .missingProgram("none")),
            (["/bin/none"], .missingProgram("/bin/none")), (["plain"], .notExecutable("plain")),
            (["/data"], .notExecutable("/data")), ([], .noCommand(image: "app")),
            ([""], .missingProgram("")),
        ] as [([String], ContainerError?)])
    func looksForTheProgram(command: [String], expected: ContainerError?) async throws {
        try await withImage { store, image in
            let wanted = specification { ($0.entrypoint, $0.command) = ([], command) }
            if let expected {
                #expect(throws: expected) { _ = try MountedContainer(wanted, of: image, in: store) }
                // Nothing of what was mounted for it stays.
                #expect(try !Files.text("/proc/self/mountinfo").contains(store.path.string))
            } else {
                try MountedContainer(wanted, of: image, in: store).discard()
            }
        }
    }

    @Test func needsItsUser() async throws {
        try await withImage { store, image in
            for wanted in [specification { $0.user = "nobody" }, specification { $0.groups = ["nobody"] }] {
                #expect(throws: AccountError.self) { _ = try MountedContainer(wanted, of: image, in: store) }
            }
        }
    }

    /// The first program that is there is taken, by its real path.
    @Test func findsAnInit() async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.write("", to: "\(directory)/real", mode: 0o755)
            try Directory(opening: FilePath(directory)).makeSymbolicLink(
                Array("tini-static".utf8), to: Array("real".utf8))
            let binding = try InitProgram.binding(HostEnvironment(variables: ["PATH": directory]))
            guard case .host(let source) = binding.source else {
                Issue.record("it is no file of the host")
                return
            }
            #expect(source.hasSuffix("/real") && binding.target == InitProgram.target)
        }
    }
}

// swift-tools-version: 6.3
import PackageDescription

// The dependency table of docs/architecture.md. Tests/ArchitectureTests reads `swift package dump-package` and
// compares: change the table, this file and the test together.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK: Target.Dependency = .product(name: "NIOHPACK", package: "swift-nio-http2")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let collections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// One file for every Linux: docs/decisions/0008-one-static-binary.md. scripts/setup fills the directory.
let staticLink = [
    "-static-executable", "-use-ld=lld", "-Xlinker", "-s", "-L\(Context.packageDirectory)/.build/static",
    "-Xclang-linker",
    "-B\(Context.packageDirectory)/.build/static",
    // Nothing unwinds: docs/decisions/0010-a-small-binary.md.
    "-Xlinker", "--wrap=pthread_exit", "-Xlinker", "--no-eh-frame-hdr", "-Xlinker",
    "-T\(Context.packageDirectory)/scripts/no-unwinding.ld",
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], fixtures: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: fixtures, swiftSettings: settings)
}

let package = Package(
    name: "distill",
    products: [.executable(name: "distill", targets: ["distill"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
    ],
    targets: [
        .systemLibrary(name: "CCompression"),
        .systemLibrary(name: "CSeccomp"),
        .systemLibrary(name: "CYAML"),
        .systemLibrary(name: "CNettle"),
        .target(name: "CLinux"),
        .target(name: "CScan", cSettings: [.unsafeFlags(["-O2"])]),
        library("OCI", ["CNettle"]),
        library("Archive", ["CCompression"]),
        library("YAML", ["CYAML"]),
        library("LinuxSystem", ["CLinux", "CSeccomp", system]),
        library("Storage", ["OCI", "Archive", "LinuxSystem", system]),
        library("Distribution", ["OCI", nio, nioHTTP, nioPosix, nioSSL, nioTLS]),
        library("Dockerfile", ["OCI"]),
        library("BuildGraph", ["OCI", "Dockerfile", collections]),
        library("Sandbox", ["OCI", "LinuxSystem", system]),
        library("Solver", ["OCI", "BuildGraph", "Storage", "Sandbox", system]),
        library("Debian", ["OCI", "Archive", "YAML", subprocess, system]),
        library("Inspection", ["OCI", "Archive"]),
        library("Secrets", ["OCI", "Archive", "YAML", "Inspection", "CScan"]),
        library("Compose", ["OCI", "Dockerfile", "YAML"]),
        library("Bake", ["OCI", "Dockerfile", "Compose"]),
        library("Rendering", ["OCI"]),
        library("Manual", ["OCI", "Dockerfile"]),
        library(
            "Machine",
            [
                "OCI", "LinuxSystem", "Storage", "Distribution", "Debian", "Sandbox", "Solver", "Bases", "Engine",
                subprocess, system,
            ]),
        library("Attestation", ["OCI", "Inspection"]),
        library(
            "Bases",
            [
                "OCI", "Archive", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Distribution", "Debian",
                "Inspection", "Attestation",
                "Sandbox", "Solver", system,
            ]),
        library("Agents", ["OCI", "LinuxSystem", "Storage", "Networking", subprocess, system, nio, nioPosix]),
        library(
            "Engine",
            [
                "OCI", "Archive", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Distribution", "Debian",
                "Inspection", "Attestation",
                "Agents", "Sandbox", "Solver", "Networking", "Bases", "Containers", "Secrets", subprocess, system,
            ]),
        library("Networking", ["LinuxSystem", system, nio, nioPosix]),
        library("Containers", ["OCI", "LinuxSystem", "Storage", "Sandbox", system]),
        library(
            "Projects",
            [
                "OCI", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Sandbox", "Solver", "Compose", "Bake",
                "Rendering", "Networking", "Attestation", "Agents",
                "Containers", "Engine", system,
            ]),
        library(
            "EngineAPI",
            [
                "OCI", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Distribution", "Sandbox", "Solver",
                "Attestation", "Agents", "Bases",
                "Engine", system, nio, nioHTTP, nioPosix, nioSSL, nioHTTP2, nioHPACK,
            ]),
        library(
            "Insight",
            [
                "OCI", "Archive", "LinuxSystem", "YAML", "Dockerfile", "BuildGraph", "Storage", "Distribution",
                "Inspection", "Rendering", "Bases",
                "Engine", system,
            ]),
        library(
            "Diagnosis",
            [
                "OCI", "Archive", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Distribution", "Debian",
                "Inspection", "Compose", "Bake", "Rendering",
                "Sandbox", "Solver", "Networking", "Bases", "Agents", "Secrets", "Engine", "Containers", "Projects",
                "EngineAPI", "Manual", "Machine", "Insight",
                system,
            ]),
        .executableTarget(
            name: "distill",
            dependencies: [
                "OCI", "LinuxSystem", "Storage", "Distribution", "Dockerfile", "BuildGraph", "Sandbox", "Solver",
                "Debian", "Inspection",
                "Compose", "Bake", "Rendering", "Attestation", "Bases", "Agents", "Secrets", "Engine", "Containers",
                "Projects", "EngineAPI", "Manual", "Machine", "Insight", "Diagnosis", arguments,
                subprocess, system,
            ],
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(staticLink, .when(configuration: .release))]),
        .target(
            name: "TestSupport",
            dependencies: ["OCI", "Archive", "LinuxSystem", "Sandbox", subprocess, system, nio, nioPosix],
            swiftSettings: settings),
        .target(
            name: "HostileInput",
            dependencies: [
                "OCI", "Archive", "YAML", "Dockerfile", "BuildGraph", "Compose", "Debian", "Inspection", "Secrets",
                "Distribution", "EngineAPI",
            ], path: "Fuzzing/HostileInput", swiftSettings: settings),
        tests("HostileInputTests", ["HostileInput", "TestSupport"], fixtures: ["Corpus"]),
        tests("OCITests", ["OCI", "TestSupport"]),
        tests("ArchiveTests", ["Archive", "TestSupport", system]),
        tests("YAMLTests", ["YAML", "OCI", "TestSupport"]),
        tests("StorageTests", ["Storage", "OCI", "Archive", "LinuxSystem", "TestSupport", system]),
        tests("DistributionTests", ["Distribution", "OCI", "TestSupport"]),
        tests("LinuxSystemTests", ["LinuxSystem", "TestSupport", system]),
        tests("DockerfileTests", ["Dockerfile", "OCI", "TestSupport"], fixtures: ["Fixtures"]),
        tests("BuildGraphTests", ["BuildGraph", "Dockerfile", "OCI", "TestSupport"], fixtures: ["Fixtures"]),
        tests("SandboxTests", ["Sandbox", "OCI", "LinuxSystem", "TestSupport", system]),
        tests(
            "SolverTests",
            ["Solver", "BuildGraph", "Dockerfile", "Storage", "OCI", "Sandbox", "LinuxSystem", "TestSupport", system]),
        tests("DebianTests", ["Debian", "Archive", "OCI", "TestSupport", system]),
        tests("InspectionTests", ["Inspection", "Archive", "OCI", "TestSupport", system]),
        tests("SecretsTests", ["Secrets", "Archive", "OCI"]),
        tests("ComposeTests", ["Compose", "OCI", "TestSupport"]),
        tests("BakeTests", ["Bake", "Compose", "Dockerfile", "OCI", "TestSupport"]),
        tests("RenderingTests", ["Rendering", "OCI", "TestSupport"]),
        tests("ManualTests", ["Manual", "OCI", "TestSupport"]),
        tests("MachineTests", ["Machine", "OCI", "LinuxSystem", "Storage", "TestSupport", system]),
        tests("AttestationTests", ["Attestation", "OCI", "TestSupport"]),
        tests("NetworkingTests", ["Networking", "LinuxSystem", "TestSupport", system, nio, nioPosix]),
        tests(
            "BasesTests",
            [
                "Bases", "OCI", "Archive", "Inspection", "Storage", "Debian", "Dockerfile", "LinuxSystem",
                "TestSupport", system,
            ]),
        tests("AgentsTests", ["Agents", "OCI", "TestSupport"]),
        tests(
            "EngineTests",
            [
                "Engine", "Agents", "Archive", "Bases", "Distribution", "Dockerfile", "OCI", "Sandbox", "Solver",
                "Storage",
                "LinuxSystem", "TestSupport", system,
            ]),
        tests(
            "EngineAPITests",
            ["EngineAPI", "Engine", "OCI", "Storage", "LinuxSystem", "TestSupport", system, nio, nioPosix]),
        tests(
            "InsightTests", ["Insight", "Inspection", "Archive", "Engine", "Rendering", "OCI", "TestSupport", system]),
        tests("ContainersTests", ["Containers", "OCI", "Storage", "Sandbox", "LinuxSystem", "TestSupport", system]),
        tests(
            "ProjectsTests", ["Projects", "Compose", "Engine", "OCI", "Storage", "LinuxSystem", "TestSupport", system]),
        tests(
            "DiagnosisTests",
            [
                "Diagnosis", "Agents", "Archive", "Bake", "Bases", "BuildGraph", "Compose", "Containers", "Debian",
                "Distribution", "Dockerfile", "Engine", "EngineAPI", "Insight", "Inspection", "LinuxSystem", "Manual",
                "Networking",
                "OCI", "Projects", "Rendering", "Sandbox", "Secrets", "Solver", "Storage", "TestSupport", system,
            ]),
        tests(
            "DistillTests",
            [
                "distill", "BuildGraph", "Diagnosis", "Engine", "Attestation", "Manual", "Rendering", "OCI", "Solver",
                "Storage", "Archive", "Distribution", "LinuxSystem", "TestSupport", system,
            ], fixtures: ["Fixtures"]),
        tests("ArchitectureTests", ["OCI", "TestSupport", system]),
        tests("EndToEndTests", ["OCI", "TestSupport", system], fixtures: ["Fixtures"]),
    ]
)

// Only scripts/fuzz asks for it: libFuzzer brings the entry point.
if Context.environment["DISTILL_FUZZ"] != nil {
    package.products.append(.executable(name: "fuzz", targets: ["fuzz"]))
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["HostileInput"], path: "Fuzzing/fuzz",
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}

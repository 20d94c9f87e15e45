/// What each target may import: the table of docs/architecture.md, with the modules that third parties' packages give.
///
/// A change here is a change of the architecture: the page, Package.swift and this table change together.
struct DependencyTable {
    struct Row {
        let ours: Set<String>
        let packages: Set<String>
    }

    static let rows: [String: Row] = [
        "OCI": Row(ours: ["CNettle"], packages: []),
        "Archive": Row(ours: ["CCompression"], packages: []),
        "YAML": Row(ours: ["CYAML"], packages: []),
        "LinuxSystem": Row(ours: ["CLinux", "CSeccomp"], packages: ["swift-system"]),
        "Storage": Row(ours: ["OCI", "Archive", "LinuxSystem"], packages: ["swift-system"]),
        "Distribution": Row(ours: ["OCI"], packages: ["swift-nio", "swift-nio-ssl"]),
        "Dockerfile": Row(ours: ["OCI"], packages: []),
        "BuildGraph": Row(ours: ["OCI", "Dockerfile"], packages: ["swift-collections"]),
        "Sandbox": Row(ours: ["OCI", "LinuxSystem"], packages: ["swift-system"]),
        "Solver": Row(ours: ["OCI", "BuildGraph", "Storage", "Sandbox"], packages: ["swift-system"]),
        "Debian": Row(ours: ["OCI", "Archive", "YAML"], packages: ["swift-subprocess", "swift-system"]),
        "Inspection": Row(ours: ["OCI", "Archive"], packages: []),
        "Secrets": Row(ours: ["OCI", "Archive", "YAML", "Inspection", "CScan"], packages: []),
        "Compose": Row(ours: ["OCI", "Dockerfile", "YAML"], packages: []),
        "Bake": Row(ours: ["OCI", "Dockerfile", "Compose"], packages: []),
        "Rendering": Row(ours: ["OCI"], packages: []),
        "Manual": Row(ours: ["OCI", "Dockerfile"], packages: []),
        "Machine": Row(
            ours: ["OCI", "LinuxSystem", "Storage", "Distribution", "Debian", "Sandbox", "Solver", "Bases", "Engine"],
            packages: ["swift-subprocess", "swift-system"]),
        "Attestation": Row(ours: ["OCI", "Inspection"], packages: []),
        "Networking": Row(ours: ["LinuxSystem"], packages: ["swift-nio", "swift-system"]),
        "Bases": Row(
            ours: [
                "OCI", "Archive", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Distribution", "Debian",
                "Inspection", "Attestation",
                "Sandbox", "Solver",
            ], packages: ["swift-system"]),
        "Agents": Row(
            ours: ["OCI", "LinuxSystem", "Storage", "Networking"],
            packages: ["swift-nio", "swift-subprocess", "swift-system"]),
        "Engine": Row(
            ours: [
                "OCI", "Archive", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Distribution", "Debian",
                "Inspection", "Attestation",
                "Agents", "Sandbox", "Solver", "Networking", "Bases", "Containers", "Secrets",
            ], packages: ["swift-subprocess", "swift-system"]),
        "Containers": Row(ours: ["OCI", "LinuxSystem", "Storage", "Sandbox"], packages: ["swift-system"]),
        "Projects": Row(
            ours: [
                "OCI", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Sandbox", "Solver", "Compose", "Bake",
                "Rendering", "Networking", "Attestation", "Agents",
                "Containers", "Engine",
            ], packages: ["swift-system"]),
        "EngineAPI": Row(
            ours: [
                "OCI", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Distribution", "Sandbox", "Solver",
                "Attestation", "Agents", "Bases",
                "Engine",
            ], packages: ["swift-nio", "swift-nio-ssl", "swift-nio-http2", "swift-system"]),
        "Insight": Row(
            ours: [
                "OCI", "Archive", "LinuxSystem", "YAML", "Dockerfile", "BuildGraph", "Storage", "Distribution",
                "Inspection", "Rendering", "Bases",
                "Engine",
            ], packages: ["swift-system"]),
        "Diagnosis": Row(
            ours: [
                "OCI", "Archive", "LinuxSystem", "Dockerfile", "BuildGraph", "Storage", "Distribution", "Debian",
                "Inspection", "Compose", "Bake", "Rendering",
                "Sandbox", "Solver", "Networking", "Bases", "Agents", "Secrets", "Engine", "Containers", "Projects",
                "EngineAPI", "Manual", "Machine", "Insight",
            ], packages: ["swift-system"]),
        "distill": Row(
            ours: [
                "OCI", "LinuxSystem", "Storage", "Distribution", "Dockerfile", "BuildGraph", "Sandbox", "Solver",
                "Debian", "Inspection",
                "Compose", "Bake", "Rendering", "Attestation", "Bases", "Agents", "Secrets", "Engine", "Containers",
                "Projects", "EngineAPI", "Manual", "Machine", "Insight", "Diagnosis",
            ], packages: ["swift-argument-parser", "swift-subprocess", "swift-system"]),
        "CLinux": Row(ours: [], packages: []),
        "CScan": Row(ours: [], packages: []),
        "CCompression": Row(ours: [], packages: []),
        "CSeccomp": Row(ours: [], packages: []),
        "CYAML": Row(ours: [], packages: []),
        "CNettle": Row(ours: [], packages: []),
    ]

    /// Targets in which functions turn values into values and nothing else: no descriptor, clock, environment,
    /// randomness, log or network.
    static let pure: Set = [
        "OCI", "Archive", "YAML", "Dockerfile", "BuildGraph", "Inspection", "Secrets", "Compose", "Bake", "Rendering",
        "Manual", "Attestation",
    ]

    /// Targets in C, and modules of system libraries: they stand in rows, but have none on the page and no tests of their own.
    static let withoutSwift: Set = ["CLinux", "CScan", "CCompression", "CSeccomp", "CYAML", "CNettle"]

    /// The tests' own library sees what it needs; no target of the product does.
    static let unrestricted: Set = ["TestSupport", "HostileInput"]

    /// The package that a module comes from.
    static let packageOfModule: [String: String] = [
        "SystemPackage": "swift-system",
        "NIOCore": "swift-nio", "NIOHTTP1": "swift-nio", "NIOPosix": "swift-nio", "NIOSSL": "swift-nio-ssl",
        "NIOTLS": "swift-nio", "NIOHTTP2": "swift-nio-http2", "NIOHPACK": "swift-nio-http2",
        "OrderedCollections": "swift-collections", "Subprocess": "swift-subprocess", "Logging": "swift-log",
        "ArgumentParser": "swift-argument-parser",
    ]

    /// Modules of the toolchain, and the targets that may import them; an empty set is every target that is not pure.
    static let toolchain: [String: Set<String>] = [
        "Glibc": ["LinuxSystem", "TestSupport"], "Musl": ["LinuxSystem"], "Dispatch": ["LinuxSystem", "distill"],
        "Synchronization": [], "FoundationEssentials": [],
    ]
}

import Engine
import LinuxSystem
import OCI
import Storage
import SystemPackage

extension ServedEngine {
    /// GET and HEAD /_ping
    func ping(_ exchange: Exchange) async throws {
        let headers = [
            ("Builder-Version", "2"), ("Swarm", "inactive"), ("Cache-Control", "no-cache, no-store, must-revalidate"),
            ("Pragma", "no-cache"),
        ]
        try await exchange.answer(200, Array("OK".utf8), type: "text/plain; charset=utf-8", headers: headers)
    }

    /// GET /version
    func version(_ exchange: Exchange) async throws {
        let facts: [(String, String)] = [
            ("ApiVersion", APIVersion.newest.description), ("Arch", Platform.host.architecture),
            ("BuildTime", "1970-01-01T00:00:00Z"),
            ("Experimental", "false"), ("GitCommit", ""), ("GoVersion", ""),
            ("KernelVersion", ProcessFacts.kernelRelease),
            ("MinAPIVersion", APIVersion.oldest.description), ("Os", "linux"),
        ]
        var details: JSONObject = [:]
        for (name, value) in facts { details[name] = .string(value) }
        var answer: JSONObject = [
            "Platform": .object(["Name": .string("Distill")]),
            "Components": .array([
                .object(["Name": .string("Engine"), "Version": .string(ToolVersion.text), "Details": .object(details)])
            ]),
            "Version": .string(ToolVersion.text),
        ]
        for (name, value) in facts where name != "Experimental" { answer[name] = .string(value) }
        try await exchange.answer(200, .object(answer))
    }

    /// GET /info
    func info(_ exchange: Exchange) async throws {
        let count = try await withEngine { engine in
            let store = engine.store
            return try await store.perform { try store.images.list().count }
        }
        try await exchange.answer(200, Self.info(images: count, environment))
    }

    private static func info(images: Int, _ environment: HostEnvironment) -> JSON {
        let zero: JSON = .integer(0)
        let name = text("/proc/sys/kernel/hostname") ?? "localhost"
        let system = text("/etc/os-release").flatMap { release in
            release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst("PRETTY_NAME=".count)
                .filter { $0 != "\"" }
        }
        let machine = ["amd64": "x86_64", "arm64": "aarch64"][Platform.host.architecture] ?? Platform.host.architecture
        var object: JSONObject = [
            "ID": .string(name), "Containers": zero, "ContainersRunning": zero, "ContainersPaused": zero,
            "ContainersStopped": zero,
            "Images": .integer(Int64(images)), "Driver": .string("overlayfs"),
            "DriverStatus": .array([.strings(["driver-type", "io.containerd.snapshotter.v1"])]),
            "Plugins": .object(["Volume": .array([]), "Network": .array([]), "Authorization": .null, "Log": .array([])]
            ),
            "MemoryLimit": .bool(true), "SwapLimit": .bool(true), "CpuCfsPeriod": .bool(true),
            "CpuCfsQuota": .bool(true),
            "CPUShares": .bool(true), "CPUSet": .bool(true), "PidsLimit": .bool(true), "IPv4Forwarding": .bool(true),
            "Debug": .bool(false),
            "NFd": zero, "OomKillDisable": .bool(false), "NGoroutines": zero,
            "SystemTime": .string(Timestamp(seconds: FileTime.now.seconds).rfc3339),
            "LoggingDriver": .string("json-file"), "CgroupDriver": .string("cgroupfs"),
            "CgroupVersion": .string(text("/sys/fs/cgroup/cgroup.controllers") == nil ? "1" : "2"),
            "NEventsListener": zero, "KernelVersion": .string(ProcessFacts.kernelRelease),
            "OperatingSystem": .string(system ?? "Linux"),
            "OSVersion": .string(""), "OSType": .string("linux"), "Architecture": .string(machine),
            "IndexServerAddress": .string("https://index.docker.io/v1/"),
        ]
        object["RegistryConfig"] = .object([
            "InsecureRegistryCIDRs": .strings(["127.0.0.0/8"]), "IndexConfigs": .object([:]), "Mirrors": .array([]),
        ])
        object["NCPU"] = .integer(Int64(ProcessFacts.processorCount))
        object["MemTotal"] = .integer(memory)
        object["GenericResources"] = .null
        object["DockerRootDir"] = .string(StoreLocation.path(environment)?.string ?? "")
        for name in ["HttpProxy", "HttpsProxy", "NoProxy"] { object[name] = .string("") }
        object["Name"] = .string(name)
        object["Labels"] = .array([])
        object["ExperimentalBuild"] = .bool(false)
        object["ServerVersion"] = .string(ToolVersion.text)
        object["Runtimes"] = .object([
            "crun": .object(["path": .string("crun")]), "runc": .object(["path": .string("runc")]),
        ])
        object["DefaultRuntime"] = .string("crun")
        object["Swarm"] = .object([
            "NodeID": .string(""), "NodeAddr": .string(""), "LocalNodeState": .string("inactive"),
            "ControlAvailable": .bool(false),
            "Error": .string(""), "RemoteManagers": .null,
        ])
        object["LiveRestoreEnabled"] = .bool(false)
        object["Isolation"] = .string("")
        object["InitBinary"] = .string("")
        for name in ["ContainerdCommit", "RuncCommit", "InitCommit"] { object[name] = .object(["ID": .string("")]) }
        object["SecurityOptions"] = .strings(
            ["name=seccomp,profile=builtin"] + (UserNamespace.isInitial ? [] : ["name=rootless"]))
        object["Warnings"] = .null
        return .object(object)
    }

    private static func text(_ path: FilePath) -> String? {
        HostFiles.read(path).map { String(decoding: $0, as: UTF8.self).trimmed }
    }

    /// Bytes of this machine's memory (proc_meminfo(5)).
    private static var memory: Int64 {
        let line = text("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 << 10 } ?? 0
    }

    /// GET /system/df
    func diskUsage(_ exchange: Exchange) async throws {
        let version = exchange.request.version
        let answer = try await withEngine { engine in
            let store = engine.store
            return try await store.perform {
                let usage = try store.usage()
                func size(_ kind: Store.Usage.Kind) -> Int64 { usage.first { $0.kind == kind }?.size ?? 0 }
                let images = try Self.summaries(ImageFilter(.none, store), store, version: version)
                let cache = usage.filter { [.buildCache, .cacheMounts].contains($0.kind) && $0.size > 0 }.map { entry in
                    JSON.object([
                        "ID": .string(entry.kind == .buildCache ? "layers" : "mounts"), "Parents": .null,
                        "Type": .string(entry.kind == .buildCache ? "regular" : "exec.cachemount"),
                        "Description": .string(entry.kind.rawValue), "InUse": .bool(false), "Shared": .bool(false),
                        "Size": .integer(entry.size), "CreatedAt": .string("1970-01-01T00:00:00Z"), "LastUsedAt": .null,
                        "UsageCount": .integer(Int64(entry.count)),
                    ])
                }
                return JSON.object([
                    "LayersSize": .integer(size(.images)), "Images": .array(images), "Containers": .array([]),
                    "Volumes": .array([]),
                    "BuildCache": .array(cache),
                ])
            }
        }
        try await exchange.answer(200, answer)
    }

    /// POST /build/prune
    func pruneBuildCache(_ exchange: Exchange) async throws {
        let query = exchange.request.query
        let filters = try APIFilters(
            query, known: ["until", "id", "parent", "type", "description", "inuse", "shared", "private"])
        var policy = Store.PrunePolicy()
        policy.keptBytes = try query.integer("reserved-space") ?? query.integer("keep-storage")
        if let until = filters["until"].first {
            policy.lastUsedBefore = try MomentWord.seconds(until, now: FileTime.now.seconds, parameter: "until")
        }
        let removal = try await prune(policy)
        try await exchange.answer(
            200, .object(["CachesDeleted": .array([]), "SpaceReclaimed": .integer(removal.reclaimed)]))
    }

    /// How long builds that are under way are waited for.
    private static let prunePatience = Duration.seconds(20)

    func prune(_ policy: Store.PrunePolicy) async throws -> Store.Removal {
        try await withEngine { engine in
            let store = engine.store
            let end = ContinuousClock.now + Self.prunePatience
            while true {
                if let removal = try await store.perform({ try store.prune(policy) }) { return removal }
                guard ContinuousClock.now < end else { throw APIError.storeInUse }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// GET /events
    func follow(_ exchange: Exchange) async throws {
        let query = exchange.request.query
        let known: Set = [
            "type", "event", "image", "label", "container", "network", "volume", "daemon", "scope", "plugin", "service",
            "node", "secret", "config",
        ]
        let filters = try APIFilters(query, known: known)
        let now = FileTime.now.seconds
        let since = try query["since"].map { try MomentWord.seconds($0, now: now, parameter: "since") }
        let until = try query["until"].map { try MomentWord.seconds($0, now: now, parameter: "until") }
        let stream = events.events(since: since)
        try await exchange.begin(type: "application/json")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in stream where Self.admits(event, filters) {
                    if let until, event.time.seconds > until { return }
                    try await exchange.write(event.json)
                }
            }
            if let until {
                group.addTask { try await Task.sleep(for: .seconds(max(0, min(until - now, 1 << 32)))) }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private static func admits(_ event: EventHub.Event, _ filters: APIFilters) -> Bool {
        func has(_ name: String, _ values: [String?]) -> Bool {
            filters[name].isEmpty || filters[name].contains { values.contains($0) }
        }
        let other = [
            "container", "network", "volume", "daemon", "plugin", "service", "node", "secret", "config", "label",
        ]
        return has("type", [event.type]) && has("event", [event.action]) && has("scope", ["local"])
            && has(
                "image",
                [event.id, event.attributes["name"], event.attributes["name"].map { String($0.prefix { $0 != ":" }) }])
            && other.allSatisfy { filters[$0].isEmpty }
    }
}

extension String {
    fileprivate var trimmed: String { String(self.reversed().drop { $0 == "\n" || $0 == " " }.reversed()) }
}

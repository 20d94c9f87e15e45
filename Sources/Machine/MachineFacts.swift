import Engine
package import LinuxSystem
package import OCI
import Sandbox
package import Storage
import SystemPackage

/// What is known of this machine and its store, under docker's names (Engine API, `SystemInfo` and `SystemVersion`).
package enum MachineFacts {
    /// - Parameter store: nil where there is none yet.
    package static func document(_ environment: HostEnvironment, store: Store?) throws -> JSON {
        let memory = memoryTotal()
        let images = try store?.images.list().count ?? 0
        let runtime = OCIRuntime.names.first { environment.program($0) != nil } ?? ""
        let isSecond = FilePath("/sys/fs/cgroup/cgroup.controllers")
        var object: JSONObject = [
            "ID": .string(""), "Name": .string(HostFiles.firstLine("/proc/sys/kernel/hostname") ?? ""),
            "ServerVersion": .string(ToolVersion.text), "Containers": .integer(0), "ContainersRunning": .integer(0),
            "ContainersPaused": .integer(0), "ContainersStopped": .integer(0), "Images": .integer(Int64(images)),
            "Driver": .string("overlayfs"), "DockerRootDir": .string(StoreLocation.path(environment)?.string ?? ""),
        ]
        object["BackingFilesystem"] = .string(
            StoreLocation.path(environment).flatMap(existing).flatMap(FileSystemKind.of)?.rawValue ?? "")
        object["KernelVersion"] = .string(ProcessFacts.kernelRelease)
        object["OperatingSystem"] = .string(operatingSystem())
        object["OSType"] = .string(Platform.host.os)
        object["Architecture"] = .string(Platform.host.architecture)
        object["NCPU"] = .integer(Int64(ProcessFacts.processorCount))
        object["MemTotal"] = .integer(memory)
        object["CgroupDriver"] = .string("cgroupfs")
        object["CgroupVersion"] = .string(ProcessFacts.file(isSecond) == nil ? "1" : "2")
        object["DefaultRuntime"] = .string(runtime)
        object["Runtimes"] = .object(
            OCIRuntime.names.reduce(into: JSONObject()) { all, name in
                if let path = environment.program(name) { all[name] = .object(["path": .string(path.string)]) }
            })
        object["SecurityOptions"] = .strings(
            (SyscallFilter.isSupported ? ["name=seccomp,profile=builtin"] : [])
                + (UserNamespace.isInitial ? [] : ["name=rootless"]))
        for name in ["HttpProxy", "HttpsProxy", "NoProxy"] {
            let variable = name.dropLast("Proxy".count).uppercased() + "_PROXY"
            let value = environment.text(variable) ?? environment.text(variable.lowercased()) ?? ""
            object[name] = .string(name == "NoProxy" ? value : PublicURL.text(of: value))
        }
        return .object(object)
    }

    /// What `version` tells; there is no server, and programs that ask for its version get this one's.
    package static func version() -> JSON {
        let common: JSONObject = [
            "Version": .string(ToolVersion.text), "ApiVersion": .string(""), "Os": .string(Platform.host.os),
            "Arch": .string(Platform.host.architecture), "KernelVersion": .string(ProcessFacts.kernelRelease),
        ]
        var client: JSONObject = ["Platform": .object(["Name": .string("Distill")])]
        for member in common.members { client[member.key] = member.value }
        return .object(["Client": .object(client), "Server": .object(client)])
    }

    /// The path, or the nearest directory above that is there.
    private static func existing(_ path: FilePath) -> FilePath? {
        var path = path
        while ProcessFacts.realPath(path) == nil, !path.removingLastComponent().isEmpty {
            path = path.removingLastComponent()
        }
        return path
    }

    /// Bytes.
    private static func memoryTotal() -> Int64 {
        let text = String(decoding: HostFiles.read("/proc/meminfo") ?? [], as: UTF8.self)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemTotal:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int64($0) }),
            kilobytes < Int64.max / 1024
        else { return 0 }
        return kilobytes * 1024
    }

    /// os-release(5)
    private static func operatingSystem() -> String {
        let text = String(
            decoding: HostFiles.read("/etc/os-release") ?? HostFiles.read("/usr/lib/os-release") ?? [], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { $0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } }.map { String($0) } ?? "Linux"
    }
}

extension HostFiles {
    fileprivate static func firstLine(_ path: FilePath) -> String? {
        read(path).map { String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self) }
    }
}

extension ProcessSpec {
    /// The `config.json` of a bundle for this process (OCI runtime specification 1.0, config.md and config-linux.md).
    ///
    /// Capabilities, masked and read-only paths are docker's defaults. Where no resource limits are set the process has the
    /// caller's.
    /// - Parameters:
    ///   - grantable: the caller's bounding set as a mask by capability number; nothing beyond it is asked for.
    ///   - knowsTerminalGroup: whether the caller's user namespace has the group 5, `tty`, to which terminals belong.
    public func runtimeConfig(grantable: UInt64 = .max, knowsTerminalGroup: Bool = true) -> JSON {
        var linux: JSONObject = [
            "namespaces": .array(namespaces),
            "maskedPaths": .strings(isPrivileged ? [] : Self.maskedPaths),
            "readonlyPaths": .strings(isPrivileged ? [] : Self.readOnlyPaths),
        ]
        // As in docker: an ordinary user's service may listen on port 80 of a network that is the container's own.
        if networkNamespace != nil { linux["sysctl"] = .object(["net.ipv4.ip_unprivileged_port_start": .string("0")]) }
        return .object([
            "ociVersion": .string("1.0.2"),
            "process": process(grantable),
            "root": .object(["path": .string(root), "readonly": .bool(isRootReadOnly)]),
            "hostname": .string(hostname),
            "mounts": .array(Self.systemMounts(sharedMemorySize, knowsTerminalGroup) + ownMounts),
            "linux": .object(linux),
        ])
    }

    /// What is mounted deeper comes later: else what is mounted above hides it.
    private var ownMounts: [JSON] {
        let all = temporaryMounts.map { ($0.target, $0.json) } + mounts.map { ($0.target, $0.json) }
        return all.sorted { $0.0.components.count < $1.0.components.count }.map(\.1)
    }

    private var namespaces: [JSON] {
        let own = ["mount", "pid", "ipc", "uts"].map { JSON.object(["type": .string($0)]) }
        if let networkNamespace { return own + [.object(["type": .string("network"), "path": .string(networkNamespace)])] }
        return own + (sharesNetwork ? [] : [.object(["type": .string("network")])])
    }

    private func process(_ grantable: UInt64) -> JSON {
        let granted = JSON.strings(grantedCapabilities(grantable))
        // An ordinary user's process starts without effective capabilities, as in docker.
        let effective = user == 0 ? granted : .array([])
        var object: JSONObject = [
            "terminal": .bool(hasTerminal),
            "user": .object([
                "uid": .integer(Int64(user)), "gid": .integer(Int64(group)),
                "additionalGids": .array(additionalGroups.map { .integer(Int64($0)) }),
            ]),
            "args": .strings(arguments), "env": .strings(environment),
            "cwd": .string(workingDirectory.description),
            "capabilities": .object([
                "bounding": granted, "effective": effective, "permitted": effective,
            ]),
            "noNewPrivileges": .bool(forbidsNewPrivileges),
        ]
        if !resourceLimits.isEmpty { object["rlimits"] = .array(resourceLimits.map(\.json)) }
        if let terminalSize {
            object["consoleSize"] = .object([
                "height": .integer(Int64(terminalSize.rows)), "width": .integer(Int64(terminalSize.columns)),
            ])
        }
        return .object(object)
    }

    private static func systemMounts(_ sharedMemorySize: Int64, _ knowsTerminalGroup: Bool) -> [JSON] {
        func mount(_ target: String, _ type: String, _ source: String, _ options: [String]) -> JSON {
            .object([
                "destination": .string(target), "type": .string(type), "source": .string(source),
                "options": .strings(options),
            ])
        }
        let terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] + (knowsTerminalGroup ? ["gid=5"] : [])
        return [
            mount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
            mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount("/dev/pts", "devpts", "devpts", terminals),
            mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=\(sharedMemorySize)"]),
            mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
            mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
        ]
    }

    private func grantedCapabilities(_ grantable: UInt64) -> [String] {
        let wanted =
            switch capabilities {
            case .standard: Capability.standard
            case .all: Capability.all
            case .changed(let added, let dropped):
                added == Capability.all ? Capability.all.subtracting(dropped) : Capability.standard.subtracting(dropped).union(added)
            }
        return Capability.allCases.enumerated().compactMap { number, capability in
            grantable & (1 << UInt64(number)) != 0 && wanted.contains(capability) ? "CAP_" + capability.rawValue : nil
        }
    }

    private var isPrivileged: Bool {
        if case .all = capabilities { true } else { false }
    }

    private static let maskedPaths = [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
        "/sys/devices/virtual/powercap",
    ]

    private static let readOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
}

extension ProcessSpec.BindMount {
    var json: JSON {
        .object([
            "destination": .string(target.description), "type": .string("bind"), "source": .string(source),
            "options": .strings(["rbind", "rprivate", isReadOnly ? "ro" : "rw"]),
        ])
    }
}

extension ProcessSpec.ResourceLimit {
    var json: JSON {
        .object([
            "type": .string("RLIMIT_" + name.uppercased()), "hard": .number(String(hard)), "soft": .number(String(soft)),
        ])
    }
}

extension ProcessSpec.TemporaryMount {
    var json: JSON {
        .object([
            "destination": .string(target.description), "type": .string("tmpfs"), "source": .string("tmpfs"),
            "options": .strings(
                ["nosuid", "nodev", "mode=\(String(mode, radix: 8))"] + (size.map { ["size=\($0)"] } ?? [])
                    + (user == 0 ? [] : ["uid=\(user)"]) + (group == 0 ? [] : ["gid=\(group)"])),
        ])
    }
}

package import OCI

extension ProcessSpec {
    /// The `config.json` of a bundle for this process (OCI runtime specification 1.0, config.md and config-linux.md).
    ///
    /// Masked and read-only paths are docker's defaults (28). Where no resource limits are set the process has the caller's.
    package func runtimeConfig(on machine: Machine = Machine(), filter: SystemCallFilter = .none) -> JSON {
        var linux: JSONObject = [
            "namespaces": .array(namespaces(machine)),
            "maskedPaths": .strings(
                (isPrivileged ? [] : Self.maskedPaths + machine.furtherMaskedPaths) + foreignPaths(machine)),
            "readonlyPaths": .strings(isPrivileged ? [] : Self.readOnlyPaths),
        ]
        // As in docker: an ordinary user's service may listen on port 80 of a network that is the container's own.
        var settings = networkNamespace == nil ? [:] : ["net.ipv4.ip_unprivileged_port_start": "0"]
        settings.merge(kernelSettings) { $1 }
        if !settings.isEmpty {
            var object: JSONObject = [:]
            for (name, value) in settings.sorted(by: { $0.key < $1.key }) { object[name] = .string(value) }
            linux["sysctl"] = .object(object)
        }
        if case .rules(let rules) = filter { linux["seccomp"] = rules.json }
        var config: JSONObject = [
            "ociVersion": .string("1.0.2"),
            "process": processConfig(machine.grantable),
            "root": .object(["path": .string(root), "readonly": .bool(isRootReadOnly && !closesDevices(machine))]),
            "hostname": .string(hostname),
            "mounts": .array(systemMounts(machine) + ownMounts + rootFlags(machine)),
            "linux": .object(linux),
        ]
        if case .program(let text) = filter { config["annotations"] = .object([Self.programAnnotation: .string(text)]) }
        return .object(config)
    }

    /// What a config depends on beside its process.
    package struct Machine: Sendable {
        /// The caller's bounding set as a mask by capability number; nothing beyond it is asked for.
        package var grantable: UInt64 = .max
        /// Whether the caller's user namespace has the group 5, `tty`, to which terminals belong.
        package var knowsTerminalGroup = true
        /// Whether the caller is in a user namespace to which the machine's network does not belong: it may not mount sysfs.
        package var isInUserNamespace = false
        /// Whether the runtime, crun, mounts the root file system without the flags that it had, `nodev` among them.
        package var losesRootFlags = false
        /// Whether the runtime knows flags for all mounts below one: `rro` (config.md, "Linux mount options").
        package var knowsRecursiveFlags = true
        /// Whether processes can be shown a tree of control groups that begins with their own (cgroup_namespaces(7)).
        package var hasControlGroupNamespaces = true
        /// Paths that are hidden beside the usual ones.
        package var furtherMaskedPaths: [String] = []
        /// OCI's name of the processor.
        package var architecture = Platform.host.architecture
        package var kernel = KernelVersion(major: 5, minor: 10)

        package init() {}
    }

    /// How an OCI runtime is told which system calls a process may make.
    package enum SystemCallFilter: Sendable {
        case none
        case rules(SeccompProfile.Resolved)
        /// The kernel's program for them in base 64, for a crun that takes it.
        case program(String)
    }

    /// crun(1), "run.oci.seccomp_bpf_data".
    package static let programAnnotation = "run.oci.seccomp_bpf_data"

    /// The rules about system calls that a process has on a machine; nil for one that may make all.
    package func systemCallRules(on machine: Machine) -> SeccompProfile.Resolved? {
        let profile: SeccompProfile
        switch systemCalls {
        case _ where isPrivileged: return nil
        case .unrestricted: return nil
        case .standard: profile = .standard
        case .profile(let given): profile = given
        }
        return profile.resolved(
            for: .init(
                architecture: machine.architecture, capabilities: grantedCapabilities(machine.grantable),
                kernel: machine.kernel))
    }

    /// What is mounted deeper comes later: else what is mounted above hides it.
    private var ownMounts: [JSON] {
        let all = temporaryMounts.map { ($0.target, $0.json) } + mounts.map { ($0.target, $0.json) }
        return all.sorted { $0.0.components.count < $1.0.components.count }.map(\.1)
    }

    private func namespaces(_ machine: Machine) -> [JSON] {
        let names = ["mount", "pid", "ipc", "uts"] + (machine.hasControlGroupNamespaces ? ["cgroup"] : [])
        let own = names.map { JSON.object(["type": .string($0)]) }
        if let networkNamespace {
            return own + [.object(["type": .string("network"), "path": .string(networkNamespace)])]
        }
        return own + (sharesNetwork ? [] : [.object(["type": .string("network")])])
    }

    /// The member `process` of it, and what `exec --process` of a runtime takes.
    ///
    /// - Parameter grantable: as ``Machine/grantable``.
    package func processConfig(_ grantable: UInt64 = .max) -> JSON {
        let capabilities = grantedCapabilities(grantable)
        let granted = JSON.strings(Capability.allCases.filter(capabilities.contains).map { "CAP_" + $0.rawValue })
        // An ordinary user's process starts without effective capabilities, as in docker.
        let effective = user == 0 ? granted : .array([])
        var object: JSONObject = [
            "terminal": .bool(hasTerminal),
            "user": .object([
                "uid": .integer(Int64(user)), "gid": .integer(Int64(group)),
                "additionalGids": .array(additionalGroups.map { .integer(Int64($0)) }),
                // Said, for a runtime's exec has none of its own: octal 022.
                "umask": .integer(0o022),
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

    private func systemMounts(_ machine: Machine) -> [JSON] {
        func mount(_ target: String, _ type: String, _ source: String, _ options: [String]) -> JSON {
            .object([
                "destination": .string(target), "type": .string(type), "source": .string(source),
                "options": .strings(options),
            ])
        }
        let terminals =
            ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
            + (machine.knowsTerminalGroup ? ["gid=5"] : [])
        let system = ["nosuid", "noexec", "nodev", "ro"]
        // With all that is mounted below it, where the kernel can do that at once (mount_setattr(2), Linux 5.12).
        let isPlain = machine.kernel < KernelVersion(major: 5, minor: 12) || !machine.knowsRecursiveFlags
        let deep = isPlain ? system : ["rnosuid", "rnoexec", "rnodev", "rro"]
        return [
            mount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
            mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount("/dev/pts", "devpts", "devpts", terminals),
            mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=\(sharedMemorySize)"]),
            mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
            seesForeignSystem(machine)
                ? mount("/sys", "bind", "/sys", ["rbind", "rprivate"] + deep) : mount("/sys", "sysfs", "sysfs", system),
        ]
    }

    /// Whether the root's `nodev` must be said once more. A process with all rights may open devices.
    private func closesDevices(_ machine: Machine) -> Bool { machine.losesRootFlags && !isPrivileged }

    /// A last mount that gives the root its flags back. crun takes no mount on `/`, and one on `/.`; a read-only root that it
    /// makes by itself would lose them again.
    private func rootFlags(_ machine: Machine) -> [JSON] {
        guard closesDevices(machine) else { return [] }
        return [
            .object([
                "destination": .string("/."), "type": .string("bind"), "source": .string(root),
                "options": .strings(["bind", "remount", "nodev"] + (isRootReadOnly ? ["ro"] : [])),
            ])
        ]
    }

    /// Whether `/sys` is the machine's: who may not mount sysfs, for the network is not its own, has no other. Runtimes that
    /// come to that by themselves leave it writable.
    private func seesForeignSystem(_ machine: Machine) -> Bool {
        machine.isInUserNamespace && sharesNetwork && networkNamespace == nil
    }

    /// A sysfs of one's own has no cgroups either.
    private func foreignPaths(_ machine: Machine) -> [String] { seesForeignSystem(machine) ? ["/sys/fs/cgroup"] : [] }

    private func grantedCapabilities(_ grantable: UInt64) -> Set<Capability> {
        let wanted =
            switch capabilities {
            case .standard: Capability.standard
            case .all: Capability.all
            case .changed(let added, let dropped):
                added == Capability.all
                    ? Capability.all.subtracting(dropped) : Capability.standard.subtracting(dropped).union(added)
            }
        return Set(
            Capability.allCases.enumerated().filter {
                grantable & (1 << UInt64($0.offset)) != 0 && wanted.contains($0.element)
            }
            .map(\.element))
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

extension ProcessSpec.ResourceLimit {
    var json: JSON {
        .object([
            "type": .string("RLIMIT_" + name.uppercased()), "hard": .number(String(hard)),
            "soft": .number(String(soft)),
        ])
    }
}

extension ProcessSpec.TemporaryMount {
    var json: JSON {
        .object([
            "destination": .string(target.description), "type": .string("tmpfs"), "source": .string("tmpfs"),
            "options": .strings(
                ["nosuid", "nodev", "mode=\(String(mode ?? 0o1777, radix: 8))"] + (size.map { ["size=\($0)"] } ?? [])
                    + (user == 0 ? [] : ["uid=\(user)"]) + (group == 0 ? [] : ["gid=\(group)"]) + options),
        ])
    }
}

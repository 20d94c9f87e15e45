/// A part of root's rights, in the order of its number (capabilities(7), linux/capability.h).
package enum Capability: String, CaseIterable, Hashable, Sendable {
    case chown = "CHOWN", overrideAccess = "DAC_OVERRIDE", overrideReading = "DAC_READ_SEARCH", ownFiles = "FOWNER"
    case keepSetID = "FSETID", kill = "KILL", setGroup = "SETGID", setUser = "SETUID", setCapabilities = "SETPCAP"
    case immutableFiles = "LINUX_IMMUTABLE", bindService = "NET_BIND_SERVICE", broadcast = "NET_BROADCAST"
    case networkAdministration = "NET_ADMIN", rawSockets = "NET_RAW", lockMemory = "IPC_LOCK", ownIPC = "IPC_OWNER"
    case loadModules = "SYS_MODULE", rawIO = "SYS_RAWIO", changeRoot = "SYS_CHROOT", trace = "SYS_PTRACE"
    case account = "SYS_PACCT", administration = "SYS_ADMIN", boot = "SYS_BOOT", priority = "SYS_NICE"
    case resources = "SYS_RESOURCE", clock = "SYS_TIME", terminals = "SYS_TTY_CONFIG", makeDevices = "MKNOD"
    case leases = "LEASE", writeAudit = "AUDIT_WRITE", controlAudit = "AUDIT_CONTROL", fileCapabilities = "SETFCAP"
    case overrideMandatory = "MAC_OVERRIDE", mandatoryAdministration = "MAC_ADMIN", systemLog = "SYSLOG"
    case wakeAlarm = "WAKE_ALARM", blockSuspend = "BLOCK_SUSPEND", readAudit = "AUDIT_READ", performance = "PERFMON"
    case programKernel = "BPF", restoreCheckpoints = "CHECKPOINT_RESTORE"

    package static let all = Set(allCases)

    /// Those that docker leaves to root in a container, but MKNOD: docker's containers have a cgroup that says which devices
    /// they may open, and ours have none. podman and buildah leave it out too.
    package static let standard: Set<Capability> = [
        .chown, .overrideAccess, .keepSetID, .ownFiles, .rawSockets, .setGroup, .setUser, .fileCapabilities, .setCapabilities,
        .bindService, .changeRoot, .kill, .writeAudit,
    ]

    /// `NET_ADMIN` or `CAP_NET_ADMIN`, in letters of any case.
    package init?(name: String) {
        let name = name.uppercased()
        self.init(rawValue: name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name)
    }
}

/// A part of root's rights, in the order of its number (capabilities(7), linux/capability.h).
package enum Capability: String, CaseIterable, Hashable, Sendable {
    case chown = "CHOWN"
    case overrideAccess = "DAC_OVERRIDE"
    case overrideReading = "DAC_READ_SEARCH"
    case ownFiles = "FOWNER"
    case keepSetID = "FSETID"
    case kill = "KILL"
    case setGroup = "SETGID"
    case setUser = "SETUID"
    case setCapabilities = "SETPCAP"
    case immutableFiles = "LINUX_IMMUTABLE"
    case bindService = "NET_BIND_SERVICE"
    case broadcast = "NET_BROADCAST"
    case networkAdministration = "NET_ADMIN"
    case rawSockets = "NET_RAW"
    case lockMemory = "IPC_LOCK"
    case ownIPC = "IPC_OWNER"
    case loadModules = "SYS_MODULE"
    case rawIO = "SYS_RAWIO"
    case changeRoot = "SYS_CHROOT"
    case trace = "SYS_PTRACE"
    case account = "SYS_PACCT"
    case administration = "SYS_ADMIN"
    case boot = "SYS_BOOT"
    case priority = "SYS_NICE"
    case resources = "SYS_RESOURCE"
    case clock = "SYS_TIME"
    case terminals = "SYS_TTY_CONFIG"
    case makeDevices = "MKNOD"
    case leases = "LEASE"
    case writeAudit = "AUDIT_WRITE"
    case controlAudit = "AUDIT_CONTROL"
    case fileCapabilities = "SETFCAP"
    case overrideMandatory = "MAC_OVERRIDE"
    case mandatoryAdministration = "MAC_ADMIN"
    case systemLog = "SYSLOG"
    case wakeAlarm = "WAKE_ALARM"
    case blockSuspend = "BLOCK_SUSPEND"
    case readAudit = "AUDIT_READ"
    case performance = "PERFMON"
    case programKernel = "BPF"
    case restoreCheckpoints = "CHECKPOINT_RESTORE"

    package static let all = Set(allCases)

    /// Those that docker leaves to root in a container, but MKNOD: docker's containers have a cgroup that says which devices
    /// they may open, and ours have none. podman and buildah leave it out too.
    package static let standard: Set<Capability> = [
        .chown, .overrideAccess, .keepSetID, .ownFiles, .rawSockets, .setGroup, .setUser, .fileCapabilities,
        .setCapabilities,
        .bindService, .changeRoot, .kill, .writeAudit,
    ]

    /// `NET_ADMIN` or `CAP_NET_ADMIN`, in letters of any case.
    package init?(name: String) {
        let name = name.uppercased()
        self.init(rawValue: name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name)
    }
}

import OCI
import Testing

@testable import Sandbox

/// What a process comes to as a runtime's configuration.
struct ProcessSpecTests {
    @Test func writesARuntimeConfig() throws {
        var spec = ProcessSpec(
            arguments: ["/app", "-v"], environment: ["A=1"], workingDirectory: .root, hostname: "h", root: "/r")
        spec.user = 1000
        spec.sharesNetwork = false
        var machine = ProcessSpec.Machine()
        machine.grantable = 0b1111
        let json = spec.runtimeConfig(on: machine)
        #expect(json["process"]?["args"]?.strings == ["/app", "-v"])
        #expect(
            json["process"]?["capabilities"]?["bounding"]?.strings == ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"])
        #expect(json["process"]?["capabilities"]?["effective"]?.strings == [])
        #expect(json["process"]?["rlimits"] == nil)
        let namespaces = json["linux"]?["namespaces"]?.array?.compactMap { $0["type"]?.string }
        #expect(namespaces == ["mount", "pid", "ipc", "uts", "cgroup", "network"])
        #expect(json["linux"]?["maskedPaths"]?.strings?.contains("/proc/kcore") == true)
        func terminals(_ json: JSON) -> [String] {
            json["mounts"]?.array?.first { $0["destination"]?.string == "/dev/pts" }?["options"]?.strings ?? []
        }
        #expect(terminals(json).contains("gid=5"))
        machine.knowsTerminalGroup = false
        #expect(!terminals(spec.runtimeConfig(on: machine)).contains("gid=5"))
        spec.capabilities = .all
        #expect(spec.runtimeConfig(on: machine)["linux"]?["maskedPaths"]?.strings == [])
        #expect(json["process"]?["noNewPrivileges"] == .bool(false))
        spec.forbidsNewPrivileges = true
        #expect(spec.runtimeConfig()["process"]?["noNewPrivileges"] == .bool(true))
    }

    @Test(
        arguments: [
            ([], [], 13, "CAP_CHOWN"), ([.networkAdministration], Capability.all, 1, "CAP_NET_ADMIN"),
            ([], Capability.all, 0, nil),
            (Capability.all, [.chown], 40, "CAP_DAC_OVERRIDE"),
            ([.restoreCheckpoints], [.chown, .kill], 12, "CAP_DAC_OVERRIDE"),
        ] as [(Set<Capability>, Set<Capability>, Int, String?)])
    func changesCapabilities(added: Set<Capability>, dropped: Set<Capability>, count: Int, first: String?) {
        var spec = ProcessSpec(arguments: ["/app"], environment: [], workingDirectory: .root, hostname: "h", root: "/r")
        spec.capabilities = .changed(adding: added, dropping: dropped)
        let json = spec.runtimeConfig()
        let granted = json["process"]?["capabilities"]?["effective"]?.strings ?? []
        #expect(granted.count == count && granted.first == first)
        #expect(json["linux"]?["maskedPaths"]?.strings?.isEmpty == false)
    }

    /// No cgroup says which devices may be opened: none can be made, and none be opened that lies in a mount.
    @Test func devicesAreOutOfReach() throws {
        var spec = ProcessSpec(arguments: ["/app"], environment: [], workingDirectory: .root, hostname: "h", root: "/r")
        let target = try #require(ImagePath("/d"))
        spec.mounts = [
            .init(source: "/a", target: target, isReadOnly: true),
            .init(source: "/a", target: target, isReadOnly: false),
            .init(source: "/dev/null", target: target, isReadOnly: false, hasDevices: true),
        ]
        let json = spec.runtimeConfig()
        #expect(json["process"]?["capabilities"]?["bounding"]?.strings?.contains("CAP_MKNOD") == false)
        #expect(
            json["mounts"]?.array?.suffix(3).map { $0["options"]?.strings?.joined(separator: ",") } == [
                "rbind,rprivate,nodev,ro", "rbind,rprivate,nodev,rw", "rbind,rprivate,rw",
            ])
    }

    @Test(arguments: [
        (false, false, false, ""), (true, false, false, "bind,remount,nodev"),
        (true, true, false, "bind,remount,nodev,ro"), (false, true, true, ""),
    ])
    func rootsHaveNoDevices(losesFlags: Bool, isReadOnly: Bool, isReadOnlyByRuntime: Bool, options: String) {
        var spec = ProcessSpec(arguments: ["/app"], environment: [], workingDirectory: .root, hostname: "h", root: "/r")
        spec.isRootReadOnly = isReadOnly
        var machine = ProcessSpec.Machine()
        machine.losesRootFlags = losesFlags
        let json = spec.runtimeConfig(on: machine)
        let last = json["mounts"]?.array?.last { $0["destination"]?.string == "/." }
        #expect((last?["options"]?.strings ?? []).joined(separator: ",") == options)
        #expect(json["root"]?["readonly"] == .bool(isReadOnlyByRuntime))
    }

    @Test func hidesWhatDockerHides() {
        let spec = ProcessSpec(arguments: ["/app"], environment: [], workingDirectory: .root, hostname: "h", root: "/r")
        var machine = ProcessSpec.Machine()
        machine.furtherMaskedPaths = ["/sys/devices/system/cpu/cpu0/thermal_throttle"]
        let linux = spec.runtimeConfig(on: machine)["linux"]
        // The list of docker 28, `docker inspect --format '{{.HostConfig.MaskedPaths}}'`.
        #expect(
            linux?["maskedPaths"]?.strings == [
                "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                "/proc/timer_list",
                "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
                "/sys/devices/virtual/powercap",
                "/sys/devices/system/cpu/cpu0/thermal_throttle",
            ])
        #expect(
            linux?["readonlyPaths"]?.strings == [
                "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
            ])
    }

    /// Where sysfs cannot be mounted it is the machine's, and no more writable than one's own.
    @Test(arguments: [
        (false, true, 12, "sysfs nosuid noexec nodev ro"), (true, false, 12, "sysfs nosuid noexec nodev ro"),
        (true, true, 12, "bind rbind rprivate rnosuid rnoexec rnodev rro"),
        (true, true, 10, "bind rbind rprivate nosuid noexec nodev ro"),
        (true, true, -12, "bind rbind rprivate nosuid noexec nodev ro"),
    ])
    func systemFilesAreReadOnly(isInUserNamespace: Bool, sharesNetwork: Bool, minor: Int, expected: String) {
        var spec = ProcessSpec(arguments: ["/app"], environment: [], workingDirectory: .root, hostname: "h", root: "/r")
        spec.sharesNetwork = sharesNetwork
        var machine = ProcessSpec.Machine()
        machine.isInUserNamespace = isInUserNamespace
        // Below zero: of a runtime that does not know the newer flags.
        machine.kernel = KernelVersion(major: 5, minor: abs(minor))
        machine.knowsRecursiveFlags = minor > 0
        let mount = spec.runtimeConfig(on: machine)["mounts"]?.array?.first { $0["destination"]?.string == "/sys" }
        #expect(
            ([mount?["type"]?.string ?? ""] + (mount?["options"]?.strings ?? [])).joined(separator: " ") == expected)
    }

    @Test func joinsANetworkNamespace() throws {
        var spec = ProcessSpec(arguments: ["/app"], environment: [], workingDirectory: .root, hostname: "h", root: "/r")
        spec.networkNamespace = "/run/netns/s0"
        var mount = ProcessSpec.TemporaryMount(target: try #require(ImagePath("/fast")), size: 4096)
        (mount.mode, mount.user, mount.group) = (0o700, 7, 8)
        spec.temporaryMounts = [mount]
        let json = spec.runtimeConfig()
        let network = json["linux"]?["namespaces"]?.array?.last
        #expect(network?["type"]?.string == "network" && network?["path"]?.string == "/run/netns/s0")
        #expect(json["linux"]?["sysctl"]?["net.ipv4.ip_unprivileged_port_start"]?.string == "0")
        let options = json["mounts"]?.array?.last?["options"]?.strings
        #expect(options == ["nosuid", "nodev", "mode=700", "size=4096", "uid=7", "gid=8"])
    }

    /// Words of docker's `--tmpfs` behind the target.
    @Test(
        arguments: [
            ("mode=700", "mode=700"), ("mode=01770", "mode=1770"), ("uid=5,gid=6", "mode=1777 uid=5 gid=6"),
            ("ro,noexec", "mode=1777 ro noexec"), ("exec,suid", "mode=1777 exec suid"),
            ("nr_inodes=100,size=50%", "mode=1777 nr_inodes=100 size=50%"),
            ("mode=9", nil), ("mode=77777", nil), ("mode=", nil), ("uid=x", nil), ("uid=4294967295", nil),
            ("gid=-1", nil), ("dev", nil),
            ("size=200%", nil), ("size=%", nil), ("nr_inodes=", nil), ("huge=always", nil), ("", nil), ("=", nil),
            ("ro=1", nil),
        ] as [(String, String?)])
    func takesWordsOfTemporaryMounts(words: String, options: String?) throws {
        var mount = ProcessSpec.TemporaryMount(target: try #require(ImagePath("/t")), size: nil)
        let areKnown = words.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
            mount.set(String($0))
        }
        #expect(areKnown == (options != nil))
        if let options {
            #expect(
                mount.json["options"]?.strings == ["nosuid", "nodev"] + options.split(separator: " ").map(String.init))
        }
    }

    @Test func processesHaveTheStandardRulesUnlessTheyAreFree() throws {
        var spec = ProcessSpec(arguments: ["/app"], environment: [], workingDirectory: .root, hostname: "h", root: "/r")
        let machine = ProcessSpec.Machine()
        let rules = try #require(spec.systemCallRules(on: machine))
        #expect(
            rules.rules.contains { $0.names == ["chroot"] } && !rules.rules.contains { $0.names.contains("unshare") })
        #expect(spec.runtimeConfig(filter: .rules(rules))["linux"]?["seccomp"] == rules.json)
        #expect(
            spec.runtimeConfig(filter: .program("AAAA"))["annotations"]?["run.oci.seccomp_bpf_data"]?.string == "AAAA")
        spec.capabilities = .changed(adding: [.administration], dropping: [.changeRoot])
        let more = try #require(spec.systemCallRules(on: machine))
        #expect(!more.rules.contains { $0.names == ["chroot"] } && more.rules.contains { $0.names.contains("unshare") })
        spec.systemCalls = .unrestricted
        #expect(spec.systemCallRules(on: machine) == nil)
        (spec.capabilities, spec.systemCalls) = (.all, .standard)
        #expect(spec.systemCallRules(on: machine) == nil)
    }
}

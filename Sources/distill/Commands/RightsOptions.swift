import ArgumentParser
import Containers
import Engine
import LinuxSystem
import OCI
import Sandbox
import SystemPackage

/// The options of `run` about what a program may do beyond what is usual, or may not.
struct RightsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A part of root's rights that it has too, or ALL; repeatable.", valueName: "capability"))
    var capAdd: [String] = []
    @Option(help: ArgumentHelp("A part of root's rights that it has not, or ALL; repeatable.", valueName: "capability"))
    var capDrop: [String] = []
    @Option(help: ArgumentHelp("A further group, by name or number; repeatable.", valueName: "group"))
    var groupAdd: [String] = []
    @Option(help: ArgumentHelp("A setting of the kernel for its namespaces; repeatable.", valueName: "name=value"))
    var sysctl: [String] = []
    @Option(help: ArgumentHelp("A device that it may open; repeatable.", valueName: "source[:target]"))
    var device: [String] = []
    @Flag(help: "All of root's rights and every system call. Devices are given one by one.")
    var privileged = false

    @Flag(
        name: .customLong("init"),
        help: "Let a small program be the first process, which passes signals on and waits for what others left behind."
    )
    var hasInit = false

    /// Why a setting of a network cannot be made.
    static let sharedNetwork = "the network is this machine's: with --network none it is the container's own"

    func apply(to container: inout ContainerSpecification, hasOwnNetwork: Bool) throws {
        let (added, dropped) = (
            try Self.capabilities("--cap-add", capAdd), try Self.capabilities("--cap-drop", capDrop)
        )
        container.capabilities = privileged ? .all : .changed(adding: added, dropping: dropped)
        if privileged { container.systemCalls = .unrestricted }
        container.groups = groupAdd
        if hasInit { container.initProgram = try InitProgram.binding(.ofProcess()) }
        for setting in sysctl {
            let (name, value) = try Self.setting(setting, hasOwnNetwork: hasOwnNetwork)
            container.kernelSettings[name] = value
        }
        container.devices = try device.map(Self.device)
    }

    private static func capabilities(_ option: String, _ names: [String]) throws -> Set<Capability> {
        var result: Set<Capability> = []
        for name in names {
            if name.uppercased() == "ALL" { return Capability.all }
            guard let capability = Capability(name: name) else {
                throw InvalidOption(
                    name: option, value: name, reason: "there is no such capability; capabilities(7) lists them")
            }
            result.insert(capability)
        }
        return result
    }

    /// Those that belong to a container's own namespaces (namespaces(7)); others are the whole machine's.
    private static func setting(_ text: String, hasOwnNetwork: Bool) throws -> (name: String, value: String) {
        func fail(_ reason: String) -> InvalidOption { .init(name: "--sysctl", value: text, reason: reason) }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let name = parts.first, let value = parts.last, !name.isEmpty, !name.contains("/")
        else {
            throw fail("the form is NAME=VALUE")
        }
        let own = [
            "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
            "kernel.shmmni", "kernel.shm_rmid_forced",
        ]
        if own.contains(name) || name.hasPrefix("fs.mqueue.") { return (name, value) }
        guard name.hasPrefix("net.") else {
            throw fail(
                "it is the whole machine's: known are net.*, fs.mqueue.*, kernel.msg*, kernel.sem and kernel.shm*")
        }
        guard hasOwnNetwork else {
            throw fail(sharedNetwork)
        }
        return (name, value)
    }

    private static func device(_ text: String) throws -> BindMount {
        func fail(_ reason: String) -> InvalidOption { .init(name: "--device", value: text, reason: reason) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let source = parts.first, parts.count <= 3 else { throw fail("the form is SOURCE[:TARGET]") }
        var target = source
        for part in parts.dropFirst() {
            if part.hasPrefix("/") {
                target = part
            } else if Set(part) == ["r", "w"] || Set(part) == ["r", "w", "m"] {
                continue
            } else {
                throw fail("a device can be given as a whole, and not for reading or writing alone")
            }
        }
        guard target.hasPrefix("/dev/"), let path = ImagePath(target), path.components.count > 1 else {
            throw fail("the target is below /dev")
        }
        guard let real = ProcessFacts.realPath(FilePath(source)), isDevice(real) else {
            throw fail("'\(source)' is no device of this machine")
        }
        return BindMount(source: real.string, target: path, isReadOnly: false, hasDevices: true)
    }

    private static func isDevice(_ path: FilePath) -> Bool {
        // said above
        guard let name = path.lastComponent, let directory = try? Directory(opening: path.removingLastComponent()),
            let status = try? directory.status(Array(name.string.utf8))  // the same
        else { return false }
        return status.kind == .characterDevice || status.kind == .blockDevice
    }
}

import Dockerfile
import Engine
import LinuxSystem
import OCI
import Sandbox
import SystemPackage

/// What `--mount` of docker's `run` asks for, as it was written: `type=bind,source=/here,target=/there,readonly`.
struct MountWords {
    enum Mount {
        /// A directory or file of this machine, by its real path.
        case host(String, target: ImagePath)
        /// A directory that goes with the container.
        case volume(ImagePath)
        case temporary(ProcessSpec.TemporaryMount)
    }

    let mount: Mount
    let isReadOnly: Bool

    /// - Throws: ``InvalidOption``.
    init(_ text: String) throws {
        var reading = Reading(text: text)
        for field in try CommaSeparated.fields(text, of: Reading.option) { try reading.take(field) }
        isReadOnly = reading.isReadOnly
        mount = try reading.mount()
    }

    private struct Reading {
        static let option = "--mount"
        let text: String
        var type = "volume"
        var source: String?
        var target: String?
        var isReadOnly = false
        var size: Int64?
        var mode: UInt32?
        /// The keys that only one type has, each with that type: what stands before their dash.
        var particular: [(key: String, type: String)] = []

        func fail(_ reason: String) -> InvalidOption { InvalidOption(name: Self.option, value: text, reason: reason) }

        mutating func take(_ field: String) throws {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let (key, value) = (parts[0].lowercased(), parts.count == 2 ? parts[1] : nil)
            if let dash = key.firstIndex(of: "-") { particular.append((key, String(key[..<dash]))) }
            if ["readonly", "ro", "volume-nocopy", "bind-nonrecursive"].contains(key) {
                return try flag(key, value)
            }
            guard let value else { throw fail("'\(field)' needs a value, as in \(key)=…") }
            switch key {
            case "type": type = value.lowercased()
            case "source", "src": source = value
            case "target", "destination", "dst": target = value
            // Files are shared as they are, and a container's mounts are its own.
            case "consistency": break
            case "bind-propagation":
                guard ["private", "rprivate", "shared", "rshared", "slave", "rslave"].contains(value) else {
                    throw fail("'\(value)' is no propagation of mounts")
                }
            case "bind-recursive":
                guard value == "enabled" else { throw fail("what is mounted below a directory comes with it here") }
            case "tmpfs-size":
                guard let bytes = ByteCount.parse(value), bytes >= 0 else { throw fail("'\(value)' is no size") }
                size = bytes
            case "tmpfs-mode":
                guard let number = UInt32(value, radix: 8), number <= 0o7777 else {
                    throw fail("'\(value)' is no mode: it is an octal number")
                }
                mode = number
            case "volume-label", "volume-driver", "volume-opt", "volume-subpath":
                throw fail("'\(key)' is not there: a volume goes with the container")
            default: throw fail("'\(key)' is not known")
            }
        }

        private mutating func flag(_ key: String, _ value: String?) throws {
            guard let isOn = Self.truth(value ?? "true") else {
                throw fail("'\(value ?? "")' is neither true nor false")
            }
            switch key {
            case "bind-nonrecursive" where isOn: throw fail("what is mounted below a directory comes with it here")
            case "readonly", "ro": isReadOnly = isOn
            // A volume is always filled with what the image has at its place.
            case "volume-nocopy" where isOn:
                throw fail("a volume begins with what the image has there; type=tmpfs is empty")
            default: break
            }
        }

        /// As Go's `strconv.ParseBool`.
        private static func truth(_ text: String) -> Bool? {
            switch text {
            case "1", "t", "T", "true", "TRUE", "True": true
            case "0", "f", "F", "false", "FALSE", "False": false
            default: nil
            }
        }

        func mount() throws -> Mount {
            guard ["bind", "volume", "tmpfs"].contains(type) else {
                throw fail("'\(type)' is no type here: bind, volume and tmpfs are")
            }
            if let particular = particular.first(where: { $0.type != type }) {
                throw fail("'\(particular.key)' belongs to type=\(particular.type), and this is \(type)")
            }
            guard let target else { throw fail("there is no target=…") }
            guard target.hasPrefix("/"), let place = ImagePath(target), !place.isRoot else {
                throw fail("the target '\(target)' is no absolute path below '/'")
            }
            switch type {
            case "bind":
                guard let source, !source.isEmpty else { throw fail("there is no source=…") }
                guard let path = ProcessFacts.realPath(FilePath(source)) else {
                    throw fail("'\(source)' does not exist")
                }
                return .host(path.string, target: place)
            case "tmpfs":
                guard source == nil else { throw fail("what is in memory has no source") }
                var mount = ProcessSpec.TemporaryMount(target: place, size: size == 0 ? nil : size)
                mount.mode = mode
                if isReadOnly { mount.options.append("ro") }
                return .temporary(mount)
            default:
                guard source?.isEmpty != false else {
                    throw fail(
                        "volumes with names belong to the applications of Compose files: type=bind takes a directory")
                }
                return .volume(place)
            }
        }
    }
}

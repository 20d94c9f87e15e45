import Engine
package import LinuxSystem
package import OCI
import Rendering
import Sandbox
package import Storage
package import SystemPackage

extension ErrorReport {
    package init(_ error: StorageError) {
        switch error {
        case .cannotOpen(let path, let cause):
            self.init(
                "the store '\(path)' cannot be used: \(Self.reason(cause.errno))",
                hint: "set DISTILL_ROOT to a directory that you may write")
        case .foreignOwner(let path, let user):
            // 65534 is what the kernel shows for an owner who has no ID in this namespace.
            let owner = user == 65534 && !UserNamespace.isInitial ? "another user" : "the user \(user)"
            self.init(
                "the store '\(path)' belongs to \(owner)",
                hint: "use it as that user, or set DISTILL_ROOT to a directory of your own")
        case .unsupportedVersion(let path, let found, let known):
            self.init(
                "the store '\(path)' was made by another version of Distill: it has the layout \(found), this version knows \(known)",
                hint: "use that version, or another DISTILL_ROOT")
        case .earlierVersionInUse(let path):
            self.init(
                "the store '\(path)' has the layout of an earlier version of Distill, which still uses it",
                hint: "it is brought up to date once nothing uses it: wait for what runs, or end it, then try again")
        case .damaged(let what): self.init("the store is damaged: \(what)", hint: "remove the image and build it again")
        case .cannotStack(let path, let kind, let cause): self.init(stacking: cause, in: path, kind)
        case .overlayProgramFailed(let cause):
            self.init(
                "fuse-overlayfs could not mount the layers, which RUN and run need: \(Self.reason(cause.errno))",
                hint: "see that /dev/fuse is there and that you may open it (as root: modprobe fuse), or use sudo")
        case .layerMissing(let layer):
            self.init(
                "the store has no files of the layer \(layer.digest.short)", hint: "build, pull or load its image again"
            )
        case .layerDamaged(let layer):
            self.init(
                "the files of the layer \(layer.digest.short) are not what was written: the machine stopped before they were on its disk, or something else changed them",
                hint: "build, pull or load its image again")
        case .layerMismatch(let expected, let actual):
            self.init(
                "a layer is \(actual.digest.short), and should be \(expected.digest.short): its bytes are not what its image says"
            )
        case .invalidLayer(let layer, let entry, let fault):
            self.init("the layer \(layer.digest.short) cannot be unpacked\(Self.place(entry)): \(Self.describe(fault))")
        case .invalidArchive(let name, let entry, let fault):
            let archive = name.map { "the archive '\($0)'" } ?? "the context's archive"
            self.init("\(archive) cannot be unpacked\(Self.place(entry)): \(Self.describe(fault))")
        case .archiveLost(let layer):
            self.init(
                "the archive of the layer \(layer.digest.short) is not in the store any more, and another program wrote it: its files do not tell its bytes",
                hint: "pull or load its image again")
        case .tooManyLinks(let path): self.init("'\(path)' leads through too many symbolic links")
        case .noSuchImage(let text): self.init("there is no image '\(text)'", hint: "'distill image ls' lists them")
        case .ambiguousImage(let text):
            self.init("several images have an ID that begins with '\(text)'", hint: "write more of it")
        case .noSuchFile(let path): self.init("'\(path)' does not exist")
        case .entryLeadsOut(let name):
            self.init("the archive holds the name '\(name)', which leads out of the directory that it is unpacked into")
        case .notADirectory(let path):
            self.init("'\(path)' is a file where a directory is needed, or a directory where a file is")
        }
    }

    /// overlayfs refused to show the layers of the store as one.
    private init(stacking cause: SystemCallError, in path: String, _ kind: FileSystemKind?) {
        switch cause.errno {
        case .notPermitted where !UserNamespace.isInitial && ProcessFacts.kernelIsOlder(than: 5, 11):
            self.init(
                "Linux \(ProcessFacts.kernelRelease) lets only root mount overlayfs, which RUN and run need",
                hint: "apt-get install fuse-overlayfs, or use sudo; ordinary users need neither from Linux 5.11 on")
        case .notPermitted, .permissionDenied:
            self.init(
                "layers cannot be mounted: \(Self.reason(cause.errno))", hint: Self.needOfRoot(UserNamespace.obstacle))
        case .operationNotSupportedByDevice:
            self.init(
                "this kernel (\(ProcessFacts.kernelRelease)) has no overlayfs, which RUN and run need",
                hint: "as root: modprobe overlay")
        case .invalidArgument, .notSupported, .tooManyRemoteLevels, .tooManySymbolicLinkLevels:
            let name = kind.map { " (\($0.rawValue))" } ?? ""
            let alternatives =
                kind == .tmpfs
                ? "xfs or btrfs; on tmpfs ordinary users can keep it from Linux 6.6 on"
                : "xfs, btrfs or tmpfs; in a container, to a volume"
            self.init(
                "the file system of the store '\(path)'\(name) cannot hold what overlayfs writes, which RUN and run need",
                hint: "set DISTILL_ROOT to a directory on ext4, \(alternatives)")
        default: self.init(cause)
        }
    }

    package init(_ error: Store.CacheArchiveError) {
        switch error {
        case .noSuchCache(let id): self.init("there is no cache mount '\(id)'", hint: "'distill cache ls' lists them")
        case .notAnArchive:
            self.init("the archive holds no cache mounts", hint: "it must be what 'distill cache export' writes, whole")
        }
    }

    package init(_ error: SystemCallError) {
        if error.errno == .readOnlyFileSystem {
            self.init(
                error.path.isEmpty
                    ? "a read-only file system cannot be written"
                    : "'\(error.path)' lies on a read-only file system and cannot be written",
                hint:
                    "a store that is read-only can be listed, saved and run from: set DISTILL_ROOT to one that you may write"
            )
            return
        }
        let subject = error.path.isEmpty ? "" : " '\(error.path)'"
        if !error.path.isEmpty, let verb = Self.verbs[error.call] {
            self.init("'\(error.path)' cannot be \(verb): \(Self.reason(error.errno))")
        } else {
            self.init("\(error.call)\(subject): \(Self.reason(error.errno))")
        }
        switch error.errno {
        // Locks of open file descriptions (fcntl(2)) and of files (flock(2)), which not every file system has.
        case _ where error.call == "fcntl" || error.call == "flock":
            self.init(
                "the file system does not lock\(subject): \(Self.reason(error.errno))",
                hint: "set DISTILL_ROOT to a directory on a local file system: ext4, xfs, btrfs or tmpfs")
        case .noSpace: hint = Self.placeOfSpace(for: error.path)
        case .notPermitted, .permissionDenied:
            hint = Self.needOfRoot(UserNamespace.obstacle)
        // An owner who has no ID in a namespace of one ID.
        case .invalidArgument where error.call.contains("chown"):
            guard let obstacle = UserNamespace.obstacle else { break }
            self.init(
                "\(error.path.isEmpty ? "a file" : "'\(error.path)'") belongs to a user or group for whom there is no ID here",
                hint: Self.needOfRoot(obstacle))
        default: break
        }
    }

    /// What a call does to a file, in a person's word.
    private static let verbs = [
        "open": "opened", "openat": "opened", "openat2": "opened", "read": "read", "pread": "read", "readdir": "read",
        "readlinkat": "read", "fdopendir": "read", "write": "written", "fdatasync": "written", "ftruncate": "written",
        "mkdirat": "made", "mknodat": "made", "symlinkat": "made", "linkat": "made", "unlinkat": "removed",
        "renameat": "renamed", "renameat2": "renamed", "fstatat": "looked at", "fstat": "looked at",
    ]

    /// Where space is missing: in the store, if it has no more; else where was written.
    private static func placeOfSpace(for path: String) -> String {
        let store = StoreLocation.path(.ofProcess())
        // A file system keeps some blocks back, and what was written of the file is free again.
        let free = store.flatMap { ProcessFacts.freeBytes(at: $0) } ?? 0
        guard free > 1 << 20, store.map({ !path.hasPrefix($0.string + "/") }) ?? true else {
            return "free space on the store's file system: 'distill system prune', or set DISTILL_ROOT elsewhere"
        }
        return "free space " + (path.isEmpty ? "where the output goes" : "on the file system of '\(path)'")
    }

    package static func reason(_ errno: Errno) -> String { errno.description }

    package init(_ error: ImageArchiveError) {
        switch error {
        case .noImages:
            self.init("the archive holds no image", hint: "it must be an OCI image layout or what 'docker save' writes")
        case .invalid(let name): self.init("the archive's '\(name)' cannot be read")
        case .missing(let name): self.init("the archive lacks '\(name)', which it names")
        case .documentTooLarge(let name, let limit):
            self.init("the archive's '\(name)' is larger than \(HumanSize.text(Int64(limit)))")
        case .documentsTooLarge(let limit):
            self.init("the archive's manifests and configs are together larger than \(HumanSize.text(Int64(limit)))")
        case .tooManyEntries(let limit): self.init("the archive holds more than \(limit) files")
        }
    }

    package init(_ error: RemoteFileError) {
        switch error {
        case .invalidURL(let url): self.init("'\(url)' is no URL that can be fetched")
        case .unreachable(let url, let reason):
            self.init("'\(url)' cannot be reached: \(reason)", hint: "check the network, the proxy and the mirror")
        case .status(let url, let code): self.init("'\(url)': the server answers \(code)")
        case .tooLarge(let url, let limit): self.init("'\(url)' is larger than \(HumanSize.text(limit))")
        case .truncated(let url, let expected, let received):
            self.init("'\(url)' broke off after \(HumanSize.text(received)) of \(HumanSize.text(expected))")
        }
    }

    package static func describe(_ error: ImageFormatError) -> String {
        switch error {
        case .notJSON(let cause): describe(cause)
        case .missingMember(let name): "'\(name)' is missing or of another kind"
        case .invalidDigest(let text): "'\(text)' is no digest"
        case .unexpectedMediaType(let type): "its media type is '\(type)'"
        case .layerCountMismatch(let manifest, let config): "the manifest has \(manifest) layers, the config \(config)"
        case .tooLarge(let limit): "it is larger than \(HumanSize.text(Int64(limit)))"
        case .tooManyLayers(let count, let limit): "it has \(count) layers, and no more than \(limit) can be mounted"
        case .impossibleSize(let size): "it tells of a blob of \(size) bytes"
        }
    }

    private static func describe(_ error: JSONError) -> String {
        switch error.reason {
        case .tooDeep(let limit): "it is nested deeper than \(limit) levels (byte \(error.offset))"
        case .tooMany(let limit): "it has more than \(limit) values"
        case .unexpectedEnd, .unexpectedByte, .invalidNumber, .invalidEscape, .invalidUTF8, .trailingBytes:
            "it is no JSON (byte \(error.offset))"
        }
    }

    package static func describe(_ error: ContentError) -> String {
        switch error {
        case .digestMismatch(let expected, let actual): "\(actual) where \(expected) should be"
        case .sizeMismatch(let expected, let actual): "\(actual) bytes where \(expected) should be"
        case .missing(let digest): "\(digest) is missing"
        }
    }
}

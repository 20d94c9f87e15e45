internal import Archive
internal import LinuxSystem
internal import OCI

/// Makes the marks of fuse-overlayfs in an upper directory those of overlayfs, so that the same step gives the same layer.
///
/// It marks each new directory as opaque, by an attribute, by a file `.wh..wh..opq` and by a whiteout `.wh..opq`; overlayfs marks
/// those alone that hide something. A removed file is a whiteout as overlayfs makes it, or a file `.wh.NAME` where that
/// cannot be made. It lets no program make names that begin with `.wh.`, so that all of them are marks.
struct OverlayProgramMarks {
    /// What the upper directory lay over.
    private let lower: FileTree

    private static let prefix = Array(".wh.".utf8)

    init(below lower: FileTree) { self.lower = lower }

    func translate(_ upper: Directory) throws {
        var walk = try DirectoryWalk(upper)
        // For each directory that the walk is in, but the root: its time, and whether lower layers have nothing in it.
        var ancestors: [(time: FileTime, hidesAll: Bool)] = []
        while let step = try walk.next() {
            switch step {
            case .left(let name):
                guard let directory = ancestors.popLast() else { continue }
                try walk.current.setModified(name, directory.time)
            case .entry(let name):
                guard let status = try walk.current.status(name) else { continue }
                if name.starts(with: Self.prefix) {
                    try replace(name, status, in: walk.current)
                } else if status.kind == .directory {
                    let hidesAll = try mark(name, in: walk, below: ancestors.last?.hidesAll ?? false)
                    ancestors.append((status.modified, hidesAll))
                    try walk.enter(name)
                }
            }
        }
    }

    private func replace(_ name: [UInt8], _ status: FileStatus, in directory: Directory) throws {
        try directory.removeFile(name)
        guard status.kind == .regular, case .entry(let hidden) = Whiteout(name: name),
            try directory.status(hidden) == nil
        else { return }
        try directory.makeWhiteout(hidden)
    }

    /// - Returns: whether what the lower layers have in the directory is hidden.
    private func mark(_ name: [UInt8], in walk: DirectoryWalk, below isHidden: Bool) throws -> Bool {
        let directory = walk.current
        guard try isMarked(name, in: directory) else {
            // A release before 1.8 takes overlayfs' mark along from a lower layer.
            try directory.removeExtendedAttribute(Overlay.opaque, of: name)
            return isHidden
        }
        if !isHidden, let path = ImagePath(walk.path + name), try lower.lookUp(path, links: .keepLast) != nil {
            try Overlay.markOpaque(name, in: directory)
        } else {
            try directory.removeExtendedAttribute(Overlay.opaqueForProgram, of: name)
            try directory.removeExtendedAttribute(Overlay.opaque, of: name)
        }
        return true
    }

    private static let opaqueName = Array(".wh..wh..opq".utf8)

    private func isMarked(_ name: [UInt8], in directory: Directory) throws -> Bool {
        if try directory.extendedAttribute(Overlay.opaqueForProgram, of: name) == Overlay.opaqueValue { return true }
        return try directory.openDirectory(name).status(Self.opaqueName) != nil
    }
}

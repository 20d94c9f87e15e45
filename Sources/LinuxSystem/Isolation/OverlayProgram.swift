internal import CLinux
internal import Glibc
package import SystemPackage

/// fuse-overlayfs: a program that shows directories as overlayfs does, for ordinary users on kernels that keep overlayfs for
/// root (before Linux 5.11).
///
/// It serves one mount, and ends with it, with this value or with this process, however that ends. What it writes into an
/// upper directory has marks of its own, see its source: `set_fd_opaque` and `create_whiteout` in main.c.
package final class OverlayProgram: Sendable {
    /// Attributes that it keeps for itself.
    package static let attributePrefix = "user.fuseoverlayfs."

    private let socket: OwnedDescriptor
    private let guardian: pid_t

    /// Where the program is; nil if it is not installed.
    package static func find() -> FilePath? {
        let path = (ProcessFacts.environment["PATH"] ?? "") + ":/usr/bin:/bin"
        return path.split(separator: ":").map { FilePath(String($0)).appending("fuse-overlayfs") }.first(
            where: ProcessFacts.isExecutable)
    }

    /// Mounts an overlay, and returns when it can be used.
    ///
    /// - Throws: `.operationNotSupportedByDevice` if the program ended before that, as it does without `/dev/fuse`; `.timedOut` if nothing came of it.
    package init(_ program: FilePath, _ overlay: Mount.Overlay, at target: FilePath) throws(SystemCallError) {
        let parent = try Directory(opening: overlay.links)
        // Beside what a refused attempt of the kernel's own has left.
        let name = Array("served".utf8)
        try parent.makeDirectory(name)
        let links = try parent.openDirectory(name)
        // Its layers are not written before they are whole, as with overlayfs: `volatile` spares the disk.
        let words = try Mount.linkedDirectories(overlay, links) + (overlay.upper == nil ? [] : ["volatile"])
        let before = Self.device(target)
        var child: pid_t = 0
        let end = try Self.start(
            [program.string, "-f", "-o", words.joined(separator: ","), target.string], in: links, &child)
        guard end >= 0 else { throw SystemCallError("fork", program.string) }
        socket = OwnedDescriptor(raw: end)
        guardian = child
        var patience = 10000
        while Self.device(target) == before {
            guard !hasEnded(within: 3) else {
                throw SystemCallError(call: "mount", path: target.string, errno: .operationNotSupportedByDevice)
            }
            guard patience > 0 else { throw SystemCallError(call: "mount", path: target.string, errno: .timedOut) }
            patience -= 1
        }
    }

    private static func start(_ words: [String], in directory: Directory, _ child: inout pid_t) throws(SystemCallError)
        -> Int32
    {
        var copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return try directory.withRaw { raw in
            copies.withUnsafeMutableBufferPointer { pointer in
                pointer.baseAddress.map { distill_start_guarded(raw, $0, &child) } ?? -1
            }
        }
    }

    /// The file system's number; nil while nothing answers.
    private static func device(_ path: FilePath) -> UInt64? { (try? Directory(opening: path).status())?.device }

    /// Waits for the program's end, which comes when its file system has no user any more: all is written then.
    ///
    /// - Throws: `.resourceBusy` if somebody uses it after half a minute.
    package func waitForEnd() throws(SystemCallError) {
        guard hasEnded(within: 30000) else { throw SystemCallError(call: "umount2", path: "", errno: .resourceBusy) }
    }

    private func hasEnded(within milliseconds: Int32) -> Bool {
        var end = pollfd(fd: socket.raw, events: 0, revents: 0)
        while true {
            let count = poll(&end, 1, milliseconds)
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }

    deinit {
        // Whatever it does, it ends now.
        shutdown(socket.raw, Int32(SHUT_RDWR))
        while waitpid(guardian, nil, 0) < 0 && errno == EINTR {}
    }
}

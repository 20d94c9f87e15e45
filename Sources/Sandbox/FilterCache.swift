/// Where finished filters of system calls stay between starts: libseccomp needs 30 ms to make one.
package struct FilterCache: Sendable {
    /// What was kept under a name; nil where nothing was, or what is there is damaged.
    package var load: @Sendable (_ name: String) -> String?
    /// Best effort: what is not kept is made again.
    package var keep: @Sendable (_ name: String, _ text: String) -> Void

    package init(load: @escaping @Sendable (String) -> String?, keep: @escaping @Sendable (String, String) -> Void) {
        (self.load, self.keep) = (load, keep)
    }

    /// Keeps nothing.
    package static let none = FilterCache(load: { _ in nil }, keep: { _, _ in })
}

/// Where finished filters of system calls stay between starts: libseccomp needs 30 ms to make one.
public struct FilterCache: Sendable {
    /// What was kept under a name; nil where nothing was, or what is there is damaged.
    public var load: @Sendable (_ name: String) -> String?
    /// Best effort: what is not kept is made again.
    public var keep: @Sendable (_ name: String, _ text: String) -> Void

    public init(load: @escaping @Sendable (String) -> String?, keep: @escaping @Sendable (String, String) -> Void) {
        (self.load, self.keep) = (load, keep)
    }

    /// Keeps nothing.
    public static let none = FilterCache(load: { _ in nil }, keep: { _, _ in })
}

package import Rendering

/// What is said when a store was above its limit.
package enum StoreLimitNotice {
    /// - Parameter isFirst: whether it has to be explained.
    package static func text(bytes: Int64, limit: Int64?, isFirst: Bool) -> ShownText {
        let done: ShownText = "freed \(HumanSize.text(bytes)) of the build cache that was not used for longest\n"
        guard isFirst else { return done }
        let size = limit.map { " of \(HumanSize.text($0))" } ?? ""
        return done
            + "  the store keeps below a limit\(size); DISTILL_STORE_LIMIT or 'limit' under [store] in distill.toml sets it, and 0 turns it off\n"
    }
}

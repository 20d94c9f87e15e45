internal import LinuxSystem
package import OCI

extension Store {
    /// Runs `body` while nobody else gives or takes names: what gets one is there, and what is removed has none.
    ///
    /// It must not be held while something long is done, nor while ``withExclusiveUse(_:)`` is waited for.
    package func withNames<Result>(_ body: () throws -> Result) throws -> Result {
        let lock = try FileLock.wait(Array("names.lock".utf8), in: root, mode: .exclusive)
        return try withExtendedLifetime(lock) { try body() }
    }

    /// Records images once more, whose layers are here, for the name of another build may have gone and they with it. Where
    /// they are recorded this costs a look. For use in ``withNames(_:)``.
    package func record(_ images: [Image]) throws { for image in images { try put(image) } }

    /// Takes names from an image, and removes it if it has none left. Its layers stay until ``collect()``.
    ///
    /// - Parameter choose: what names go, of those that the image has; it may throw.
    /// - Returns: the image, the names that went, and whether the image did.
    package func untag(
        _ text: String, choosing choose: (_ names: [ImageReference]) throws -> [ImageReference]
    ) throws -> (id: Digest, untagged: [ImageReference], isDeleted: Bool) {
        try withNames {
            let id = try images.resolve(text)
            let names = try images.names().filter { $0.id == id }.map(\.reference)
            let chosen = try choose(names)
            for reference in chosen { _ = try images.untag(reference) }
            let isDeleted = chosen.count == names.count
            if isDeleted { try images.remove(id) }
            return (id, chosen, isDeleted)
        }
    }
}

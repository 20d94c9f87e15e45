import ArgumentParser
import Diagnosis
import Engine
import LinuxSystem
import OCI
import Rendering
import Storage

/// What `image rm` and `rmi` share.
struct RemoveImageOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Remove an image that has several names, and do not mind missing ones.")
    var force = false
    @Argument(help: ArgumentHelp("Names or IDs of images.", valueName: "IMAGE"))
    var images: [String]

    func run() throws {
        let store = try StoreLocation.open(.ofProcess())
        var failure: (any Error)?
        var isAnyGone = false
        for text in images {
            do { if try remove(text, store) { isAnyGone = true } } catch StorageError.noSuchImage(_) where force {
                continue
            } catch {
                // The others are removed all the same, as docker does.
                if let failure { StandardStream.error.show(ErrorReport(failure)?.text(.plain) ?? "") }
                failure = error
            }
        }
        if isAnyGone { _ = try store.collect() }
        if let failure { throw failure }
    }

    /// - Returns: whether an image is gone, and not only a name.
    private func remove(_ text: String, _ store: Store) throws -> Bool {
        let removal = try store.untag(text) { names in
            // perhaps an ID
            if let reference = try? ImageReference(text).withDefaultTag, names.contains(reference) {
                return [reference]
            }
            if names.count > 1, !force { throw UsageError.imageInUse(text, names: names.map(\.familiar)) }
            return names
        }
        for reference in removal.untagged { StandardStream.output.show("Untagged: \(reference.familiar)\n") }
        if removal.isDeleted { StandardStream.output.show("Deleted: \(removal.id)\n") }
        return removal.isDeleted
    }
}

struct RemoveImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove images.", aliases: ["remove"])
    @OptionGroup var options: RemoveImageOptions

    func run() async throws { try options.run() }
}

struct RemoveImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rmi", abstract: "Remove images.")
    @OptionGroup var options: RemoveImageOptions

    func run() async throws { try options.run() }
}

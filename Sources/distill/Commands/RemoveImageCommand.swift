import ArgumentParser
import LinuxSystem
import OCI
import Storage

/// What `image rm` and `rmi` share.
struct RemoveImageOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Remove an image that has several names, and do not mind missing ones.")
    var force = false
    @Argument(help: ArgumentHelp("Names or IDs of images.", valueName: "IMAGE"))
    var images: [String]

    func run() throws {
        let store = try StoreLocation.open()
        var failure: (any Error)?
        var isAnyGone = false
        for text in images {
            do { if try remove(text, store) { isAnyGone = true } } catch StorageError.noSuchImage(_) where force {
                continue
            } catch {
                // The others are removed all the same, as docker does.
                if let failure { StandardStream.error.write((ErrorReport(failure)?.text(.plain) ?? "") + "\n") }
                failure = error
            }
        }
        if isAnyGone { _ = try store.collect() }
        if let failure { throw failure }
    }

    /// - Returns: whether an image is gone, and not only a name.
    private func remove(_ text: String, _ store: Store) throws -> Bool {
        let id = try store.images.resolve(text)
        let names = try store.images.names().filter { $0.id == id }.map(\.reference)
        let isName = (try? ImageReference(text).withDefaultTag).map(names.contains) ?? false  // perhaps an ID
        var untagged = names
        if isName, let reference = try? ImageReference(text).withDefaultTag {  // it was one above
            untagged = [reference]
        } else if names.count > 1, !force {
            throw UsageError.imageInUse(text, names: names.map(\.familiar))
        }
        for reference in untagged {
            _ = try store.images.untag(reference)
            StandardStream.output.write("Untagged: \(reference.familiar)\n")
        }
        guard untagged.count == names.count else { return false }
        for deleted in try store.dropImages([id]) { StandardStream.output.write("Deleted: \(deleted)\n") }
        return true
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

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
        for text in images {
            do { try remove(text, store) } catch StorageError.noSuchImage(_) where force {
                continue
            } catch {
                // The others are removed all the same, as docker does.
                if let failure { StandardStream.error.write((ErrorReport(failure)?.text(.plain) ?? "") + "\n") }
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func remove(_ text: String, _ store: Store) throws {
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
        guard untagged.count == names.count else { return }
        for deleted in try store.removeImages([id]).deleted { StandardStream.output.write("Deleted: \(deleted)\n") }
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

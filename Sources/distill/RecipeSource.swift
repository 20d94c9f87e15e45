import Debian
import Dockerfile
import LinuxSystem
import SystemPackage

/// A recipe's file.
struct RecipeSource {
    let file: SourceFile

    static func read(_ path: String) throws -> RecipeSource {
        guard let bytes = HostFiles.read(FilePath(path)) else {
            throw UsageError.unreadableFile(path: path, reason: "there is no such recipe")
        }
        return RecipeSource(file: SourceFile(name: path, bytes: bytes))
    }

    func recipe() throws -> BaseRecipe {
        do { return try BaseRecipe(parsing: String(decoding: file.bytes, as: UTF8.self), file: file.name) } catch {
            throw SourcedError(error: error, source: file)
        }
    }
}

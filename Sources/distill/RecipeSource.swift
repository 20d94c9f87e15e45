import Debian
import Dockerfile
import LinuxSystem
import SystemPackage

/// A recipe's file.
struct RecipeSource {
    let file: SourceFile
    private let bytes: [UInt8]

    static func read(_ path: String) throws -> RecipeSource {
        guard let bytes = HostFiles.read(FilePath(path)) else {
            throw UsageError.unreadableFile(path: path, reason: "there is no such recipe")
        }
        return RecipeSource(file: SourceFile(name: path, yaml: bytes), bytes: bytes)
    }

    func recipe() throws -> BaseRecipe {
        do { return try BaseRecipe(parsing: bytes, file: file.name) } catch {
            throw SourcedError(error: error, source: file)
        }
    }
}

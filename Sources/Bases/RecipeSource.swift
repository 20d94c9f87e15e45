package import Debian
package import Dockerfile
import LinuxSystem
import SystemPackage

/// A recipe's file.
package struct RecipeSource {
    package let file: SourceFile
    private let bytes: [UInt8]

    package static func read(_ path: String) throws -> RecipeSource {
        guard let bytes = HostFiles.read(FilePath(path)) else {
            throw BaseError.noRecipe(path: path)
        }
        return RecipeSource(file: SourceFile(name: path, yaml: bytes), bytes: bytes)
    }

    package func recipe() throws -> BaseRecipe {
        do { return try BaseRecipe(parsing: bytes, file: file.name) } catch {
            throw SourcedError(error: error, source: file)
        }
    }
}

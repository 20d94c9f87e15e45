import Debian
import LinuxSystem
import SystemPackage

/// A lock on disk, and the recipe that it is of.
struct LockFile {
    let path: FilePath
    let lock: PackageLock

    static func read(_ path: String) throws -> LockFile {
        guard let bytes = HostFiles.read(FilePath(path)) else { throw UsageError.unreadableFile(path: path, reason: "there is no such lock") }
        return LockFile(path: FilePath(path), lock: try PackageLock(parsing: bytes))
    }

    /// The recipe as it can be named from here: a lock names a recipe's file as seen from its own directory.
    var recipe: String {
        let name = lock.recipe
        guard name.hasSuffix(".yaml") || name.hasSuffix(".yml"), !name.hasPrefix("/") else { return name }
        return path.removingLastComponent().appending(name).string
    }

    /// Where the lock of a recipe is written unless something else is said.
    static func defaultPath(_ recipe: String) -> String {
        for suffix in [".yaml", ".yml"] where recipe.hasSuffix(suffix) { return recipe.dropLast(suffix.count) + ".lock" }
        return recipe.replacing("/", with: "-").replacing(":", with: "-") + ".lock"
    }

    /// How a lock at a path names a recipe's file.
    static func name(of recipe: String, from lock: String) -> String {
        guard recipe.hasSuffix(".yaml") || recipe.hasSuffix(".yml"), !recipe.hasPrefix("/") else { return recipe }
        let (file, place) = (FilePath(recipe).lexicallyNormalized(), FilePath(lock).removingLastComponent().lexicallyNormalized())
        if file.removingLastComponent() == place { return file.lastComponent?.string ?? recipe }
        return FilePath(recipe).isAbsolute ? recipe : ProcessFacts.workingDirectory.pushing(file).lexicallyNormalized().string
    }
}

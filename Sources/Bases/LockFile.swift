package import Debian
package import LinuxSystem
package import SystemPackage

/// A lock on disk, and the recipe that it is of.
package struct LockFile {
    package let path: FilePath
    package let lock: PackageLock

    package static func read(_ path: String) throws -> LockFile {
        guard let bytes = HostFiles.read(FilePath(path)) else { throw BaseError.noLock(path: path) }
        return LockFile(path: FilePath(path), lock: try PackageLock(parsing: bytes))
    }

    /// The recipe as it can be named from here: a lock names a recipe's file as seen from its own directory.
    package var recipe: String {
        let name = lock.recipe
        guard name.hasSuffix(".yaml") || name.hasSuffix(".yml"), !name.hasPrefix("/") else { return name }
        return path.removingLastComponent().appending(name).string
    }

    /// Where the lock of a recipe is written unless something else is said.
    package static func defaultPath(_ recipe: String) -> String {
        for suffix in [".yaml", ".yml"] where recipe.hasSuffix(suffix) {
            return recipe.dropLast(suffix.count) + ".lock"
        }
        return recipe.replacing("/", with: "-").replacing(":", with: "-") + ".lock"
    }

    /// How a lock at a path names a recipe's file.
    package static func name(of recipe: String, from lock: String, in environment: HostEnvironment) -> String {
        guard recipe.hasSuffix(".yaml") || recipe.hasSuffix(".yml"), !recipe.hasPrefix("/") else { return recipe }
        let (file, place) = (
            FilePath(recipe).lexicallyNormalized(), FilePath(lock).removingLastComponent().lexicallyNormalized()
        )
        if file.removingLastComponent() == place { return file.lastComponent?.string ?? recipe }
        return environment.absolute(file).string
    }
}

package import OCI

/// Why a container cannot be made.
package enum ContainerError: Error, Hashable, Sendable {
    /// Neither the image nor the specification names a program.
    case noCommand(image: String)
    /// No file of this name is where PATH leads, or at the path that is named.
    case missingProgram(String)
    /// It is there, but is no file that may be executed.
    case notExecutable(String)
    /// A program that neither this machine nor an emulator on it executes.
    case foreignPlatform(Platform)
    /// This machine has none of the programs that can be a container's first process.
    case noInit
}

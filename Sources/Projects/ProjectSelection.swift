/// Which application is meant, as a command line says it.
package struct ProjectSelection: Sendable {
    /// Compose files, which are merged; the usual ones where none is named.
    package var files: [String] = []
    /// The project's name, where it is not the files' or the directory's.
    package var name: String?
    /// What relative paths begin at; nil is the first file's directory.
    package var directory: String?
    /// Files with variables; `.env` where none is named.
    package var environmentFiles: [String] = []
    package var profiles: [String] = []

    package init() {}
}

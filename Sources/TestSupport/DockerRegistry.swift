/// Docker's own registry as Debian packages it, on the loopback interface.
package enum DockerRegistry {
    private static let program = "/usr/bin/docker-registry"

    package static var isInstalled: Bool { Files.exists(program) }

    package struct Settings: Sendable {
        /// Paths of PEM files.
        package var certificate: String?
        package var key: String?
        package var clientAuthority: String?
        /// Lines of a file with bcrypt hashes.
        package var passwords: String?

        /// The line of ``passwords`` for user "ann" with password "secret".
        package static let annsPassword = "ann:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n"

        package init() {}
    }

    /// Runs `body` beside a registry, which then ends.
    ///
    /// - Parameter directory: where the registry keeps its files.
    package static func with<Result: Sendable>(
        _ settings: Settings = Settings(), in directory: String, _ body: @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        var text = """
            version: 0.1
            log: {level: info, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(directory)/registry}}

            """
        if let passwords = settings.passwords {
            try Files.write(passwords, to: "\(directory)/passwords")
            text += "auth: {htpasswd: {realm: test, path: \(directory)/passwords}}\n"
        }
        text += "http:\n  addr: 127.0.0.1:0\n"
        if let certificate = settings.certificate, let key = settings.key {
            text += "  tls:\n    certificate: \(certificate)\n    key: \(key)\n"
            if let authority = settings.clientAuthority { text += "    clientcas: [\(authority)]\n" }
        }
        try Files.write(text, to: "\(directory)/config.yml")
        return try await ListeningProgram.with(program, ["serve", "\(directory)/config.yml"], body)
    }
}

@testable import Distribution
@testable import EngineAPI
@testable import OCI
@testable import Secrets

extension ForeignReader {
    /// What registries answer, and what is said of them.
    static let registries: [ForeignReader] = [
        ForeignReader("challenge") { bytes in
            _ = AuthenticationChallenge.parse(bytes.text.split(separator: "\n").map(String.init))
        },
        ForeignReader("registries-conf") { bytes in
            let rules = try RegistryRules.reading(bytes.text).rules
            _ = try rules.meanings(of: ImageReference("app"))
        },
        ForeignReader("credentials") { bytes in
            _ = try? CredentialFile(bytes: bytes, form: .config)  // the two forms are read in two ways
            _ = try CredentialFile(bytes: bytes, form: .entries)
        },
        ForeignReader("url") { bytes in
            guard let url = HTTPURL(bytes.text) else { return }
            _ = (url.text, url.resolving("../a?b#c"), url.resolving(bytes.text))
        },
    ]

    /// What docker's and BuildKit's clients send.
    static let clients: [ForeignReader] = [
        ForeignReader("file-packet") { bytes in
            let packet = try FilePacket(bytes)
            _ = try packet.stat?.components()
        },
        ForeignReader("solve") { bytes in
            _ = try? FrontendRequest(bytes)  // another message of the same protocol
            _ = try SolveRequest(bytes)
        },
        ForeignReader("frames") { bytes in
            var frames = MessageFrames()
            frames.append(bytes)
            while try frames.next() != nil {}
        },
        ForeignReader("request") { bytes in
            let request = try APIRequest(method: "GET", target: bytes.text, headers: [:])
            _ = try APIFilters(request.query, known: ["label", "reference"])
        },
        ForeignReader("authorization") { bytes in _ = try RegistryAuthorization.credentials(bytes.text) },
    ]

    /// What the secret gate reads.
    static let secrets: [ForeignReader] = [
        ForeignReader("secrets") { bytes in
            let scanner = SecretScanner()
            let file = FileScan(scanner, isOwn: true)
            file.begin(Array("app/file".utf8), size: Int64(bytes.count))
            try bytes.forEachPiece { file.consume($0) }
            _ = file.finish().count
        },
        ForeignReader("allow-file") { bytes in _ = try AllowFile(parsing: bytes) },
    ]
}

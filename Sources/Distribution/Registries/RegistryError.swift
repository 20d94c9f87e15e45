package import OCI

/// Why something could not be fetched from a registry or sent to it. No case ever holds a credential.
package enum RegistryError: Error, Hashable, Sendable {
    /// The host did not answer, or stopped in the middle and did not come back after several tries.
    case unreachable(host: String, reason: String)
    /// The bytes came, but more slowly than ``RegistryClient/Configuration/minimumRate``.
    case tooSlow(host: String)
    /// The rules say that this repository, or this name, is not to be asked for.
    case blocked(String)
    case redirectRefused(host: String, location: String, reason: RedirectRefusal)
    /// A web page or something else came where a registry answers with JSON.
    case notARegistry(host: String, contentType: String?)
    /// Status 401 after the credentials were tried, or when there are none.
    case unauthorized(RegistryAnswer, tried: TriedCredentials)
    /// Status 403.
    case denied(RegistryAnswer)
    /// Status 404: no such repository, tag or blob, or none that these credentials may see.
    case notFound(RegistryAnswer)
    /// Status 429 after all tries; the pause is what the registry asked for last.
    case rateLimited(RegistryAnswer, retryAfter: Duration?)
    /// Any other status that is not what the specification wants.
    case refused(RegistryAnswer)
    /// An answer without what the specification demands of it: the header or the member that is missing or wrong.
    case invalidAnswer(RegistryTarget, part: String)
    /// Where the token server would be asked without TLS, though the registry has it.
    case insecureTokenServer(host: String, realm: String)
    /// More bytes than a manifest, a token or a list may have.
    case tooLarge(RegistryTarget, limit: Int64)
    /// Of an index with all indexes below it.
    case tooManyManifests(RegistryTarget, limit: Int)
    /// Docker's schema 1, or no image's manifest at all.
    case unsupportedManifest(RegistryTarget, mediaType: String)
    case invalidManifest(RegistryTarget, ImageFormatError)
    case noPlatform(RegistryTarget, wanted: Platform, available: [Platform])
    case digestMismatch(RegistryTarget, expected: Digest, actual: Digest)
    /// The length that the descriptor names is not the one that the registry names or sends. Bytes.
    case sizeMismatch(RegistryTarget, expected: Int64, actual: Int64)
    /// The blob ended too early each time. Bytes.
    case truncated(RegistryTarget, expected: Int64, received: Int64)
    /// A digest by another algorithm than SHA-256, which the store does not keep.
    case unsupportedDigest(Digest)
    /// A layer that its licence keeps where it is, and that the destination does not have.
    case foreignLayer(Digest)
    case invalidCertificate(host: String, reason: String)
    /// `docker-credential-…` failed, or wrote something else than its protocol says.
    case credentialHelper(HelperFailure)
    /// What is to be kept or forgotten cannot be told to the helper.
    case missingHelper(MissingProgram)
    /// The entry of this key is there, and is no base64 of `NAME:PASSWORD`.
    case unreadableCredential(file: String, key: String)
}

extension RegistryError {
    /// Whether what one registry does not have, or does not give, another one may.
    package var leavesOthers: Bool {
        switch self {
        case .unreachable, .tooSlow, .blocked, .redirectRefused, .notARegistry, .unauthorized, .denied, .notFound,
            .rateLimited, .refused:
            true
        default: false
        }
    }
}

/// What an error is about.
package struct RegistryTarget: Hashable, Sendable, CustomStringConvertible {
    /// As in the image's name: `docker.io`, not the host that answers for it.
    package let registry: String
    /// Nil when the registry itself is meant.
    package let repository: String?
    /// A tag or a digest; nil when the repository is meant.
    package let reference: String?

    init(registry: String, repository: String? = nil, reference: String? = nil) {
        (self.registry, self.repository, self.reference) = (registry, repository, reference)
    }

    package var description: String {
        let separator = reference.map { $0.contains(":") ? "@" : ":" } ?? ""
        return registry + (repository.map { "/" + $0 } ?? "") + separator + (reference ?? "")
    }
}

/// What a registry said when it did not do what was asked.
package struct RegistryAnswer: Hashable, Sendable {
    package let target: RegistryTarget
    /// The HTTP status.
    package let status: Int
    /// The registry's own word, such as `MANIFEST_UNKNOWN` (OCI distribution specification, "Error Codes").
    package let code: String?
    /// The registry's own sentence, at most 300 characters.
    package let message: String?
}

package enum RedirectRefusal: Hashable, Sendable {
    case circular
    case invalid
    /// From https to http, on another machine.
    case unencrypted
}

package enum TriedCredentials: Hashable, Sendable {
    case none, refused
}

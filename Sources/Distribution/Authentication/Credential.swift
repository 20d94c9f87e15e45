internal import OCI

/// What proves to a registry who asks. It describes itself without its secret.
package enum Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    case password(name: String, password: String)
    /// An OAuth 2 refresh token, with which the token server is asked.
    case identityToken(String)
    /// A bearer token that the registry itself takes.
    case registryToken(String)

    package var description: String {
        switch self {
        case .password(let name, _): "the password of '\(name)'"
        case .identityToken: "an identity token"
        case .registryToken: "a registry token"
        }
    }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: []) }

    var basicAuthorization: String? {
        guard case .password(let name, let password) = self else { return nil }
        return "Basic " + Base64.encode(Array("\(name):\(password)".utf8))
    }

    /// The password or the token itself: to be looked for, and never shown.
    package var secret: String {
        switch self {
        case .password(_, let password): password
        case .identityToken(let token), .registryToken(let token): token
        }
    }

    /// Whether a text holds the secret, and so must not be shown.
    func appears(in text: String) -> Bool {
        !secret.isEmpty && text.contains(secret)
    }
}

/// Runs the programs `docker-credential-NAME`: the executable's part of the credential helper protocol.
package protocol CredentialHelperRunner: Sendable {
    /// Runs `docker-credential-NAME VERB` with `input` on its standard input.
    func run(helper name: String, verb: CredentialHelperVerb, input: [UInt8]) async throws -> CredentialHelperResult
}

package enum CredentialHelperVerb: String, Sendable {
    case get, store, erase
}

/// What came of running a helper.
package enum CredentialHelperResult: Hashable, Sendable {
    /// There is no such program, or this machine cannot execute it.
    case missing
    /// It was ended after this time.
    case silent(Duration)
    /// - Parameters:
    ///   - succeeded: whether its exit code was 0.
    ///   - output: what it wrote to its standard output: the answer, or why there is none.
    case ended(succeeded: Bool, output: [UInt8])
}

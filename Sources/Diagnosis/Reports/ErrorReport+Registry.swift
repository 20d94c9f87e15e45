package import Distribution
import OCI
import Rendering

extension ErrorReport {
    package init(_ error: RegistryError) {
        switch error {
        case .unreachable(let host, let reason):
            self.init(
                "the registry '\(host)' cannot be reached: \(reason)", hint: "check the name, the network and the proxy"
            )
        case .tooSlow(let host): self.init("the registry '\(host)' sends too slowly", hint: "try again later")
        case .blocked(let repository): self.init("'\(repository)' is blocked by registries.conf")
        case .redirectRefused(let host, let location, let reason):
            self.init("'\(host)' redirects to '\(location)', which is refused: \(Self.describe(reason))")
        case .notARegistry(let host, _):
            self.init(
                "'\(host)' does not answer as a registry does", hint: "check the name; a proxy may answer in its place")
        case .unauthorized(let answer, let tried):
            self.init(
                tried == .none
                    ? "'\(answer.target)' needs a login, or does not exist"
                    : "the credentials for '\(answer.target.registry)' are refused",
                hint: "distill login \(answer.target.registry)")
        case .denied(let answer): self.init("access to '\(answer.target)' is denied\(Self.message(answer))")
        case .notFound(let answer): self.init("there is no '\(answer.target)'\(Self.message(answer))")
        case .rateLimited(let answer, _):
            self.init("'\(answer.target.registry)' limits the number of requests", hint: "log in, or try again later")
        case .refused(let answer):
            self.init("'\(answer.target)': the registry answers \(answer.status)\(Self.message(answer))")
        case .invalidAnswer(let target, let part): self.init("'\(target)': the registry's answer lacks \(part)")
        case .insecureTokenServer(let host, let realm):
            self.init("'\(host)' asks for a login at '\(realm)', which has no TLS")
        case .tooLarge(let target, let limit): self.init("'\(target)' is larger than \(HumanSize.text(limit))")
        case .tooManyManifests(let target, let limit):
            self.init("'\(target)' names more than \(limit) images", hint: "name one with --platform")
        case .unsupportedManifest(let target, let type): self.init("'\(target)' is of a kind that is no image: \(type)")
        case .invalidManifest(let target, let cause): self.init("'\(target)' cannot be read: \(Self.describe(cause))")
        case .noPlatform(let target, let wanted, let available):
            self.init(
                "'\(target)' has no image for \(wanted)",
                hint: "it has \(available.map(\.description).joined(separator: ", "))")
        case .digestMismatch(let target, let expected, let actual):
            self.init("'\(target)' is not what it should be: \(actual.short) where \(expected.short) should be")
        case .sizeMismatch(let target, let expected, let actual):
            self.init("'\(target)' has \(actual) bytes where \(expected) should be")
        case .truncated(let target, let expected, let received):
            self.init("'\(target)' broke off after \(received) of \(expected) bytes")
        case .unsupportedDigest(let digest):
            self.init("the digest '\(digest)' is of a kind that the store does not keep")
        case .foreignLayer(let digest):
            self.init("the layer \(digest.short) may not be copied, and the destination does not have it")
        case .invalidCertificate(let host, let reason):
            self.init("a certificate for '\(host)' cannot be used: \(reason)")
        case .credentialHelper(let failure):
            self.init(
                "docker-credential-\(failure.name) does not do its work for '\(failure.registry)': \(Self.describe(failure.reason))"
            )
        case .missingHelper(let helper):
            self.init(
                "there is no program docker-credential-\(helper.name), which '\(helper.file)' names as credsStore or in credHelpers",
                hint: "install it, or remove the setting")
        case .unreadableCredential(let file, let key):
            self.init(
                "'\(file)': the entry '\(key)' cannot be read", hint: "auth is base64 of NAME:PASSWORD; log in again")
        }
    }

    private static func describe(_ reason: HelperFailure.Reason) -> String {
        switch reason {
        case .message(let text): text.isEmpty ? "it fails" : text
        case .silent(let time): "it did not end within \(time)"
        case .noAnswer: "it writes no credentials"
        }
    }

    private static func message(_ answer: RegistryAnswer) -> String { answer.message.map { ": \($0)" } ?? "" }

    private static func describe(_ refusal: RedirectRefusal) -> String {
        switch refusal {
        case .circular: "it goes in a circle"
        case .invalid: "it is no address"
        case .unencrypted: "it leaves TLS"
        }
    }
}

import NIOHTTP1
import OCI

extension RegistrySession {
    /// The error for a status that was not wanted.
    func failure(
        _ response: RegistryResponse, _ request: RegistryRequest, _ authorization: Authorization?
    ) async -> RegistryError {
        let answer = await answer(response, request, authorization)
        switch response.status {
        case 401: return .unauthorized(answer, tried: authorization?.hasCredential == true ? .refused : .none)
        case 403: return .denied(answer)
        case 404: return response.isWebPage ? response.notARegistry : .notFound(answer)
        case 429: return .rateLimited(answer, retryAfter: response.retryAfter)
        case 200..<400 where response.isWebPage: return response.notARegistry
        default: return .refused(answer)
        }
    }

    func answer(
        _ response: RegistryResponse, _ request: RegistryRequest, _ authorization: Authorization?
    ) async -> RegistryAnswer {
        let (code, message) = await reason(response)
        func shown(_ text: String?) -> String? {
            guard let text, !text.isEmpty, authorization?.appears(in: text) != true,
                request.credential?.appears(in: text) != true
            else { return nil }
            return Self.shown(text)
        }
        return RegistryAnswer(
            target: request.target, status: response.status, code: shown(code), message: shown(message))
    }

    /// The registry's own words (OCI distribution specification, "Error Codes"), where it has some.
    private func reason(_ response: RegistryResponse) async -> (code: String?, message: String?) {
        if response.isWebPage { return (nil, nil) }
        let deadline = ContinuousClock.now + configuration.requestTimeout
        let target = RegistryTarget(registry: "")
        // The status is the news; a body that cannot be read adds nothing to it.
        guard let bytes = try? await read(response, of: target, limit: 64 << 10, until: deadline),
            let json = try? JSON.parse(bytes)  // nor does one that is no JSON
        else { return (nil, nil) }
        let first = json["errors"]?.array?.first ?? json
        let members = ["message", "details", "error_description", "error"]
        let message = members.lazy.compactMap { first[$0]?.string }.first
        return (first["code"]?.string, message)
    }

    /// A foreign text, short and on one line; whoever shows it to people writes out its controls.
    private static func shown(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(300) {
            result.unicodeScalars.append(scalar == "\n" || scalar == "\r" ? " " : scalar)
        }
        return result
    }
}

extension RegistryResponse {
    var notARegistry: RegistryError { .notARegistry(host: url.origin.host, contentType: contentType) }

    var isWebPage: Bool { contentType == "text/html" || contentType == "application/xhtml+xml" }
}

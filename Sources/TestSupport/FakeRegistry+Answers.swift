import OCI
import Synchronization

extension FakeRegistry {
    /// The right answer to a request, and the fault that it meets.
    func answer(_ request: Request) -> (Answer, Fault.Kind?) {
        state.withLock { state in
            state.requests.append(request)
            var fault: Fault.Kind?
            if let index = state.faults.firstIndex(where: {
                $0.times > 0 && $0.method == request.method && request.path.contains($0.path)
            }) {
                if state.faults[index].after > 0 {
                    state.faults[index].after -= 1
                } else {
                    state.faults[index].times -= 1
                    fault = state.faults[index].kind
                }
            }
            // What is answered with another status, or lost, has not happened.
            switch fault {
            case .status, .lost, .silent, .page: return (Answer(500), fault)
            case .kept(let count, let altered):
                if let upload = request.path.split(separator: "/").last.map(String.init), !request.body.isEmpty {
                    var kept = Array(request.body.prefix(count))
                    if altered, !kept.isEmpty { kept[0] ^= 1 }
                    state.uploads[upload]? += kept
                }
                return (Answer(500), fault)
            default: return (right(request, &state), fault)
            }
        }
    }

    private func right(_ request: Request, _ state: inout State) -> Answer {
        if request.path == "/token" { return token(request, &state) }
        if let challenge = challenge(request, &state) { return challenge }
        guard request.path.hasPrefix("/v2/") else { return error(404, "NOT_FOUND") }
        if request.body.count > settings.maximumBody { return error(413, "SIZE_INVALID") }
        let parts = request.path.dropFirst(4).split(separator: "/").map(String.init)
        if parts.isEmpty { return Answer(200, ["Content-Type": "application/json"], Array("{}".utf8)) }
        guard let kind = parts.lastIndex(where: { ["manifests", "blobs", "tags", "referrers"].contains($0) }), kind > 0
        else { return error(404, "NAME_INVALID") }
        let repository = parts[..<kind].joined(separator: "/")
        let rest = Array(parts[(kind + 1)...])
        switch (parts[kind], rest.first) {
        case ("manifests", let reference?): return manifest(request, repository, reference, &state)
        case ("blobs", "uploads"): return upload(request, repository, rest.dropFirst().first, &state)
        case ("blobs", let digest?): return blob(request, repository, digest, &state)
        case ("tags", "list"): return tags(request, repository, &state)
        case ("referrers", let digest?): return referrers(repository, digest, &state)
        default: return error(404, "UNSUPPORTED")
        }
    }

    private func error(_ status: Int, _ code: String, _ headers: [String: String] = [:]) -> Answer {
        let body = "{\"errors\":[{\"code\":\"\(code)\",\"message\":\"the message of \(code)\"}]}"
        return Answer(
            status, headers.merging(["Content-Type": "application/json"]) { given, _ in given }, Array(body.utf8))
    }

    private func challenge(_ request: Request, _ state: inout State) -> Answer? {
        let given = request.headers["authorization"]
        switch settings.authentication {
        case .none: return nil
        case .basic(let name, let password):
            if given == "Basic " + Self.base64("\(name):\(password)") { return nil }
            return error(401, "UNAUTHORIZED", ["WWW-Authenticate": "Basic realm=\"fake, registry\""])
        case .bearer, .identity:
            if let given, let left = state.tokens[given], left > 0 {
                state.tokens[given] = left - 1
                return nil
            }
            let realm = "Bearer realm=\"\(url("/token"))\",service=\"fake\",scope=\"repository:x:pull\""
            return error(401, "UNAUTHORIZED", ["WWW-Authenticate": realm])
        }
    }

    private func token(_ request: Request, _ state: inout State) -> Answer {
        var uses = Int.max
        switch settings.authentication {
        case .none, .basic: return error(404, "NOT_FOUND")
        case .bearer(let name, let password, let count):
            if let name, request.headers["authorization"] != "Basic " + Self.base64("\(name):\(password)") {
                return error(401, "UNAUTHORIZED")
            }
            uses = count
        case .identity(let token):
            guard request.method == "POST", request.form["refresh_token"] == [token],
                request.form["grant_type"] == ["refresh_token"], request.form["service"] == ["fake"]
            else { return error(401, "UNAUTHORIZED") }
        }
        state.serial += 1
        state.tokens["Bearer token-\(state.serial)"] = uses
        let body = "{\"access_token\":\"token-\(state.serial)\",\"expires_in\":300}"
        return Answer(200, ["Content-Type": "application/json"], Array(body.utf8))
    }

    private func manifest(
        _ request: Request, _ repository: String, _ reference: String, _ state: inout State
    ) -> Answer {
        if request.method == "PUT" {
            let digest = Digest(sha256: request.body).description
            let document = Document(type: request.headers["content-type"] ?? "", bytes: request.body)
            state.manifests[repository, default: [:]][reference] = document
            state.manifests[repository, default: [:]][digest] = document
            return Answer(201, ["Location": "/v2/\(repository)/manifests/\(digest)", "Docker-Content-Digest": digest])
        }
        guard let document = state.manifests[repository]?[reference] else { return error(404, "MANIFEST_UNKNOWN") }
        var answer = Answer(200, ["Content-Type": document.type], document.bytes)
        if settings.namesDigests {
            answer.headers["Docker-Content-Digest"] = Digest(sha256: document.bytes).description
        }
        return answer
    }

    private func blob(_ request: Request, _ repository: String, _ digest: String, _ state: inout State) -> Answer {
        guard let bytes = state.blobs[repository]?[digest] else { return error(404, "BLOB_UNKNOWN") }
        let type = ["Content-Type": "application/octet-stream"]
        guard settings.honoursRanges, let range = request.headers["range"],
            let first = Int(range.dropFirst(6).dropLast())
        else { return Answer(200, type, bytes) }
        guard first < bytes.count else { return error(416, "RANGE_INVALID") }
        let part = "bytes \(first)-\(bytes.count - 1)/\(bytes.count)"
        return Answer(206, type.merging(["Content-Range": part]) { given, _ in given }, Array(bytes[first...]))
    }

    private func upload(
        _ request: Request, _ repository: String, _ identifier: String?, _ state: inout State
    ) -> Answer {
        guard let identifier else {
            if settings.mounts, let digest = request.query["mount"]?.first, let from = request.query["from"]?.first,
                let bytes = state.blobs[from]?[digest]
            {
                state.blobs[repository, default: [:]][digest] = bytes
                return Answer(201, ["Location": "/v2/\(repository)/blobs/\(digest)"])
            }
            state.serial += 1
            state.uploads["\(state.serial)"] = []
            let place = "/v2/\(repository)/blobs/uploads/\(state.serial)?state=x"
            return Answer(
                settings.uploads.beginning, ["Location": settings.uploads.place(place, host) ?? place, "Range": "0-0"])
        }
        guard var bytes = state.uploads[identifier] else { return error(404, "BLOB_UPLOAD_UNKNOWN") }
        let place = settings.uploads.place("/v2/\(repository)/blobs/uploads/\(identifier)?state=y", host)
        let location = place.map { ["Location": $0] } ?? [:]
        func progress() -> [String: String] {
            location.merging(settings.uploads.range(bytes.count).map { ["Range": $0] } ?? [:]) { given, _ in given }
        }
        switch request.method {
        case "GET": return Answer(settings.uploads.question, progress())
        case "PATCH":
            if let status = settings.uploads.refusesPieces { return error(status, "UNSUPPORTED") }
            if request.body.count > settings.uploads.largestPiece { return error(416, "RANGE_INVALID") }
            if let range = request.headers["content-range"],
                range != "\(bytes.count)-\(bytes.count + request.body.count - 1)"
            {
                return error(416, "RANGE_INVALID")
            }
            bytes += request.body
            state.uploads[identifier] = bytes
            return Answer(settings.uploads.chunk, progress())
        default:
            if !request.body.isEmpty, let status = settings.uploads.refusesWhole { return error(status, "UNSUPPORTED") }
            bytes += request.body
            let digest = Digest(sha256: bytes).description
            guard request.query["digest"] == [digest] else { return error(400, "DIGEST_INVALID") }
            state.uploads[identifier] = nil
            state.blobs[repository, default: [:]][digest] = bytes
            return Answer(
                settings.uploads.end,
                ["Location": "/v2/\(repository)/blobs/\(digest)", "Docker-Content-Digest": digest])
        }
    }

    private func tags(_ request: Request, _ repository: String, _ state: inout State) -> Answer {
        guard let manifests = state.manifests[repository] else { return error(404, "NAME_UNKNOWN") }
        let last = request.query["last"]?.first ?? ""
        let names = manifests.keys.filter { !$0.contains(":") && $0 > last }.sorted()
        let page = names.prefix(settings.tagsPerPage)
        var answer = Answer(200, ["Content-Type": "application/json"])
        answer.body = JSON.object(["name": .string(repository), "tags": .strings(page)]).bytes
        if page.count < names.count, let last = page.last {
            answer.headers["Link"] = "</v2/\(repository)/tags/list?last=\(last)>; rel=\"next\""
        }
        return answer
    }

    private func referrers(_ repository: String, _ digest: String, _ state: inout State) -> Answer {
        guard settings.knowsReferrers else { return error(404, "NOT_FOUND") }
        let referring = (state.manifests[repository] ?? [:]).sorted { $0.key < $1.key }.filter { entry in
            // What is no JSON refers to nothing.
            entry.key.contains(":") && (try? JSON.parse(entry.value.bytes))?["subject"]?["digest"] == .string(digest)
        }
        let index = Index(
            manifests: referring.map { entry in
                Descriptor(
                    mediaType: MediaType(rawValue: entry.value.type), digest: Digest(sha256: entry.value.bytes),
                    size: Int64(entry.value.bytes.count))
            })
        return Answer(200, ["Content-Type": MediaType.index.rawValue], index.bytes)
    }

    static func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var result = ""
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 { result.append(index > group.count ? "=" : alphabet[bits >> (18 - 6 * index) & 63]) }
        }
        return result
    }
}

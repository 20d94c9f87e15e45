package import OCI
import Synchronization

/// A registry in memory on the loopback interface, which answers by the OCI distribution specification, or wrongly when
/// a test asks for that.
package final class FakeRegistry: Sendable {
    package struct Settings: Sendable {
        package var authentication = Authentication.none
        package var honoursRanges = true
        package var mounts = true
        /// Whether answers to manifests name their digest.
        package var namesDigests = true
        package var knowsReferrers = true
        /// The most bytes that a request's body may have; more is answered with 413.
        package var maximumBody = Int.max
        /// How many tags a page of the list has.
        package var tagsPerPage = Int.max
        package var uploads = UploadHabits()
        /// Hears of each request when it has had its effect, before it is answered.
        package var hears: @Sendable (Request) -> Void = { _ in }

        package init() {}
    }

    /// How uploads are answered, where registries differ.
    package struct UploadHabits: Sendable {
        package var beginning = 202
        package var chunk = 202
        package var end = 201
        package var question = 204
        /// The status for an upload in pieces, or for one of a whole blob, where the registry does not know that way.
        package var refusesPieces: Int?
        package var refusesWhole: Int?
        /// Bytes of a piece; a larger one is called a range that cannot be satisfied.
        package var largestPiece = Int.max
        /// How it is told that so many bytes are there; nil for not at all.
        package var range: @Sendable (_ count: Int) -> String? = { "0-\(max(0, $0 - 1))" }
        /// What of the right place, a path with a query, stands in an answer to a chunk or a question; nil for nothing.
        package var place: @Sendable (_ path: String, _ host: String) -> String? = { path, _ in path }

        package init() {}
    }

    package enum Authentication: Sendable {
        case none
        case basic(name: String, password: String)
        /// - Parameters:
        ///   - name: nil gives tokens to everybody.
        ///   - uses: how many requests a token is good for.
        case bearer(name: String?, password: String, uses: Int)
        /// Tokens are given for this refresh token alone, by POST.
        case identity(token: String)
    }

    package struct Request: Sendable {
        package let method: String
        /// Path and query.
        package let target: String
        /// Names in lower case.
        package let headers: [String: String]
        package let body: [UInt8]

        package var path: String { String(target.prefix { $0 != "?" }) }

        package var query: [String: [String]] {
            var result: [String: [String]] = [:]
            let text = target.drop { $0 != "?" }.dropFirst()
            for field in text.split(separator: "&") { FakeRegistry.add(field, to: &result) }
            return result
        }

        package var form: [String: [String]] {
            var result: [String: [String]] = [:]
            for field in String(decoding: body, as: UTF8.self).split(separator: "&") {
                FakeRegistry.add(field, to: &result)
            }
            return result
        }

        /// `GET /v2/…`.
        package var line: String { "\(method) \(target)" }
    }

    /// Something that goes wrong.
    package struct Fault: Sendable {
        package enum Kind: Sendable {
            /// This answer instead of the right one.
            case status(Int, headers: [String: String] = [:], body: String = "")
            /// The right head, and this much of the body; then the end of the connection.
            case truncated(Int)
            /// The same, when the client has what was sent: when the stream yields.
            case broken(Int, AsyncStream<Void>)
            /// The same with a reset.
            case reset(Int)
            /// The first byte of the body is another one.
            case altered
            /// Another `Content-Length`, and a body that fits it.
            case resized(Int)
            /// The right answer, byte by byte.
            case drip
            /// The right head without a length, and a body without an end.
            case endless
            /// A web page with status 200.
            case page
            /// No answer, as long as the client waits for one.
            case silent
            /// The request's body is received and forgotten, and the connection ends.
            case lost
            /// The connection ends behind so much of the request's body, which an upload keeps; altered, its first byte is another.
            case kept(Int, altered: Bool)
        }

        package let method: String
        /// What the path has in it.
        package let path: String
        package let kind: Kind
        /// How often it happens.
        package var times: Int
        /// How many such requests are answered rightly before.
        package var after: Int

        package init(_ method: String, _ path: String, _ kind: Kind, times: Int = 1, after: Int = 0) {
            (self.method, self.path, self.kind, self.times, self.after) = (method, path, kind, times, after)
        }
    }

    struct Document {
        let type: String
        let bytes: [UInt8]
    }

    struct State {
        var blobs: [String: [String: [UInt8]]] = [:]
        var manifests: [String: [String: Document]] = [:]
        var uploads: [String: [UInt8]] = [:]
        var faults: [Fault]
        var requests: [Request] = []
        var tokens: [String: Int] = [:]
        var serial = 0
    }

    package let port: Int
    let settings: Settings
    let state: Mutex<State>

    init(port: Int, settings: Settings, faults: [Fault]) {
        self.port = port
        self.settings = settings
        state = Mutex(State(faults: faults))
    }

    /// `127.0.0.1:5000`.
    package var host: String { "127.0.0.1:\(port)" }

    package func url(_ path: String) -> String { "http://\(host)\(path)" }

    /// The requests so far, without the probes for `/v2/`.
    package var requests: [Request] { state.withLock { $0.requests.filter { $0.path != "/v2/" } } }

    package func blob(_ digest: Digest, in repository: String) -> [UInt8]? {
        state.withLock { $0.blobs[repository]?[digest.description] }
    }

    /// By a tag or a digest.
    package func manifest(_ reference: String, in repository: String) -> [UInt8]? {
        state.withLock { $0.manifests[repository]?[reference]?.bytes }
    }

    @discardableResult
    package func addBlob(_ bytes: [UInt8], to repository: String) -> Digest {
        let digest = Digest(sha256: bytes)
        state.withLock { $0.blobs[repository, default: [:]][digest.description] = bytes }
        return digest
    }

    @discardableResult
    package func addManifest(_ bytes: [UInt8], type: MediaType, tag: String? = nil, to repository: String) -> Digest {
        let digest = Digest(sha256: bytes)
        let document = Document(type: type.rawValue, bytes: bytes)
        state.withLock { state in
            state.manifests[repository, default: [:]][digest.description] = document
            if let tag { state.manifests[repository, default: [:]][tag] = document }
        }
        return digest
    }

    package func addFault(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }

    private static func add(_ field: Substring, to fields: inout [String: [String]]) {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        fields[String(parts[0]), default: []].append(parts.count > 1 ? decoded(parts[1]) : "")
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

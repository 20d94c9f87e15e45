import OCI
import SystemPackage
import TestSupport
import Testing

/// The application of Examples/three-tier, run by `distill compose` as a project of its own.
struct ShoppingList: Sendable {
    static let example: String = {
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("Examples").appending("three-tier").string
    }()

    private let distill: Distill
    private let project: String
    private let port: String

    var address: String { "http://127.0.0.1:\(port)" }

    /// Brings the application up, and takes it down with its data whatever happens.
    static func run(_ project: String, with distill: Distill, _ body: (ShoppingList) async throws -> Void) async throws
    {
        let free = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
        let port = try await Command("python3", ["-c", free]).run()
        let list = ShoppingList(distill: distill, project: project, port: port.line)
        do {
            try await list.up()
            try await body(list)
        } catch {
            // Best effort: the first error is the one to tell.
            _ = try? await list.down("--volumes")
            throw error
        }
        try await list.down("--volumes")
    }

    private func compose(_ arguments: [String]) async throws {
        let command = distill.command(
            ["compose", "-p", project, "-f", "\(Self.example)/compose.yaml"] + arguments,
            environment: ["PORT": port, "DATABASE_PASSWORD": #"it's \ a "test""#])
        try await command.run().mustSucceed()
    }

    func up() async throws { try await compose(["up", "-d", "--wait"]) }

    func down(_ options: String...) async throws { try await compose(["down"] + options) }

    // MARK: - Requests

    struct Answer: Sendable {
        let status: Int
        let body: String

        /// A member of the answer, where that is a text.
        subscript(name: String) -> String? { try? JSON.parse(body)[name]?.string }  // no JSON has no members
    }

    /// Sends a request with curl; a body comes with its type.
    func request(_ method: String, _ path: String, body: [UInt8]? = nil, type: String = "application/json") async throws
        -> Answer
    {
        var command = Command(
            "curl", ["-s", "--max-time", "60", "--noproxy", "*", "-w", "\n%{http_code}", "-X", method])
        if let body {
            command.arguments += ["-H", "Content-Type: \(type)", "--data-binary", "@-"]
            command.input = body
        }
        command.arguments.append(address + path)
        let lines = try await command.run().output.split(separator: "\n", omittingEmptySubsequences: false)
        return Answer(status: Int(lines.last ?? "") ?? 0, body: lines.dropLast().joined(separator: "\n"))
    }

    func add(json: String) async throws -> Answer { try await request("POST", "/api/items", body: Array(json.utf8)) }

    func add(_ text: String) async throws -> Answer {
        try await add(json: JSON.object(["text": .string(text)]).text)
    }

    func texts() async throws -> [String] {
        let items = try JSON.parse(try await request("GET", "/api/items").body)["items"]?.array ?? []
        return items.compactMap { $0["text"]?.string }
    }

    // MARK: - The outside world

    /// A shell command that sends a signal to the database of this project.
    static func signalDatabase(_ signal: String) -> String {
        """
        for id in $(pgrep -x mariadbd); do
            [ ! -e /proc/$id/root/usr/share/shopping ] || kill -\(signal) $id
        done
        """
    }
}

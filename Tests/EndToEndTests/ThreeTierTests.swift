import OCI
import TestSupport
import Testing

/// A page, a service and a database: their images, what a change rebuilds, and what they do with hostile input.
@Suite(
    .serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(60)))
struct ThreeTierTests {
    private let distill = SharedBase.distill

    private func build(_ target: String, context: String = ShoppingList.example) async throws -> Command.Outcome {
        let arguments = [
            "build", "--progress", "plain", "--explain-cache", "--target", target, "-t", "shopping-\(target)",
        ]
        let outcome = try await distill.command(arguments + [context]).run()
        try outcome.mustSucceed()
        return outcome
    }

    @Test(arguments: [("web", 30), ("api", 90), ("db", 60), ("app", 200), ("app-jlink", 90)])
    func holdsOnlyWhatItNeeds(target: String, megabytes: Int) async throws {
        let outcome = try await build(target)
        #expect(!outcome.text.contains("warning:"), "\(outcome)")
        let image = "shopping-\(target)"
        let config = try await distill.inspect(image)
        #expect(config["Config"]?["User"]?.string == "65532")
        let size = try #require(config["Size"]?.integer)
        #expect(size <= Int64(megabytes) * 1_000_000, "\(size) bytes")
        let check = try await distill.succeed("image", "check", image)
        #expect(check.text.contains("has what it needs") && check.sentences.count <= 1, "\(check)")
        for shell in ["/bin/sh", "/bin/bash", "/usr/bin/dash", "/busybox/sh"] {
            let run = try await distill("run", "--rm", "--entrypoint", shell, image, "-c", "exit 0")
            #expect(!run.succeeded, "\(target) has \(shell)")
        }
    }

    /// The entry point becomes the server, which the check of the image does not follow.
    @Test func databaseHasItsLibraries() async throws {
        _ = try await build("db")
        let run = try await distill.succeed(
            "run", "--rm", "--entrypoint", "/usr/sbin/mariadbd", "shopping-db", "--version")
        #expect(run.output.contains("MariaDB"))
    }

    @Test(arguments: [
        ("page/src/page.jsx", "Nothing is needed.", "There is nothing to buy.", ["app", "page"]),
        ("service/shopping/ItemText.java", "The text is empty.", "There is no text.", ["app", "service"]),
        ("database/schema.sql", "VARCHAR(200)", "VARCHAR(300)", []),
        ("web/nginx.conf", "16k", "32k", []),
    ])
    func changeRebuildsItsStages(file: String, old: String, new: String, stages: [String]) async throws {
        _ = try await build("app")
        try await Files.withTemporaryDirectory { directory in
            try await Command("cp", ["-r", "\(ShoppingList.example)/.", directory]).run().mustSucceed()
            #expect(Self.executed(try await build("app", context: directory)) == [])
            let text = try Files.text("\(directory)/\(file)")
            #expect(text.contains(old))
            try Files.write(text.replacing(old, with: new), to: "\(directory)/\(file)")
            #expect(Self.executed(try await build("app", context: directory)) == stages)
        }
    }

    /// The stages that had to execute a step.
    private static func executed(_ outcome: Command.Outcome) -> [String] {
        var stages: [Substring: String] = [:]
        var executed: Set<String> = []
        for line in outcome.text.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count > 1, words[0].hasPrefix("#") else { continue }
            if words[1].hasPrefix("[") { stages[words[0]] = String(words[1].dropFirst()) }
            if words[1...].starts(with: ["NOT", "CACHED:"]), let stage = stages[words[0]] { executed.insert(stage) }
        }
        return executed.sorted()
    }

    // MARK: - In use

    @Test(.requires(.program("curl")), .requires(.program("ip"))) func keepsTheListAndRefusesWhatIsNoItem() async throws
    {
        try await ShoppingList.run("shopping-use", with: distill) { list in
            #expect(try await list.texts() == [])
            let hostile = ["<img src=x onerror=alert(1)>", "'; DROP TABLE items; --", #"\" OR 1=1 #"#, "Käse 🧀 Ελιές"]
            for text in hostile { #expect(try await list.add(text).status == 201) }
            #expect(try await list.add("  \(String(repeating: "é", count: 200)) ").status == 201)
            #expect(try await list.texts().prefix(hostile.count) == hostile[...])

            for (json, status) in Self.refused {
                let answer = try await list.request("POST", "/api/items", body: json)
                #expect(answer.status == status, "\(json.prefix(60))")
                #expect(answer["error"] != nil, "\(answer)")
            }
            #expect(
                try await list.request("POST", "/api/items", body: Array("text=a".utf8), type: "text/plain").status
                    == 415)
            #expect(try await list.request("DELETE", "/api/items/1%20OR%201=1").status == 404)
            #expect(try await list.request("DELETE", "/api/items/99999999999999999999").status == 404)
            #expect(try await list.request("PUT", "/api/items").status == 405)
            #expect(try await list.request("GET", "/../../etc/passwd").status >= 400)
            #expect(try await list.texts().count == hostile.count + 1)

            // What was written is there after the services were.
            try await list.down()
            try await list.up()
            #expect(try await list.texts().prefix(hostile.count) == hostile[...])
            #expect(try await list.request("DELETE", "/api/items/1").status == 204)
            #expect(try await list.request("DELETE", "/api/items/1").status == 404)
        }
    }

    private static let refused: [([UInt8], Int)] = [
        (Array(#"{"text": ""}"#.utf8), 400),
        (Array(#"{"text": " \t "}"#.utf8), 400),
        (Array(#"{"text": "a\u0000b"}"#.utf8), 400),
        (Array(#"{"text": "\ud800"}"#.utf8), 400),
        (Array(#"{"text": 1}"#.utf8), 400),
        (Array(#"{"text": "a", "id": 1}"#.utf8), 400),
        (Array(#"{"text": "a"} {}"#.utf8), 400),
        (Array(#"["text"]"#.utf8), 400),
        (Array("{".utf8), 400),
        (Array(#"{"text": "\#(String(repeating: "a", count: 201))"}"#.utf8), 400),
        (Array(#"{"text": ""#.utf8) + [0xFF, 0xC3] + Array(#""}"#.utf8), 400),
        (Array(#"{"text": "\#(String(repeating: "a", count: 8_000))"}"#.utf8), 413),
        (Array(#"{"text": "\#(String(repeating: "a", count: 10_000_000))"}"#.utf8), 413),
    ]

    /// The database hangs, and the page says so until it is back; it dies, and is started again.
    @Test(.requires(.patience), .requires(.program("chromium")), .requires(.module("selenium")))
    func browserShowsTheList() async throws {
        let driver = environmentVariable("DISTILL_PYTHON") ?? "python3"
        let script = "\(#filePath)".replacing("ThreeTierTests.swift", with: "Fixtures/shopping-list-browser.py")
        try await ShoppingList.run("shopping-browser", with: distill) { list in
            try await Files.withTemporaryDirectory { directory in
                let steps = [
                    "sees Nothing is needed.", "add Bread", "sees Bread", "add <b>Milk</b> & 'honey'",
                    "sees <b>Milk</b> & 'honey'", "elements b 0", "reload", "sees Bread", "sees <b>Milk</b> & 'honey'",
                    "screenshot \(directory)/list.png", "delete Bread", "misses Bread", "reload",
                    "sees <b>Milk</b> & 'honey'", "misses Bread", "run " + ShoppingList.signalDatabase("STOP"),
                    "alert away",
                    "add Tea", "alert away", "run " + ShoppingList.signalDatabase("CONT"), "no-alert",
                    "sees <b>Milk</b> & 'honey'", "run " + ShoppingList.signalDatabase("KILL"), "reload",
                    "sees <b>Milk</b> & 'honey'", "no-alert",
                ]
                let outcome = try await Command(driver, [script, list.address] + steps).run()
                #expect(outcome.succeeded, "\(outcome)")
                #expect(Files.exists("\(directory)/list.png"))
            }
        }
    }
}

import BuildGraph
import OCI
import Testing

@Suite struct StepDescriptionTests {
    private static func run(_ arguments: [String] = ["make"], environment: [String] = ["A=1"], user: String = "")
        -> RunOperation
    {
        RunOperation(
            arguments: arguments, environment: environment, user: user, workingDirectory: .root, network: .default,
            platform: Platform(os: "linux", architecture: "amd64"))
    }

    private static let files = Digest(sha256: [1])
    private static let otherFiles = Digest(sha256: [2])

    @Test(
        arguments: [
            (run(), files, false, .removed),
            (run(["make", "all"]), files, false, .instruction(was: "make")),
            (run(["make", "all"]), otherFiles, false, .instruction(was: "make")),
            (run(), otherFiles, false, .previousStep),
            (run(), otherFiles, true, .base(was: files.description, now: otherFiles.description)),
            (run(environment: ["A=2"]), files, false, .variable(name: "A", was: "1", now: "2")),
            (run(environment: ["A=1", "B="]), files, false, .variable(name: "B", was: nil, now: "")),
            (run(environment: []), files, false, .variable(name: "A", was: "1", now: nil)),
            (run(user: "me"), files, false, .option(name: "USER", was: "", now: "me")),
        ] as [(RunOperation, Digest, Bool, CacheMiss)])
    func namesWhatChangedFirst(now: RunOperation, parent: Digest, standsOnBase: Bool, expected: CacheMiss) throws {
        let earlier = Self.run().description(parent: Self.files, sources: [])
        let kept = try #require(StepDescription(try JSON.parse(earlier.json.bytes)))
        #expect(kept == earlier)
        #expect(now.description(parent: parent, sources: []).miss(since: kept, standsOnBase: standsOnBase) == expected)
    }

    /// What is kept holds no value of a secret, and a change is told all the same.
    @Test func keepsNoSecrets() {
        func step(_ environment: [String], _ user: String, _ text: String) -> StepDescription {
            Self.run(environment: environment, user: user).description(parent: Self.files, sources: []).hidingSecrets(
                of: text)
        }
        let first = step(["API_KEY=one", "PROXY=http://me:one@host"], "", "RUN make")
        #expect(!String(decoding: first.json.bytes, as: UTF8.self).contains("one"))
        #expect(
            step(["API_KEY=two", "PROXY=http://me:one@host"], "", "RUN make").miss(since: first, standsOnBase: false)
                == .variable(name: "API_KEY", was: nil, now: nil))
        let expanded = step([], "one", "COPY ***")
        #expect(!String(decoding: expanded.json.bytes, as: UTF8.self).contains("one"))
        #expect(
            step([], "two", "COPY ***").miss(since: expanded, standsOnBase: false)
                == .variable(name: "a variable that is a secret", was: nil, now: nil))
    }

    @Test func knowsNothingOfAFirstBuild() {
        #expect(Self.run().description(parent: nil, sources: []).miss(since: nil, standsOnBase: true) == .first)
    }

    @Test(arguments: [
        JSON.null, .array([.string("x")]), .array([.strings(["unknown", "", ""])]), .array([.strings(["parent"])]),
    ])
    func refusesWhatItDidNotWrite(json: JSON) {
        #expect(StepDescription(json) == nil)
    }
}

import Testing

@testable import OCI

@Suite struct JSONTests {
    @Test(arguments: [
        #"{"b":1,"a":[true,false,null],"c":"é\n\"\\"}"#, "[]", "{}", "0", "-1.5e+10", #""""#,
        #"[1.0,100000000000000000000,1e5]"#, #"{"a":{"a":{"a":[[[]]]}}}"#,
    ])
    func keepsOrderAndNumbersAsWritten(text: String) throws {
        #expect(try JSON.parse(text).text == text)
    }

    @Test(arguments: [
        (#""\u00e9\ud83d\ude00\/\b\f""#, "é😀/\u{8}\u{c}"), (#""\ud800x""#, "\u{FFFD}x"),
        (#""\ud800\u0041""#, "\u{FFFD}A"),
    ])
    func readsEscapes(text: String, expected: String) throws {
        #expect(try JSON.parse(text).string == expected)
    }

    @Test(arguments: [
        "", "{", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "1.", "-", "1e", "tru", "nul", "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u+123\"", "\"abc", "\"\u{1}\"", "1 2", "[1}", "'a'", "NaN",
    ])
    func refusesWhatIsNoJSON(text: String) {
        #expect(throws: JSONError.self) { try JSON.parse(text) }
    }

    @Test func refusesBytesThatAreNoUTF8() {
        #expect(throws: JSONError(reason: .invalidUTF8, offset: 4)) { try JSON.parse([0x22, 0xFF, 0xFE, 0x22]) }
    }

    @Test func boundsItsDepth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError(reason: .tooDeep(limit: 128), offset: 128)) { try JSON.parse(deep) }
    }

    @Test func survivesDamage() throws {
        let good = Array(
            #"{"schemaVersion":2,"config":{"digest":"sha256:00","size":12},"layers":[{"a":"\u00e9"},-1.5e3]}"#.utf8)
        var random = SplitMix64(seed: 7)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: index)
                }
            }
            if let json = try? JSON.parse(bytes) {
                accepted += 1
                #expect(try JSON.parse(json.bytes) == json)
            }
        }
        #expect(accepted > 100)
    }

    @Test func editsMembersInPlace() {
        var object: JSONObject = ["a": .integer(1), "b": .integer(2)]
        object["a"] = .integer(3)
        object["c"] = .null
        object["b"] = nil
        #expect(JSON.object(object).text == #"{"a":3,"c":null}"#)
        #expect(JSON.object(object).indentedText == "{\n    \"a\": 3,\n    \"c\": null\n}")
    }
}

/// A generator whose numbers are the same in every run.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

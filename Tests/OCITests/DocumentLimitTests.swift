import TestSupport
import Testing

@testable import OCI

/// Documents from strangers: their size, depth and number of values are bounded, and many members cost no square.
@Suite struct DocumentLimitTests {
    private static let digest = "sha256:" + String(repeating: "0", count: 64)

    private static func config(_ members: String, layers: Int = 1) -> [UInt8] {
        let layers = repeatElement("\"\(digest)\"", count: layers).joined(separator: ",")
        return Array(
            #"{"os":"linux","architecture":"amd64",\#(members)"rootfs":{"type":"layers","diff_ids":[\#(layers)]}}"#.utf8
        )
    }

    private static func descriptor(size: Int64) -> String {
        #"{"mediaType":"application/octet-stream","digest":"\#(digest)","size":\#(size)}"#
    }

    private static func manifest(layerSize: Int64, padding: Int = 0) -> [UInt8] {
        let space = String(repeating: " ", count: padding)
        return Array(#"{"config":\#(descriptor(size: 2)),"layers":[\#(descriptor(size: layerSize))]\#(space)}"#.utf8)
    }

    @Test func manyMembersAreReadAndWritten() throws {
        let growth = try ProcessorTime.growth(from: 3000) { size in
            let members = (0..<size).map { "\"member \($0)\":0," }.joined()
            let config = try ImageConfig(
                bytes: Self.config(members + "\"config\":{\"Volumes\":{\(members.dropLast())}},"))
            #expect(config.unknown.members.count == size && config.container.volumes.count == size)
            #expect(config.bytes.count > 20 * size)
        }
        #expect(growth < 8)
    }

    @Test func membersAreWhatTheyWereHoweverManyThereAre() throws {
        for count in [3, 16, 17, 40] {
            var object = JSONObject()
            for index in 0..<count { object["m\(index)"] = .integer(Int64(index)) }
            object["m1"] = .integer(-1)
            object["m0"] = nil
            object["none"] = nil
            object["m\(count)"] = .null
            #expect(object.members.map(\.key) == (1...count).map { "m\($0)" })
            #expect(object["m0"] == nil)
            #expect(object["m1"] == .integer(-1))
            #expect(object["m2"] == .integer(2))
            #expect(object["m\(count)"] == .null)
            // Of a name that stands twice the last value counts.
            let twice = try JSON.parse(
                "{\"a\":1," + (0..<count).map { "\"m\($0)\":0" }.joined(separator: ",") + ",\"a\":2}")
            #expect(twice["a"] == .integer(2))
        }
    }

    @Test func documentsOfManyValuesAreRefused() {
        let text = "[" + String(repeating: "0,", count: JSON.valueLimit) + "0]"
        #expect(throws: JSONError(reason: .tooMany(limit: JSON.valueLimit), offset: 1 + 2 * (JSON.valueLimit - 1))) {
            try JSON.parse(text)
        }
    }

    @Test func statementsThatAreReadTogetherHaveOneLimit() throws {
        let bytes = Array(
            (#"{"predicateType":"a","predicate":["# + String(repeating: "0,", count: 1000) + #"0],"subject":[]}"#).utf8)
        var left = 1900
        _ = try Statement(bytes: bytes, &left)
        #expect(left == 1900 - 1005)
        #expect(throws: ImageFormatError.self) { try Statement(bytes: bytes, &left) }
    }

    @Test func largeDocumentsAreRefused() throws {
        let limit = DocumentLimit.config
        #expect(throws: ImageFormatError.tooLarge(limit: limit)) {
            try ImageConfig(bytes: Self.config("\"author\":\"\(String(repeating: "a", count: limit))\","))
        }
        #expect(throws: ImageFormatError.tooLarge(limit: DocumentLimit.manifest)) {
            try Manifest(bytes: Self.manifest(layerSize: 2, padding: DocumentLimit.manifest))
        }
        #expect(throws: ImageFormatError.tooLarge(limit: DocumentLimit.manifest)) {
            try Index(
                bytes: Array(("{\"manifests\":[]" + String(repeating: " ", count: DocumentLimit.manifest) + "}").utf8))
        }
        #expect(try Manifest(bytes: Self.manifest(layerSize: 2, padding: 1 << 20)).layers.count == 1)
    }

    @Test(arguments: [Int64.max, DocumentLimit.blob + 1]) func sizesThatNoBlobHasAreRefused(size: Int64) {
        #expect(throws: ImageFormatError.impossibleSize(size)) { try Manifest(bytes: Self.manifest(layerSize: size)) }
    }

    @Test func moreLayersThanCanBeMountedAreRefused() throws {
        #expect(throws: ImageFormatError.tooManyLayers(50_000, limit: 999)) {
            try ImageConfig(bytes: Self.config("", layers: 50_000))
        }
        #expect(try ImageConfig(bytes: Self.config("", layers: 999)).layers.count == 999)
    }
}

import Archive
import TestSupport
import Testing

/// Contract of `StreamDecoder`: what programs pack is unpacked, and damage is an error.
@Suite struct CompressionTests {
    private static let programs: [(Compression, String)] = [
        (.gzip, "gzip"), (.xz, "xz"), (.zstd, "zstd -q"), (.bzip2, "bzip2"),
    ]

    /// Half repetitive, half noise, longer than any buffer of ours.
    private static let sample: [UInt8] = {
        var generator = SeededGenerator(seed: 5)
        return (0..<6).flatMap { _ in Array(repeating: UInt8(0x41), count: 50_000) + generator.bytes(50_000) }
    }()

    @Test(
        .enabled("a compression program is missing") { try await Program.isExpected("gzip", "xz", "zstd", "bzip2") },
        arguments: programs.indices, [1 << 20, 1000])
    func `What programs pack is unpacked`(_ index: Int, _ step: Int) async throws {
        let (compression, program) = Self.programs[index]
        let packed = try await Program.shell("\(program) -c", Self.sample)
        let empty = try await Program.shell("\(program) -c")
        #expect(Compression.detect(packed) == compression)
        #expect(try decompress(compression, packed, step: step) == Self.sample)
        #expect(try decompress(compression, empty, step: step) == [])
        #expect(try decompress(compression, empty + packed + empty + packed, step: step) == Self.sample + Self.sample)
    }

    @Test(
        .enabled("a compression program is missing") { try await Program.isExpected("gzip", "xz", "zstd", "bzip2") },
        arguments: programs.indices)
    func `Damage is an error, never a trap`(_ index: Int) async throws {
        let (compression, program) = Self.programs[index]
        let packed = try await Program.shell("\(program) -c", Array(Self.sample.prefix(60_000)))
        for length in [0, 1, 5, 20, packed.count / 2, packed.count - 1] {
            #expect(throws: DecompressionError.self, "\(length) bytes") {
                try decompress(compression, Array(packed.prefix(length)))
            }
        }
        #expect(throws: DecompressionError.self) { try decompress(compression, packed + [0x31, 0x32, 0x33, 0x34]) }
        for seed in 0..<300 {
            var generator = SeededGenerator(seed: seed)
            // Whatever comes out of damaged bytes is right, unless it is a trap.
            _ = try? decompress(
                compression, generator.damage(packed), step: Int.random(in: 1...9000, using: &generator))
            _ = try? decompress(compression, generator.bytes(100))
        }
    }

    @Test func `Zeros may follow a gzip stream`() throws {
        let packed = try compress(Self.sample, level: 1)
        #expect(try decompress(.gzip, packed + [0, 0, 0], step: 100) == Self.sample)
        #expect(throws: DecompressionError.trailingBytes(.gzip)) { try decompress(.gzip, packed + [0, 1]) }
    }

    @Test(.enabled("zstd is missing") { try await Program.isExpected("zstd") })
    func `A zstd window beyond the limit is refused`() async throws {
        let packed = try await Program.shell("zstd -q --ultra --long=30 -c", Self.sample)
        #expect(throws: DecompressionError.memoryLimit(.zstd)) { try decompress(.zstd, packed) }
    }

    @Test(.enabled("gzip is missing") { try await Program.isExpected("gzip") }, arguments: [1, 6, 9])
    func `What we pack is unpacked by gzip`(_ level: Int) async throws {
        let packed = try compress(Self.sample, level: level)
        #expect(try await Program.shell("gzip -dc", packed) == Self.sample)
        #expect(try await Program.shell("gzip -dc", compress([], level: level)) == [])
        #expect(Array(packed[4..<8]) == [0, 0, 0, 0], "no time")
        #expect(packed[9] == 255, "no operating system")
        #expect(try compress(Self.sample, level: level) == packed)
    }

    @Test(.enabled("zstd is missing") { try await Program.isExpected("zstd") }, arguments: [1, 3, 19])
    func `What we pack is unpacked by zstd`(_ level: Int) async throws {
        let packed = try compress(Self.sample, .zstd, level: level)
        #expect(try await Program.shell("zstd -q -dc", packed) == Self.sample)
        #expect(try await Program.shell("zstd -q -dc", compress([], .zstd, level: level)) == [])
        #expect(try compress(Self.sample, .zstd, level: level) == packed)
    }

    /// In several blocks, as a layer is packed.
    private func compress(_ bytes: [UInt8], _ format: BlockCompressor.Format = .gzip, level: Int) throws -> [UInt8] {
        let compressor = try BlockCompressor(format, level: level)
        guard !bytes.isEmpty else { return try compressor.compress(UnsafeRawBufferPointer(start: nil, count: 0)) }
        var output: [UInt8] = []
        try inPieces(bytes, 100_000) { output += try compressor.compress($0) }
        return output
    }

    @Test(
        arguments: [
            ([0x1F, 0x8B, 8], .gzip), ([0x1F], .none), ([0x28, 0xB5, 0x2F, 0xFD], .zstd),
            ([0x53, 0x2A, 0x4D, 0x18], .zstd),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .xz), (Array("BZh9".utf8), .bzip2), (Array("BZh0".utf8), .none),
            ([], .none),
            (Array("plain text".utf8), .none),
        ] as [([UInt8], Compression)]) func `Magic numbers are told apart`(_ bytes: [UInt8], _ expected: Compression)
    {
        #expect(Compression.detect(bytes) == expected)
    }

    @Test func `Plain bytes pass`() throws {
        #expect(try decompress(.none, Self.sample, step: 999) == Self.sample)
        #expect(try decompress(.none, []) == [])
    }
}

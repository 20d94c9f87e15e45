import Archive
import Testing

@Suite struct WhiteoutTests {
    @Test(
        arguments: [
            ("file", nil), (".wh", nil), (".wh.file", .entry(Array("file".utf8))),
            (".wh..hidden", .entry(Array(".hidden".utf8))),
            (".wh..wh..opq", .opaque), (".wh..wh.plnk", .reserved), (".wh.", .reserved), (".wh..", .reserved),
            (".wh...", .reserved), (".wh....", .entry(Array("...".utf8))),
        ] as [(String, Whiteout?)]) func `Names are told apart`(_ name: String, _ expected: Whiteout?)
    {
        let whiteout = Whiteout(name: Array(name.utf8))
        #expect(whiteout == expected)
        if let text = whiteout?.name { #expect(text == Array(name.utf8)) }
    }
}

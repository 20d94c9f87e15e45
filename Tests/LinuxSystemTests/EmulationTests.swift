import Testing

@testable import LinuxSystem

@Suite struct EmulationTests {
    private static let arm64: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xB7, 0]
    private static let lines = """
        interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
        flags: PF
        offset 0
        magic 7f454c460201010000000000000000000200b700
        mask ffffffffffffff00fffffffffffffffffeffffff
        """

    @Test(arguments: [
        ("enabled\n" + lines, true), ("disabled\n" + lines, false),
        ("enabled\n" + lines.replacing("flags: PF", with: "flags: P"), false),
        ("enabled\n" + lines.replacing("b700", with: "f300"), false),
        ("enabled\n" + lines.replacing("offset 0", with: "offset 4"), false),
        ("enabled\n" + lines.replacing("magic 7f", with: "magic 7"), false),
        ("enabled\ninterpreter /usr/bin/x\nflags: F\nextension .x", false), ("", false),
    ])
    func readsWhatTheKernelSays(text: String, expected: Bool) {
        #expect((Emulation.Registration(text)?.matches(Self.arm64) ?? false) == expected)
    }
}

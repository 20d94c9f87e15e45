import Compose
import Testing

@Suite struct VolumeWordsTests {
    @Test(
        arguments: [
            (nil, false, true), ("ro", true, true), ("rw", false, true), ("ro,z", true, true), ("Z,ro", true, true),
            ("rw,nocopy", false, false),
            ("ro,cached,rslave", true, true), ("delegated", false, true), ("consistent", false, true),
            ("default,nocopy,ro", true, false),
            ("private", false, true), ("rprivate", false, true), ("shared", false, true), ("rshared", false, true),
            ("slave", false, true),
        ] as [(String?, Bool, Bool)])
    func knowsDockersWords(text: String?, isReadOnly: Bool, copiesImage: Bool) throws {
        let words = try #require(VolumeWords(text))
        #expect(words.isReadOnly == isReadOnly && words.copiesImage == copiesImage)
    }

    @Test(arguments: [
        "", "readonly", "RO", "rox", "ro,", ",ro", "ro rw", "ro,rw", "rw,ro", "ro,ro", "z,Z", "cached,delegated",
        "shared,rslave", "nodev", "ro=true",
    ])
    func refusesEverythingElse(text: String) { #expect(VolumeWords(text) == nil) }

    @Test(arguments: [
        ("seccomp:unconfined", "unrestricted"), ("seccomp=unconfined", "unrestricted"), ("seccomp:builtin", "standard"),
        ("seccomp:./rules=1.json", "./rules=1.json"), ("seccomp=/etc/rules:1.json", "/etc/rules:1.json"),
        ("label:disable", "standard"),
        ("apparmor=unconfined", "standard"),
    ])
    func readsWhatServicesMayAsk(option: String, expected: String) throws {
        let choice =
            switch try service("security_opt: ['\(option)']").systemCalls {
            case .standard: "standard"
            case .unrestricted: "unrestricted"
            case .profile(let file): file.value
            }
        #expect(choice == expected)
    }
}

import OCI
import Testing

@Suite struct SeccompProfileTests {
    private func resolved(
        _ text: String, _ architecture: String = "amd64", _ capabilities: Set<Capability> = [],
        kernel: KernelVersion = .init(major: 6, minor: 1)
    ) throws -> String {
        try SeccompProfile(parsing: Array(text.utf8))
            .resolved(for: .init(architecture: architecture, capabilities: capabilities, kernel: kernel)).json.text
    }

    @Test func readsTheRuntimesForm() throws {
        let text = try resolved(
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"],
             "flags": ["SECCOMP_FILTER_FLAG_LOG"],
             "syscalls": [{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
                {"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
                 "args": [{"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_NE"}]}]}
            """)
        #expect(
            text == #"{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"architectures":["SCMP_ARCH_X86_64"],"#
                + #""flags":["SECCOMP_FILTER_FLAG_LOG"],"syscalls":[{"names":["read","write"],"action":"SCMP_ACT_ALLOW"},"#
                + #"{"names":["personality"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"args":[{"index":0,"value":18446744073709551615,"#
                + #""valueTwo":0,"op":"SCMP_CMP_NE"}]}]}"#)
    }

    static let conditional = """
        {"defaultAction": "SCMP_ACT_KILL_PROCESS",
         "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}, {"architecture": "SCMP_ARCH_AARCH64"}],
         "syscalls": [
            {"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": null, "includes": {}, "excludes": {}},
            {"names": ["b"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}},
            {"names": ["c"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}},
            {"names": ["d"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "x86"]}},
            {"names": ["e"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["amd64"]}},
            {"name": "f", "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
            {"names": ["g"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "4.8"}},
            {"names": ["h"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_OF_TOMORROW"]}}]}
        """

    @Test(
        arguments: [
            ("amd64", [], "6.1", "acdf"), ("amd64", [.administration], "6.1", "adf"),
            ("amd64", [.administration, .programKernel], "6.1", "abdf"),
            ("arm64", [], "6.1", "acef"), ("386", [], "4.7.9", "acdeg"), ("amd64", [], "4.8.0-rc1", "acdf"),
            ("arm64", Capability.all, "6.12", "abef"),
        ] as [(String, Set<Capability>, String, String)])
    func rulesCountWhereTheySay(architecture: String, capabilities: Set<Capability>, kernel: String, expected: String)
        throws
    {
        let version = try #require(KernelVersion(kernel))
        let profile = try SeccompProfile(parsing: Array(Self.conditional.utf8))
        let resolved = profile.resolved(
            for: .init(architecture: architecture, capabilities: capabilities, kernel: version))
        #expect(resolved.rules.flatMap(\.names).joined() == expected)
    }

    @Test(
        arguments: [
            ("amd64", ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]), ("arm64", ["SCMP_ARCH_AARCH64"]),
            ("s390x", ["SCMP_ARCH_S390X"]), ("unknown", []),
        ] as [(String, [String])])
    func choosesTheProcessorsFamily(architecture: String, expected: [String]) throws {
        let profile = try SeccompProfile(parsing: Array(Self.conditional.utf8))
        let place = SeccompProfile.Place(
            architecture: architecture, capabilities: [], kernel: .init(major: 6, minor: 1))
        #expect(profile.resolved(for: place).architectures == expected)
    }

    @Test(
        arguments: [
            ("no JSON", .notJSON), ("[]", .notJSON), ("{}", .missing("defaultAction")),
            (#"{"defaultAction": "ALLOW"}"#, .invalid(member: "defaultAction", value: #""ALLOW""#)),
            (#"{"defaultAction": "SCMP_ACT_NOTIFY"}"#, .unsupported(member: "defaultAction", value: "SCMP_ACT_NOTIFY")),
            (
                #"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 5000}"#,
                .invalid(member: "errnoRet", value: "5000")
            ),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["x86"]}"#,
                .invalid(member: "architectures", value: "x86")
            ),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86"}]}"#,
                .both("architectures", "archMap")
            ),
            (#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": {}}"#, .invalid(member: "syscalls", value: "{}")),
            (#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_LOG"}]}"#, .missing("names")),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [1], "action": "SCMP_ACT_LOG"}]}"#,
                .invalid(member: "names", value: "[1]")
            ),
            (#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"]}]}"#, .missing("action")),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "names": ["a"], "action": "SCMP_ACT_LOG"}]}"#,
                .both("name", "names")
            ),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_LOG", "args": [{"index": 6}]}]}"#,
                .invalid(member: "index", value: "6")
            ),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "op": "="}]}]}"#,
                .invalid(member: "op", value: "=")
            ),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_LOG", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]}]}"#,
                .invalid(member: "value", value: "-1")
            ),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_LOG", "includes": {"minKernel": "new"}}]}"#,
                .invalid(member: "minKernel", value: "new")
            ),
        ] as [(String, SeccompProfileError)])
    func refusesWhatIsNoProfile(text: String, error: SeccompProfileError) {
        #expect(throws: error) { try SeccompProfile(parsing: Array(text.utf8)) }
    }

    @Test(arguments: [("6.1.0-13-amd64", 6, 1), ("5.10.0", 5, 10), ("6.12-rc3", 6, 12), ("4.8", 4, 8)])
    func readsKernelVersions(text: String, major: Int, minor: Int) {
        #expect(KernelVersion(text) == KernelVersion(major: major, minor: minor))
    }

    @Test(arguments: ["", "6", "x.1", "6.x"]) func refusesOtherVersions(text: String) {
        #expect(KernelVersion(text) == nil)
    }
}

import Engine
import LinuxSystem
import SystemPackage
import Testing

@Suite struct StoreLocationTests {
    @Test(
        arguments: [
            (["HOME": "/home/a"], false, "/home/a/.local/share/distill"),
            (["HOME": "/home/a"], true, "/var/lib/distill"), ([:], true, "/var/lib/distill"),
            (["HOME": "/home/a", "XDG_DATA_HOME": "/data"], false, "/data/distill"),
            (["XDG_DATA_HOME": "/data"], false, "/data/distill"),
            (["XDG_DATA_HOME": "data", "HOME": "/h"], false, "/h/.local/share/distill"),
            (["DISTILL_ROOT": "/store"], false, "/store"),
            (["DISTILL_ROOT": "", "HOME": "/h"], false, "/h/.local/share/distill"),
            ([:], false, nil), (["HOME": ""], false, nil), (["HOME": "relative"], false, nil),
            (["XDG_DATA_HOME": "data"], false, nil),
        ] as [([String: String], Bool, String?)])
    func isWhereTheEnvironmentSays(environment: [String: String], isRoot: Bool, expected: String?) {
        #expect(StoreLocation.path(HostEnvironment(variables: environment, isRoot: isRoot))?.string == expected)
    }
}

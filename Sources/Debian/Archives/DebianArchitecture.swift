internal import OCI

/// An architecture in Debian's words.
struct DebianArchitecture: Hashable {
    let name: String

    /// - Throws: ``DebianError/unsupportedArchitecture(_:)``.
    init(_ platform: Platform) throws(DebianError) {
        switch (platform.os, platform.architecture, platform.variant) {
        case ("linux", "amd64", _): name = "amd64"
        case ("linux", "arm64", _): name = "arm64"
        case ("linux", "386", _): name = "i386"
        case ("linux", "arm", "v5"), ("linux", "arm", "v6"): name = "armel"
        case ("linux", "arm", _): name = "armhf"
        case ("linux", "ppc64le", _): name = "ppc64el"
        case ("linux", "mips64le", _): name = "mips64el"
        case ("linux", "riscv64", _): name = "riscv64"
        case ("linux", "s390x", _): name = "s390x"
        default: throw .unsupportedArchitecture(platform)
        }
    }

    /// The name of the architecture's directories below `/usr/lib` (Debian's MultiarchSpec).
    var tuple: String {
        switch name {
        case "amd64": "x86_64-linux-gnu"
        case "arm64": "aarch64-linux-gnu"
        case "armel": "arm-linux-gnueabi"
        case "armhf": "arm-linux-gnueabihf"
        case "ppc64el": "powerpc64le-linux-gnu"
        case "mips64el": "mips64el-linux-gnuabi64"
        default: "\(name)-linux-gnu"
        }
    }

    /// The directories of the root that are links into `/usr`. Others that debootstrap makes are removed again when
    /// usr-is-merged is configured, or stay empty.
    var mergedDirectories: [String] {
        ["bin", "sbin", "lib"] + (["amd64", "ppc64el", "mips64el"].contains(name) ? ["lib64"] : [])
    }
}

/// Names of packages that programs are built with, in Debian and in Alpine Linux.
enum BuildTools {
    private static let names: Set = [
        "build-essential", "build-base", "alpine-sdk", "gcc", "g++", "cpp", "clang", "lld", "llvm", "gfortran", "make",
        "cmake", "ninja-build", "ninja", "samurai", "meson", "autoconf", "automake", "autotools-dev", "libtool",
        "libtool-bin", "m4", "bison", "flex", "pkg-config", "pkgconf", "patch", "binutils", "nasm", "yasm", "swig",
        "gdb", "strace", "ltrace", "valgrind", "git", "subversion", "mercurial", "golang", "go", "rustc", "rust",
        "cargo", "rustup", "ghc", "cabal-install", "ocaml", "opam", "fpc", "maven", "gradle", "ant", "sbt", "npm",
        "yarn", "yarnpkg", "webpack", "node-typescript", "node-gyp", "gyp", "py3-pip", "python3-pip", "python3-venv",
        "python3-virtualenv", "virtualenv", "python3-build", "python3-wheel", "pipx", "cython3", "composer",
        "dpkg-dev", "debhelper", "devscripts", "fakeroot", "scons", "ccache", "doxygen",
    ]
    private static let endings = ["-dev", "-dbg", "-dbgsym", "-doc", "-jdk", "-jdk-headless"]
    private static let beginnings = [
        "gcc-", "g++-", "cpp-", "clang-", "llvm-", "golang-", "gfortran-", "rustc-", "linux-headers-", "default-jdk",
    ]

    static func contains(_ name: String) -> Bool {
        // Runtimes that are named like their compilers.
        if name.hasSuffix("-base") || name.hasSuffix("-runtime") || name.hasPrefix("golang-github") { return false }
        return names.contains(name) || endings.contains { name.hasSuffix($0) }
            || beginnings.contains { name.hasPrefix($0) }
    }
}

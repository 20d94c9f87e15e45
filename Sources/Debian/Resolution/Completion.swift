/// The shell script that turns unpacked packages into installed ones, run as root in the image.
///
/// Our unpacking runs no package script. What `preinst install` does is made up for first, base-passwd's before all
/// others because it makes the user database; then dpkg configures everything; then logs, caches and the machine's
/// identity are removed.
struct Completion {
    let packages: [UnpackedPackage]
    /// Seconds since 1970, for programs that honour `SOURCE_DATE_EPOCH`.
    let date: Int64

    var script: String {
        let scripts = packages.filter { $0.control.files["preinst"] != nil }
            .sorted {
                ($0.package.name != "base-passwd" ? 1 : 0, $0.package.name) < (
                    $1.package.name != "base-passwd" ? 1 : 0, $1.package.name
                )
            }
        let calls = scripts.map { "preinst \($0.databaseName) \($0.package.name) \($0.package.architecture)\n" }
            .joined()
        return Self.environment + "export SOURCE_DATE_EPOCH=\(date)\n" + Self.preinst + calls + Self.configure
            + Self.cleaning
    }

    private static let environment = """
        set -eu
        export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true DEBCONF_NOWARNINGS=yes LC_ALL=C.UTF-8 HOME=/root
        export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

        """

    /// The environment is what dpkg gives to maintainer scripts (dpkg(1), "Environment").
    private static let preinst = """
        preinst() {
            DPKG_MAINTSCRIPT_NAME=preinst DPKG_MAINTSCRIPT_PACKAGE="$2" DPKG_MAINTSCRIPT_ARCH="$3" \\
            DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1 DPKG_ADMINDIR=/var/lib/dpkg DPKG_ROOT= DPKG_FORCE= \\
                "/var/lib/dpkg/info/$1.preinst" install
        }

        """

    private static let configure = """
        dpkg --configure -a

        """

    private static let cleaning = """
        find /var/cache/apt /var/lib/apt/lists /var/log/apt -type f -delete
        rm -f /var/log/*.log
        rm -f /var/cache/ldconfig/aux-cache /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/lib/dpkg/triggers/Lock
        rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid-
        rm -f /var/lib/dbus/machine-id /var/lib/systemd/random-seed
        if [ -e /etc/machine-id ]; then : > /etc/machine-id; fi

        """
}

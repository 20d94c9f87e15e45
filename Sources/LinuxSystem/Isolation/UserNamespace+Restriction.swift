internal import SystemPackage

extension UserNamespace {
    /// A setting of the kernel's by which a distribution or an administrator keeps user namespaces from ordinary users, by its
    /// name for sysctl(8).
    package enum Restriction: String, CaseIterable, Sendable {
        /// user_namespaces(7); 0 on Red Hat Enterprise Linux before 8.
        case count = "user.max_user_namespaces"
        /// Debian's own; 0 before Debian 11.
        case clone = "kernel.unprivileged_userns_clone"
        /// Ubuntu's own, 1 since 23.10: only programs that a profile names may do more in a namespace than make it.
        case appArmor = "kernel.apparmor_restrict_unprivileged_userns"

        /// What the setting is where it restricts.
        package var restrictingValue: String { self == .appArmor ? "1" : "0" }
    }

    /// The first setting that restricts; nil if none does, or none can be read.
    package static var restriction: Restriction? {
        Restriction.allCases.first { restriction in
            let path = restriction.rawValue.split(separator: ".").joined(separator: "/")
            // Most kernels have not all of them.
            guard let directory = try? Directory(opening: "/proc/sys"),
                let value = try? directory.read(Array(path.utf8))
            else { return false }
            return String(decoding: value, as: UTF8.self).split(whereSeparator: \.isWhitespace) == [
                restriction.restrictingValue[...]
            ]
        }
    }
}

extension UserNamespace {
    /// How many IDs there are in this process's namespace.
    package static var identifierCount: UInt64 { rows("uid_map").reduce(0) { $0 &+ UInt64($1[2]) } }
}

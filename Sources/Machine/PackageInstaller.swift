package import LinuxSystem
import SystemPackage

/// The program by which this machine gets packages, and what that calls them.
package enum PackageInstaller: String, CaseIterable, Sendable {
    case apt = "apt-get"
    case dnf, apk, pacman, zypper

    /// - Returns: apt-get where none is there: its names of packages are the best known.
    package static func ofMachine(_ environment: HostEnvironment) -> PackageInstaller {
        allCases.first { environment.program($0.rawValue) != nil } ?? .apt
    }

    /// The line that installs what has a program in it.
    package func line(for programs: [String]) -> String {
        var packages: [String] = []
        for program in programs where !packages.contains(package(of: program)) { packages.append(package(of: program)) }
        let words =
            switch self {
            case .apt: "apt-get install"
            case .dnf: "dnf install"
            case .apk: "apk add"
            case .pacman: "pacman -S"
            case .zypper: "zypper install"
            }
        return "sudo \(words) \(packages.joined(separator: " "))"
    }

    private func package(of program: String) -> String {
        switch (program, self) {
        case ("ip", .apk), ("ip", .apt), ("ip", .pacman), ("ip", .zypper): "iproute2"
        case ("ip", .dnf): "iproute"
        case ("nsenter", _): "util-linux"
        case ("gpgv", .dnf), ("gpgv", .pacman): "gnupg2"
        case ("gpgv", .zypper): "gpg2"
        case ("ssh-agent", .apt), ("ssh-add", .apt), ("ssh-agent", .apk), ("ssh-add", .apk): "openssh-client"
        case ("ssh-agent", .dnf), ("ssh-add", .dnf), ("ssh-agent", .zypper), ("ssh-add", .zypper): "openssh-clients"
        case ("ssh-agent", .pacman), ("ssh-add", .pacman): "openssh"
        case ("newuidmap", .apt), ("newgidmap", .apt): "uidmap"
        case ("newuidmap", .apk), ("newgidmap", .apk): "shadow-uidmap"
        case ("newuidmap", .dnf), ("newgidmap", .dnf): "shadow-utils"
        case ("newuidmap", _), ("newgidmap", _): "shadow"
        case ("qemu", .apt): "qemu-user-static binfmt-support"
        case ("qemu", _): "qemu-user-static"
        default: program
        }
    }
}

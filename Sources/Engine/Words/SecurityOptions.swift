import LinuxSystem
package import OCI
package import Sandbox
package import SystemPackage

/// What --security-opt comes to.
package struct SecurityOptions {
    package private(set) var systemCalls = ProcessSpec.SystemCalls.standard
    package private(set) var forbidsNewPrivileges = false
    /// What of it makes a RUN step another one.
    package private(set) var surroundings: [String] = []

    package init(_ options: [String]) throws {
        for option in options {
            // docker takes a colon too.
            let separator = option.firstIndex { $0 == "=" || $0 == ":" } ?? option.endIndex
            let name = option[..<separator]
            let value = separator == option.endIndex ? nil : String(option[option.index(after: separator)...])
            switch (name, value) {
            case ("no-new-privileges", nil), ("no-new-privileges", "true"?): forbidsNewPrivileges = true
            case ("no-new-privileges", "false"?): forbidsNewPrivileges = false
            // Nothing here confines by these.
            case ("apparmor", "unconfined"?), ("label", "disable"?): break
            case ("seccomp", "unconfined"?):
                systemCalls = .unrestricted
                surroundings.append("--security-opt seccomp=unconfined")
            case ("seccomp", "builtin"?): systemCalls = .standard
            case ("seccomp", let file?) where !file.isEmpty:
                do {
                    let (profile, digest) = try Self.profile(FilePath(file))
                    systemCalls = .profile(profile)
                    surroundings.append("--security-opt seccomp=\(digest)")
                } catch {
                    throw InvalidOption(name: "--security-opt", value: option, reason: error.sentence)
                }
            default:
                throw InvalidOption(
                    name: "--security-opt", value: option,
                    reason: "known are seccomp=FILE, seccomp=unconfined, seccomp=builtin and no-new-privileges")
            }
        }
        if forbidsNewPrivileges { surroundings.append("--security-opt no-new-privileges") }
    }

    /// Why a file is no profile.
    package enum Problem: Error {
        case unreadable
        case content(SeccompProfileError)
    }

    /// Reads a profile, and what tells it from others.
    package static func profile(_ path: FilePath) throws(Problem) -> (profile: SeccompProfile, digest: Digest) {
        guard let bytes = HostFiles.read(path) else { throw .unreadable }
        do { return (try SeccompProfile(parsing: bytes), Digest(sha256: bytes)) } catch { throw .content(error) }
    }
}

extension SecurityOptions.Problem {
    package var sentence: String {
        switch self {
        case .unreadable: "the file cannot be read"
        case .content(.notJSON): "the file is no JSON object"
        case .content(.missing(let member)): "the profile has no '\(member)' where it must have one"
        case .content(.invalid(let member, let value)):
            "'\(value.prefix(80))' cannot be the value of '\(member)' in the profile"
        case .content(.unsupported(let member, let value)): "'\(value)' of '\(member)' in the profile is not supported"
        case .content(.both(let first, let second)): "the profile has both '\(first)' and '\(second)'"
        }
    }
}

package import Debian
import Dockerfile
import OCI
import Rendering
import SystemPackage

extension ErrorReport {
    package init(_ error: DebianError) {
        switch error {
        case .noMirror(let suite):
            self.init(
                "no Debian mirror is known for '\(suite)'",
                hint: "name one with --mirror URL or DISTILL_DEBIAN_MIRROR, or add it to /etc/apt/sources.list.d")
        case .unsupportedArchitecture(let platform): self.init("Debian has no packages for \(platform)")
        case .unknownRecipe(let name):
            let hint = Suggestion.hint(for: name, among: BaseCatalog.all.map(\.name))
            self.init(
                "there is no base '\(name)'", hint: hint ?? "'distill base ls' lists the bases that can be composed")
        case .invalidSources(let file, let line): self.init("\(file):\(line): this is no apt source")
        case .missingKeyring(let path):
            self.init(
                "the archive's keys '\(path)' cannot be read",
                hint: "apt-get install debian-archive-keyring, or name a file with --keyring")
        case .verifierMissing:
            self.init("gpgv is not installed, so no signature can be checked", hint: "apt-get install gpgv")
        case .badSignature(let suite, let detail):
            self.init(
                "the signature of '\(suite)' is not good: \(detail)",
                hint: "the mirror gives other bytes than the archive signed; use another one")
        case .unknownKey(let suite, let keys, let keyring):
            self.init(
                "'\(suite)' is signed by keys that '\(keyring)' does not have: \(keys.joined(separator: ", "))",
                hint: "install a newer debian-archive-keyring, or name a file with --keyring")
        case .expiredRelease(let suite, let validUntil):
            self.init(
                "the mirror's '\(suite)' is out of date: it was valid until \(Timestamp(seconds: validUntil).text)",
                hint: "use a mirror that is kept up to date, and check this machine's clock")
        case .invalidRelease(let suite, let reason):
            self.init("the mirror's release file of '\(suite)' cannot be used: \(Self.describe(reason))")
        case .missingIndex(let suite, let path): self.init("the mirror's '\(suite)' has no '\(path)'")
        case .invalidIndex(let suite): self.init("a package index of '\(suite)' cannot be read")
        case .digestMismatch(let file, let expected, let actual):
            self.init(
                "'\(file)' is not what the archive signed: \(actual.short) where \(expected.short) should be",
                hint: "try again, or use another mirror")
        case .sizeMismatch(let file, let expected, let actual):
            self.init(
                "'\(file)' has \(actual) bytes where \(expected) should be", hint: "try again, or use another mirror")
        case .unknownPackage(let name): self.init("the archive has no package '\(name)'")
        case .packageGone(let package):
            self.init(
                "no mirror has '\(package)' any more, which the lock names",
                hint:
                    "'distill base update' locks what the archive has now; a mirror that keeps old packages can be named with --mirror"
            )
        case .invalidLock(let member):
            self.init(
                member.isEmpty ? "the lock is no JSON" : "the lock cannot be read: '\(member)' is missing or wrong",
                hint: "write it anew with 'distill base lock'")
        case .lockWithoutArchitecture(let name):
            self.init(
                "the lock has no packages for \(name)",
                hint: "write it with 'distill base lock --platform linux/\(name)'")
        case .noSolution(let unsolvable): self.init(Self.describe(unsolvable))
        case .invalidPackage(let package, let reason):
            self.init("the package '\(package)' cannot be unpacked: \(Self.describe(reason))")
        case .noMatchingFile(let path, let patterns):
            self.init(
                "'\(path)' cannot be made: no package has a file that matches \(patterns.joined(separator: " or "))")
        case .otherPlatform(let recipe, let wanted, let made):
            self.init(
                "'\(recipe)' is not made for \(wanted)",
                hint: "its recipe names \(made.map(\.description).joined(separator: ", "))")
        case .fileConflict(let path, let first, let second): self.init("both '\(first)' and '\(second)' ship '\(path)'")
        }
    }

    private static func describe(_ unsolvable: Unsolvable) -> String {
        let chain = unsolvable.steps.map { step in
            step.package.map { "\($0) needs \(step.relation)" } ?? "'\(step.relation)' is wanted"
        }.joined(separator: ", ")
        let reason =
            switch unsolvable.reason {
            case .noSuchPackage: "which the archive does not have"
            case .otherVersions(let versions): "of which the archive has \(versions.joined(separator: ", "))"
            case .conflict(let candidate, let with, let relation, _):
                "but \(candidate) cannot be together with \(with) (\(relation))"
            case .searchLimit: "and the search was given up"
            }
        return "the packages cannot be had together: \(chain), \(reason)"
    }

    private static func describe(_ defect: DebianError.ReleaseDefect) -> String {
        switch defect {
        case .syntax(let line): "line \(line) is no field"
        case .missingField(let name): "the field '\(name)' is missing"
        case .otherSuite(let suite, let codename): "it is of '\(suite)' (\(codename))"
        case .tooLarge(let limit): "it is larger than \(HumanSize.text(limit))"
        }
    }

    private static func describe(_ defect: DebianError.PackageDefect) -> String {
        switch defect {
        case .format: "it is no Debian package of format 2"
        case .truncated: "it is cut off"
        case .corrupt: "its archive is damaged"
        case .missingControl: "it has no control file"
        case .tooLarge: "it is larger than any package may be"
        case .hostilePath(let path): "its path '\(path)' leads out of the root"
        case .unsupportedEntry(let path): "'\(path)' is of a kind that packages do not have"
        case .otherPackage(let name): "it says that it is '\(name)'"
        }
    }
}

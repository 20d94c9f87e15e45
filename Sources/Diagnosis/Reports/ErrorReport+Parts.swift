import Archive
import BuildGraph
import Debian
import Distribution
import Dockerfile
import LinuxSystem
import OCI
import Storage
import SystemPackage

extension ErrorReport {
    /// Errors that mostly are a part of another one, which knows the file or the place; here for when nothing has put them into it.
    init?(part error: any Error) {
        switch error {
        case let error as JSONError: self.init("it is no JSON: byte \(error.offset) cannot stand there")
        case let error as ArError: self.init("the archive cannot be read, from byte \(error.offset) on")
        case is CompressionError: self.init("there is not enough memory to compress", hint: "give fewer --jobs")
        case let error as ControlFileError: self.init("line \(error.line) of a package's control file is no field")
        case let error as DependencyError:
            self.init(
                "'\(error.text)' is no dependency", hint: "the form is that of a Depends field, as in libssl3 (>= 3.0)")
        case is CredentialFileError:
            self.init("a file of credentials cannot be read", hint: "distill logout and login write it anew")
        case let error as RegistryRulesError: self.init("line \(error.line) of registries.conf cannot be read")
        case let error as SettingsFile.Mistake: self.init("line \(error.line) of distill.toml is no TOML")
        case is SeccompProfileError:
            self.init("the seccomp profile cannot be used", hint: "docs/security.md tells its form")
        case let error as Diagnostic: self.init(error.message)
        case let error as FileModeError:
            self.init("'\(error.text)' is no file mode", hint: "write it in octal, as in 0755")
        case let error as ExpansionError: self.init("a variable cannot be expanded: \(error.message)")
        case let error as PortSpecError: self.init(error.message)
        case let error as PathPatternError:
            self.init("'\(String(decoding: error.pattern, as: UTF8.self))' is no pattern")
        case is ArchiveFault: self.init("an archive cannot be unpacked")
        case let error as Errno: self.init("\(error)")
        case let error as ControlGroup.Obstacle:
            switch error {
            case .noController(let name):
                self.init(
                    "this machine has no control group for '\(name)'",
                    hint: "'distill doctor' tells which limits can be set")
            case .refused(let name, let cause):
                let reason = ErrorReport(cause)?.sentence ?? "it is not allowed"
                self.init(
                    "a limit of '\(name)' cannot be set: \(reason)",
                    hint: "'distill doctor' tells which limits can be set")
            }
        default: return nil
        }
    }

    /// For an error that has no words: whoever sees it can tell its authors.
    package static var unknown: ErrorReport {
        ErrorReport(
            "it failed, and there are no words for why",
            hint: "please report it with the command line and what 'distill doctor' tells")
    }
}

/// What a process may ask of the kernel, as docker's profiles say it: rules about system calls, of which some count only on
/// some processors or with some capabilities (docker documentation, "Seccomp security profiles for Docker"; OCI runtime
/// specification 1.0, config-linux.md, "Seccomp").
package struct SeccompProfile: Hashable, Sendable {
    /// What happens to a call that no rule names.
    package var defaultAction: Action
    package var architectures: Architectures
    /// Of seccomp(2), as in `SECCOMP_FILTER_FLAG_LOG`.
    package var flags: [String] = []
    package var rules: [Rule]

    package init(defaultAction: Action, architectures: Architectures, rules: [Rule]) {
        (self.defaultAction, self.architectures, self.rules) = (defaultAction, architectures, rules)
    }

    package enum Action: Hashable, Sendable {
        case allow, log, trap, killThread, killProcess
        /// The call is not made and fails with this number.
        case fail(UInt16)
        /// A tracer is told, with this number.
        case trace(UInt16)
    }

    /// By libseccomp's names, `SCMP_ARCH_X86_64`.
    package enum Architectures: Hashable, Sendable {
        /// These; none is the machine's own.
        case list([String])
        /// The machine's own, and those that it executes beside it.
        case families([Family])
    }

    package struct Family: Hashable, Sendable {
        package let architecture: String
        package let others: [String]

        package init(_ architecture: String, _ others: [String]) {
            (self.architecture, self.others) = (architecture, others)
        }
    }

    /// What an argument must be for a rule to count: unsigned, of 64 bits.
    package struct Condition: Hashable, Sendable {
        package enum Comparison: String, Hashable, Sendable {
            case notEqual = "SCMP_CMP_NE"
            case less = "SCMP_CMP_LT"
            case lessOrEqual = "SCMP_CMP_LE"
            case equal = "SCMP_CMP_EQ"
            case greaterOrEqual = "SCMP_CMP_GE"
            case greater = "SCMP_CMP_GT"
            /// The bits of ``value`` are those of ``second``.
            case masked = "SCMP_CMP_MASKED_EQ"
        }

        /// From 0 to 5.
        package let index: UInt32
        package let comparison: Comparison
        package let value: UInt64
        package let second: UInt64

        package init(index: UInt32, _ comparison: Comparison, _ value: UInt64, second: UInt64 = 0) {
            (self.index, self.comparison, self.value, self.second) = (index, comparison, value, second)
        }
    }

    package struct Rule: Hashable, Sendable {
        /// A call of these names; one that no processor here has is passed over.
        package var names: [String]
        package var action: Action
        /// All of them; two of one argument are one or the other.
        package var conditions: [Condition] = []
        /// Where the rule counts: all of it must be so.
        package var includes = Surroundings()
        /// Where it does not: one of it is enough.
        package var excludes = Surroundings()

        package init(_ names: [String], _ action: Action) { (self.names, self.action) = (names, action) }
    }

    /// The processor, rights and kernel that a rule speaks of; what is empty says nothing.
    package struct Surroundings: Hashable, Sendable {
        /// docker's names: `amd64`, `arm64`, `x86`.
        package var architectures: [String] = []
        /// As in `CAP_SYS_ADMIN`.
        package var capabilities: [String] = []
        package var minimumKernel: KernelVersion?

        package init(architectures: [String] = [], capabilities: [String] = []) {
            (self.architectures, self.capabilities) = (architectures, capabilities)
        }
    }
}

/// A kernel's version as far as profiles name it.
package struct KernelVersion: Hashable, Comparable, Sendable {
    package let major: Int
    package let minor: Int

    package init(major: Int, minor: Int) { (self.major, self.minor) = (major, minor) }

    /// Reads `6.1.0-13-amd64`.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix { $0.isNumber }), major >= 0
        else { return nil }
        self.init(major: major, minor: minor)
    }

    package static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}

/// What a file has that is no profile.
package enum SeccompProfileError: Error, Hashable, Sendable {
    case notJSON
    case missing(String)
    /// A member whose value means nothing.
    case invalid(member: String, value: String)
    /// A member whose value means something that Distill does not do.
    case unsupported(member: String, value: String)
    /// Two members that say the same.
    case both(String, String)
}

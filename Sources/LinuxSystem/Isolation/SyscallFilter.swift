internal import CLinux
internal import CSeccomp
internal import Glibc
internal import SystemPackage

/// Rules about system calls, and the program by which the kernel carries them out (seccomp(2)).
///
/// libseccomp makes the program. Names are those of system calls, and numbers those of this machine's errno.
package struct SyscallFilter: Hashable, Sendable {
    package var defaultAction: Action
    /// As libseccomp names them, in lower case: `x86_64`, `x32`. Empty for this machine's own.
    package var architectures: [String]
    package var rules: [Rule] = []

    package init(defaultAction: Action, architectures: [String]) {
        (self.defaultAction, self.architectures) = (defaultAction, architectures)
    }

    package enum Action: Hashable, Sendable {
        case allow, log, trap, killThread, killProcess
        case fail(UInt16)
        case trace(UInt16)

        /// What a program returns (linux/seccomp.h).
        package var code: UInt32 {
            switch self {
            case .killProcess: 0x8000_0000
            case .killThread: 0
            case .trap: 0x0003_0000
            case .fail(let number): 0x0005_0000 | UInt32(number)
            case .trace(let number): 0x7FF0_0000 | UInt32(number)
            case .log: 0x7FFC_0000
            case .allow: 0x7FFF_0000
            }
        }
    }

    package struct Rule: Hashable, Sendable {
        package let names: [String]
        package let action: Action
        /// All of them; two of one argument are one or the other.
        package let conditions: [Condition]

        package init(_ names: [String], _ action: Action, _ conditions: [Condition] = []) {
            (self.names, self.action, self.conditions) = (names, action, conditions)
        }
    }

    package struct Condition: Hashable, Sendable {
        package enum Comparison: Hashable, Sendable {
            case notEqual, less, lessOrEqual, equal, greaterOrEqual, greater, masked
        }

        package let argument: UInt32
        package let comparison: Comparison
        package let value: UInt64
        /// What the bits of `value` are, for ``Comparison/masked``.
        package let second: UInt64

        package init(argument: UInt32, _ comparison: Comparison, _ value: UInt64, second: UInt64 = 0) {
            (self.argument, self.comparison, self.value, self.second) = (argument, comparison, value, second)
        }
    }

    /// The number of a call on a processor; nil where there is none.
    package static func number(of name: String, on architecture: String) -> Int32? {
        let token = seccomp_arch_resolve_name(architecture)
        guard token != 0 else { return nil }
        let number = seccomp_syscall_resolve_name_arch(token, name)
        // Below zero are calls that only other processors have.
        return number >= 0 ? number : nil
    }

    /// Whether the kernel has filters (`CONFIG_SECCOMP_FILTER`).
    package static var isSupported: Bool { distill_has_system_call_filters() == 1 }

    /// The program, as the kernel takes it: instructions of eight bytes in this machine's order (linux/filter.h).
    ///
    /// A call that is newer than every one that the rules name is answered with ENOSYS, as runc does: a C library then takes
    /// an older one, and does not take the refusal for an answer.
    /// - Throws: what libseccomp says; `.invalidArgument` for a processor that it does not know.
    package func program() throws(SystemCallError) -> [UInt8] {
        try newerCalls().flatMap(\.bytes) + compiled()
    }

    private func compiled() throws(SystemCallError) -> [UInt8] {
        guard let context = seccomp_init(defaultAction.code) else { throw failure("seccomp_init", "", -EINVAL) }
        defer { seccomp_release(context) }
        try addArchitectures(context)
        // A tree in place of a list: programs make a dozen comparisons in place of hundreds.
        try check("seccomp_attr_set", "", seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
        for rule in rules where rule.action != defaultAction {
            for name in rule.names {
                let number = seccomp_syscall_resolve_name(name)
                // Newer than the library, or no call of any processor.
                if number == unknownCall { continue }
                try add(rule, name, number, context)
            }
        }
        let file = distill_memory_file("filter")
        guard file >= 0 else { throw SystemCallError("memfd_create", "") }
        let descriptor = OwnedDescriptor(raw: file)
        try check("seccomp_export_bpf", "", seccomp_export_bpf(context, descriptor.raw))
        try descriptor.seek(to: 0)
        return try descriptor.readAll(limit: 1 << 20)
    }

    /// `__NR_SCMP_ERROR`
    private var unknownCall: Int32 { -1 }

    private func addArchitectures(_ context: scmp_filter_ctx) throws(SystemCallError) {
        let native = seccomp_arch_native()
        var tokens: [UInt32] = []
        for name in architectures {
            let token = seccomp_arch_resolve_name(name)
            guard token != 0 else { throw failure("seccomp_arch_resolve_name", name, -EINVAL) }
            tokens.append(token)
            let result = seccomp_arch_add(context, token)
            if result != -EEXIST { try check("seccomp_arch_add", name, result) }
        }
        if !tokens.isEmpty, !tokens.contains(native) {
            try check("seccomp_arch_remove", "", seccomp_arch_remove(context, native))
        }
    }

    private func add(_ rule: Rule, _ name: String, _ number: Int32, _ context: scmp_filter_ctx) throws(SystemCallError)
    {
        let comparisons = rule.conditions.map(\.comparator)
        let isAlternative = Set(rule.conditions.map(\.argument)).count < rule.conditions.count
        for group in isAlternative ? comparisons.map({ [$0] }) : [comparisons] {
            let result = group.withUnsafeBufferPointer { buffer in
                seccomp_rule_add_array(context, rule.action.code, number, UInt32(buffer.count), buffer.baseAddress)
            }
            // The same rule a second time.
            if result != -EEXIST { try check("seccomp_rule_add", name, result) }
        }
    }

    private func check(_ call: String, _ name: String, _ result: Int32) throws(SystemCallError) {
        guard result >= 0 else { throw failure(call, name, result) }
    }

    private func failure(_ call: String, _ name: String, _ result: Int32) -> SystemCallError {
        SystemCallError(call: call, path: name, errno: Errno(rawValue: -result))
    }
}

extension SyscallFilter.Condition {
    fileprivate var comparator: scmp_arg_cmp {
        let operation =
            switch comparison {
            case .notEqual: SCMP_CMP_NE
            case .less: SCMP_CMP_LT
            case .lessOrEqual: SCMP_CMP_LE
            case .equal: SCMP_CMP_EQ
            case .greaterOrEqual: SCMP_CMP_GE
            case .greater: SCMP_CMP_GT
            case .masked: SCMP_CMP_MASKED_EQ
            }
        return scmp_arg_cmp(arg: argument, op: operation, datum_a: value, datum_b: second)
    }
}

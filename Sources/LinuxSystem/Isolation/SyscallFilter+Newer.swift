extension SyscallFilter {
    /// An instruction of the kernel's classic BPF (linux/filter.h, linux/bpf_common.h).
    package struct Instruction: Hashable, Sendable {
        package let code: UInt16
        /// How many instructions are passed over if a comparison is true, and if it is not.
        package let ifTrue: UInt8
        package let ifFalse: UInt8
        package let operand: UInt32

        package init(_ code: UInt16, _ operand: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
            (self.code, self.operand, self.ifTrue, self.ifFalse) = (code, operand, ifTrue, ifFalse)
        }

        /// In this machine's order.
        var bytes: [UInt8] {
            withUnsafeBytes(of: code) { Array($0) } + [ifTrue, ifFalse] + withUnsafeBytes(of: operand) { Array($0) }
        }

        static let loadNumber = Instruction(0x20, 0)
        static let loadArchitecture = Instruction(0x20, 4)
    }

    /// One of the tables of system calls that a program sees.
    struct CallTable: Hashable {
        /// The value of the word `arch` (linux/audit.h).
        let architecture: UInt32
        /// The greatest number that the rules name.
        let last: UInt32
        /// The number where another table of the same word begins.
        let end: UInt32?
    }

    /// Instructions in front of the others: a number above the last of its table is ENOSYS.
    func newerCalls() -> [Instruction] {
        guard refusesByDefault else { return [] }
        return callTables().flatMap { table in
            let bound = table.end.map { [Instruction(0x35, $0, ifTrue: 1)] } ?? []
            let rest = UInt8(bound.count + 1)
            return [
                .loadArchitecture, Instruction(0x15, table.architecture, ifFalse: rest + 2), .loadNumber,
                Instruction(0x25, table.last, ifFalse: rest),
            ] + bound + [Instruction(0x06, Action.fail(38).code)]
        }
    }

    private var refusesByDefault: Bool {
        switch defaultAction {
        case .fail(38), .allow, .log, .trace: false
        case .fail, .trap, .killThread, .killProcess: true
        }
    }

    private func callTables() -> [CallTable] {
        architectures.compactMap { name in
            guard let word = Self.auditWords[name] else { return nil }
            let numbers = rules.flatMap(\.names).compactMap {
                Self.number(of: $0, on: name).map(UInt32.init(bitPattern:))
            }
            let end = Self.tableEnds[name]
            guard let last = numbers.filter({ number in end.map { number < $0 } ?? true }).max() else { return nil }
            return CallTable(architecture: word, last: last, end: end)
        }
    }

    /// `AUDIT_ARCH_` of linux/audit.h. The x32 table of x86-64 has the same word.
    private static let auditWords: [String: UInt32] = [
        "x86_64": 0xC000_003E, "x32": 0xC000_003E, "x86": 0x4000_0003, "aarch64": 0xC000_00B7, "arm": 0x4000_0028,
        "ppc64le": 0xC000_0015, "s390x": 0x8000_0016, "s390": 0x0000_0016, "riscv64": 0xC000_00F3,
        "mipsel64": 0xC000_0008, "mipsel64n32": 0xE000_0008, "mipsel": 0x4000_0008, "mips64": 0x8000_0008,
        "mips64n32": 0xA000_0008, "mips": 0x0000_0008,
    ]

    /// Where x32's numbers begin, and those that only ARM has (`__X32_SYSCALL_BIT`, `__ARM_NR_BASE`).
    private static let tableEnds: [String: UInt32] = ["x86_64": 0x4000_0000, "arm": 0x000F_0000]
}

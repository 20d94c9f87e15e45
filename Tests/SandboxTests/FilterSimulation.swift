@testable import LinuxSystem

/// What the kernel does with a filter's program, for the instructions that libseccomp uses (linux/bpf_common.h).
struct FilterSimulation {
    private let program: [SyscallFilter.Instruction]

    init(_ bytes: [UInt8]) {
        program = stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            func number(_ range: Range<Int>) -> UInt32 {
                range.reversed().reduce(0) { $0 << 8 | UInt32(bytes[start + $1]) }
            }
            return .init(UInt16(number(0..<2)), number(4..<8), ifTrue: bytes[start + 2], ifFalse: bytes[start + 3])
        }
    }

    var count: Int { program.count }

    /// What a call comes to, as ``SyscallFilter/Action/code``; nil for a program that the kernel would refuse.
    func result(number: UInt32, architecture: UInt32, arguments: [UInt64]) -> UInt32? {
        var data = [number, architecture, 0, 0]
        for index in 0..<6 {
            let value = index < arguments.count ? arguments[index] : 0
            data += [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)]
        }
        var accumulator: UInt32 = 0
        var next = 0
        while next < program.count {
            let instruction = program[next]
            next += 1
            let operand = instruction.operand
            func jump(_ isTrue: Bool) { next += Int(isTrue ? instruction.ifTrue : instruction.ifFalse) }
            switch instruction.code {
            case 0x20:
                guard operand % 4 == 0, operand / 4 < UInt32(data.count) else { return nil }
                accumulator = data[Int(operand / 4)]
            case 0x05: next += Int(operand)
            case 0x15: jump(accumulator == operand)
            case 0x25: jump(accumulator > operand)
            case 0x35: jump(accumulator >= operand)
            case 0x45: jump(accumulator & operand != 0)
            case 0x54: accumulator &= operand
            case 0x06: return operand
            default: return nil
            }
        }
        return nil
    }
}

/// One of the tables of calls that a processor has.
struct CallNumbers: Sendable {
    /// libseccomp's name.
    let name: String
    /// `AUDIT_ARCH_` of linux/audit.h.
    let word: UInt32
    /// Of an argument.
    var mask: UInt64 { ["x86", "x32", "arm"].contains(name) ? 0xFFFF_FFFF : .max }
    let numbers: [UInt32]

    static let x86 = [
        CallNumbers(name: "x86_64", word: 0xC000_003E, numbers: Array(0...600)),
        CallNumbers(name: "x32", word: 0xC000_003E, numbers: Array(0x4000_0000...0x4000_0258)),
        CallNumbers(name: "x86", word: 0x4000_0003, numbers: Array(0...600)),
    ]
    static let arm = [
        CallNumbers(name: "aarch64", word: 0xC000_00B7, numbers: Array(0...600)),
        CallNumbers(name: "arm", word: 0x4000_0028, numbers: Array(0...600) + Array(0x000F_0000...0x000F_0008)),
    ]
    static let onlyX86 = [x86[2]]
    static let onlyARM = [arm[1]]

    /// Names of calls by their numbers.
    func names(among all: some Sequence<String>) -> [UInt32: [String]] {
        var result: [UInt32: [String]] = [:]
        for name in Set(all) {
            if let number = SyscallFilter.number(of: name, on: self.name) {
                result[UInt32(number), default: []].append(name)
            }
        }
        for (name, number) in name == "x86" ? Self.direct : [:] { result[number, default: []].append(name) }
        return result
    }

    /// A number that no table will have for long.
    var distant: UInt32 { name == "x32" ? 0x4010_0000 : 900_000 }

    /// Calls of x86 that its older ones, socketcall(2) and ipc(2), have too: libseccomp gives them numbers below zero.
    private static let direct: [String: UInt32] = [
        "recvmmsg": 337, "sendmmsg": 345, "socket": 359, "socketpair": 360, "bind": 361, "connect": 362, "listen": 363,
        "accept4": 364,
        "getsockopt": 365, "setsockopt": 366, "getsockname": 367, "getpeername": 368, "sendto": 369, "sendmsg": 370,
        "recvfrom": 371,
        "recvmsg": 372, "shutdown": 373, "semget": 393, "semctl": 394, "shmget": 395, "shmctl": 396, "shmat": 397,
        "shmdt": 398,
        "msgget": 399, "msgsnd": 400, "msgrcv": 401, "msgctl": 402,
    ]
}

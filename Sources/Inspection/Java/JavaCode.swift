/// The instructions of a method that are executed whatever it is given (The Java Virtual Machine Specification, 6.5).
struct JavaCode {
    enum Use {
        case type(Int)
        case field(Int)
        case call(Int, Given)
        /// A call that may be made or not.
        case maybe(Int)
        /// A call whose target is found when it is made.
        case dynamic(Int, [JavaMachine.Value])
        /// The program ends, by what is known.
        case ends(End)
    }

    /// How a program ends.
    struct End {
        /// The class of what is thrown; nil where `exit` ends it.
        let thrown: String?
        let status: Int
        let want: JavaMachine.Want?
    }

    /// What a call is given last.
    struct Given {
        /// The constant that was put there right before.
        var constant: Int?
        /// The call that gave it, and the constant that that was given.
        var source: Source?
        /// What it is given, as far as that is known.
        var values: [JavaMachine.Value] = []

        struct Source: Equatable {
            let call: Int
            let constant: Int
        }
    }

    /// What is used in every run, in order, and where; and calls that may be made.
    private(set) var uses: [(place: Int, use: Use)] = []

    private let code: [UInt8]
    /// What variables have.
    private var locals: [Int: Given] = [:]
    private var given = Given()
    private let names: JavaMachine.Names
    private var machine: JavaMachine
    /// Up to here it depends on a branch.
    private var open = 0

    /// - Parameters:
    ///   - names: what the numbers in it stand for.
    ///   - locals: what the method is given.
    init(
        _ code: ArraySlice<UInt8>, _ names: JavaMachine.Names = .init(), locals: [Int: JavaMachine.Value] = [:]
    ) {
        self.code = Array(code)
        (self.names, machine) = (names, JavaMachine(names, locals: locals))
        var place = 0
        while place < self.code.count {
            guard let next = step(place) else { return }
            place = next
        }
    }

    /// One instruction; the place of the next, or nil where what is behind it is not read.
    private mutating func step(_ place: Int) -> Int? {
        let operation = code[place]
        let isSure = place >= open
        let behind = place + Self.length(operation)
        switch operation {
        case 0x99...0xA6, 0xC6, 0xC7:
            let target = place + signed(place + 1)
            if isSure, let isTaken = machine.branches(operation) {
                carry(operation, place, isSure)
                if !isTaken { return behind }
                return target > place ? target : nil
            }
            if target > place { open = max(open, target) }
            machine.forget()
        case 0xA7, 0xC8:
            let target = place + (operation == 0xA7 ? signed(place + 1) : short(place + 3))
            if target <= place, isSure { return nil }
            if isSure { return target }
            open = max(open, target)
        case 0xAA, 0xAB: return isSure ? machine.choice().flatMap { target(ofSwitch: place, $0) } : nil
        case 0xC4, 0xA8, 0xC9: return nil
        // What is behind the first end is not read.
        case 0xAC...0xB1: return nil
        case 0xBF:
            if isSure, machine.hasDecided, case .object(let type) = machine.top {
                uses.append((place, .ends(End(thrown: type, status: 1, want: machine.want))))
            }
            return nil
        default: break
        }
        move(operation, place, isSure)
        use(operation, place, isSure)
        carry(operation, place, isSure)
        return operation == 0xB8 && isSure && exits(place) ? nil : behind
    }

    /// Whether a call ends the program with a number that is known.
    private mutating func exits(_ place: Int) -> Bool {
        guard let member = names.member(short(place + 1)), member.owner == "java/lang/System", member.name == "exit",
            case .number(let status)? = machine.given.values.first
        else { return false }
        if machine.hasDecided, status != 0 {
            uses.append((place, .ends(End(thrown: nil, status: status & 0xFF, want: machine.want))))
        }
        return true
    }

    private mutating func move(_ operation: UInt8, _ place: Int, _ isSure: Bool) {
        switch operation {
        case 0x99...0xA8, 0xC6, 0xC7: return
        default: break
        }
        guard isSure else {
            machine.forget()
            switch operation {
            case 0x36...0x3A, 0x84: machine.forget(local: byte(place + 1))
            case 0x3B...0x4E: machine.forget(local: Int(operation - 0x3B) % 4)
            default: break
            }
            return
        }
        machine.step(operation, byte: byte(place + 1), short: operation == 0x84 ? byte(place + 2) : short(place + 1))
    }

    /// Where a `switch` goes on for a number (tableswitch, lookupswitch).
    private func target(ofSwitch place: Int, _ number: Int) -> Int? {
        func long(_ place: Int) -> Int { Int(Int32(truncatingIfNeeded: short(place) << 16 | short(place + 2))) }
        let start = (place + 4) / 4 * 4
        guard start + 12 <= code.count else { return nil }
        var offset = long(start)
        if code[place] == 0xAA {
            let (low, high) = (long(start + 4), long(start + 8))
            if number >= low, number <= high { offset = long(start + 12 + (number - low) * 4) }
        } else {
            let count = long(start + 4)
            guard count >= 0, start + 8 + count * 8 <= code.count else { return nil }
            for index in 0..<count where long(start + 8 + index * 8) == number {
                offset = long(start + 12 + index * 8)
            }
        }
        let target = place + offset
        return target > place && target < code.count ? target : nil
    }

    private func short(_ place: Int) -> Int {
        place + 1 < code.count ? Int(code[place]) << 8 | Int(code[place + 1]) : 0
    }

    private func signed(_ place: Int) -> Int { Int(Int16(truncatingIfNeeded: short(place))) }

    private func byte(_ place: Int) -> Int { place < code.count ? Int(code[place]) : 0 }

    private mutating func use(_ operation: UInt8, _ place: Int, _ isSure: Bool) {
        switch operation {
        case 0xB6...0xB9:
            guard isSure else { return uses.append((place, .maybe(short(place + 1)))) }
            var given = given
            given.values = machine.given.values
            uses.append((place, .call(short(place + 1), given)))
        case 0xBA where isSure: uses.append((place, .dynamic(short(place + 1), machine.given.values)))
        case 0xB2 where isSure, 0xB3 where isSure: uses.append((place, .field(short(place + 1))))
        case 0xBB where isSure, 0xBD where isSure: uses.append((place, .type(short(place + 1))))
        case 0x12 where isSure: uses.append((place, .type(byte(place + 1))))
        case 0x13 where isSure: uses.append((place, .type(short(place + 1))))
        default: break
        }
    }

    /// What the next instruction finds on the stack, as far as it is a constant or what a call with one gave.
    private mutating func carry(_ operation: UInt8, _ place: Int, _ isSure: Bool) {
        switch operation {
        case 0x12: given = Given(constant: byte(place + 1))
        case 0x13: given = Given(constant: short(place + 1))
        // An empty list of further parts.
        case 0x03, 0xBD: return
        case 0x59, 0xB2, 0xBB: given.constant = nil
        case 0xB6...0xB9:
            let source = given.constant.map { Given.Source(call: short(place + 1), constant: $0) }
            given = Given(source: source)
        case 0x3A: store(byte(place + 1), isSure)
        case 0x4B...0x4E: store(Int(operation - 0x4B), isSure)
        case 0x19: given = locals[byte(place + 1)] ?? Given()
        case 0x2A...0x2D: given = locals[Int(operation - 0x2A)] ?? Given()
        case 0xC6, 0xC7:
            // Whoever asks whether it is there knows what to do.
            for (local, value) in locals where value.source != nil && value.source == given.source {
                locals[local] = nil
            }
            given = Given()
        default: given = Given()
        }
    }

    private mutating func store(_ local: Int, _ isSure: Bool) {
        locals[local] = isSure ? given : nil
        given = Given()
    }

    // MARK: Handlers

    /// What a handler comes to.
    enum HandlerEnd: Equatable {
        case goesOn
        case throwsAgain(Int)
        case exits
    }

    /// Follows a handler up to where it ends.
    ///
    /// - Parameters:
    ///   - takesAll: whether it takes whatever is thrown, as those do that close what was opened.
    ///   - exits: whether a call ends the program.
    static func end(
        ofHandler start: Int, in code: ArraySlice<UInt8>, takesAll: Bool, exits: (_ call: Int) -> Bool
    ) -> HandlerEnd {
        let code = Array(code)
        func short(_ place: Int) -> Int { place + 1 < code.count ? Int(code[place]) << 8 | Int(code[place + 1]) : 0 }
        var (place, before): (Int, UInt8) = (start, 0)
        while place < code.count {
            let operation = code[place]
            switch operation {
            case 0xBF: return .throwsAgain(place)
            case 0xB8 where before != 0x03 && exits(short(place + 1)): return .exits
            case 0xA7:
                let target = place + Int(Int16(truncatingIfNeeded: short(place + 1)))
                guard target > place else { return .goesOn }
                (before, place) = (operation, target)
                continue
            case 0xC6 where takesAll, 0xC7 where takesAll: break
            case 0x99...0xA6, 0xC6, 0xC7, 0xAA, 0xAB, 0xAC...0xB1, 0xC4, 0xC8, 0xA8, 0xC9: return .goesOn
            default: break
            }
            (before, place) = (operation, place + length(operation))
        }
        return .goesOn
    }

    /// Whether a method asks of something whether it is there.
    static func comparesWithNull(_ code: ArraySlice<UInt8>) -> Bool {
        let code = Array(code)
        var place = 0
        while place < code.count {
            switch code[place] {
            case 0xC6, 0xC7: return true
            // Of another length each: what is behind them is not read.
            case 0xAA, 0xAB, 0xC4: return true
            default: place += length(code[place])
            }
        }
        return false
    }

    private static func length(_ operation: UInt8) -> Int {
        switch operation {
        case 0x10, 0x12, 0x15...0x19, 0x36...0x3A, 0xBC: 2
        case 0x11, 0x13, 0x14, 0x84, 0x99...0xA8, 0xB2...0xB8, 0xBB, 0xBD, 0xC0, 0xC1, 0xC6, 0xC7: 3
        case 0xC5: 4
        case 0xB9, 0xBA, 0xC8, 0xC9: 5
        default: 1
        }
    }
}

/// A compiled Java class (The Java Virtual Machine Specification, 4): what it is made of, and the code of its methods.
struct ClassFile {
    struct Method {
        let name: String
        let descriptor: String
        let isPublic: Bool
        /// Whether it is public and static.
        let isEntry: Bool
        let code: ArraySlice<UInt8>
        /// Where what is thrown is caught, and what: nil for everything.
        let handlers: [(range: Range<Int>, type: String?)]
    }

    /// The release that it is made for: 8, 17.
    let release: Int
    let name: String
    let superclass: String?
    let interfaces: [String]
    private(set) var methods: [Method] = []
    /// The name and the main class of a `module-info`.
    private(set) var module: String?
    private(set) var moduleMain: String?
    private let bytes: [UInt8]
    /// Where each entry of the constant pool begins; 0 for none.
    private var pool: [Int] = [0]

    /// Nil for what is no class, or a damaged one.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        guard bytes.starts(with: [0xCA, 0xFE, 0xBA, 0xBE]), bytes.count > 10 else { return nil }
        var place = 8
        release = Int(bytes[6]) << 8 + Int(bytes[7]) - 44
        guard release > 0, release < 1000 else { return nil }
        let count = Self.short(bytes, place)
        place += 2
        while pool.count < count {
            guard place < bytes.count else { return nil }
            pool.append(place)
            switch bytes[place] {
            case 1: place += 3 + Self.short(bytes, place + 1)
            case 3, 4, 9, 10, 11, 12, 17, 18: place += 5
            case 5, 6:
                place += 9
                pool.append(0)
            case 7, 8, 16, 19, 20: place += 3
            case 15: place += 4
            default: return nil
            }
        }
        place += 2
        let own = Self.short(bytes, place)
        let parent = Self.short(bytes, place + 2)
        let interfaceCount = Self.short(bytes, place + 4)
        place += 6
        name = Self.className(bytes, pool, own) ?? ""
        superclass = Self.className(bytes, pool, parent)
        var interfaces: [String] = []
        for _ in 0..<interfaceCount {
            Self.className(bytes, pool, Self.short(bytes, place)).map { interfaces.append($0) }
            place += 2
        }
        self.interfaces = interfaces
        guard skipFields(&place), readMethods(&place) else { return nil }
        readModule(place)
    }

    // MARK: Parts

    private static func short(_ bytes: [UInt8], _ place: Int) -> Int {
        guard place >= 0, place + 1 < bytes.count else { return 0 }
        return Int(bytes[place]) << 8 | Int(bytes[place + 1])
    }

    private static func long(_ bytes: [UInt8], _ place: Int) -> Int {
        short(bytes, place) << 16 | short(bytes, place + 2)
    }

    private static func text(_ bytes: [UInt8], _ pool: [Int], _ index: Int) -> String? {
        guard pool.indices.contains(index), pool[index] > 0, bytes[pool[index]] == 1 else { return nil }
        let start = pool[index] + 3
        let end = start + short(bytes, pool[index] + 1)
        return end <= bytes.count ? String(decoding: bytes[start..<end], as: UTF8.self) : nil
    }

    private static func className(_ bytes: [UInt8], _ pool: [Int], _ index: Int) -> String? {
        guard pool.indices.contains(index), pool[index] > 0, [7, 19, 20].contains(bytes[pool[index]]) else {
            return nil
        }
        return text(bytes, pool, short(bytes, pool[index] + 1))
    }

    private func skipFields(_ place: inout Int) -> Bool {
        let count = Self.short(bytes, place)
        place += 2
        for _ in 0..<count {
            let attributes = Self.short(bytes, place + 6)
            place += 8
            for _ in 0..<attributes { place += 6 + Self.long(bytes, place + 2) }
            guard place <= bytes.count else { return false }
        }
        return true
    }

    private mutating func readMethods(_ place: inout Int) -> Bool {
        let count = Self.short(bytes, place)
        place += 2
        for _ in 0..<count {
            let flags = Self.short(bytes, place)
            let name = Self.text(bytes, pool, Self.short(bytes, place + 2)) ?? ""
            let descriptor = Self.text(bytes, pool, Self.short(bytes, place + 4)) ?? ""
            let attributes = Self.short(bytes, place + 6)
            place += 8
            var code: ArraySlice<UInt8> = []
            var handlers: [(Range<Int>, String?)] = []
            for _ in 0..<attributes {
                let size = Self.long(bytes, place + 2)
                if Self.text(bytes, pool, Self.short(bytes, place)) == "Code" { (code, handlers) = readCode(place + 6) }
                place += 6 + size
                guard place <= bytes.count else { return false }
            }
            methods.append(
                Method(
                    name: name, descriptor: descriptor, isPublic: flags & 1 == 1, isEntry: flags & 9 == 9, code: code,
                    handlers: handlers))
        }
        return true
    }

    private func readCode(_ start: Int) -> (ArraySlice<UInt8>, [(Range<Int>, String?)]) {
        let count = Self.long(bytes, start + 4)
        let end = start + 8 + count
        guard end <= bytes.count else { return ([], []) }
        var handlers: [(Range<Int>, String?)] = []
        for index in 0..<Self.short(bytes, end) {
            let entry = end + 2 + index * 8
            let (from, to) = (Self.short(bytes, entry), Self.short(bytes, entry + 2))
            if from < to { handlers.append((from..<to, Self.className(bytes, pool, Self.short(bytes, entry + 6)))) }
        }
        return (bytes[(start + 8)..<end], handlers)
    }

    private mutating func readModule(_ start: Int) {
        var place = start + 2
        for _ in 0..<Self.short(bytes, start) {
            switch Self.text(bytes, pool, Self.short(bytes, place)) {
            case "Module": module = Self.className(bytes, pool, Self.short(bytes, place + 6))
            case "ModuleMainClass": moduleMain = Self.className(bytes, pool, Self.short(bytes, place + 6))
            default: break
            }
            place += 6 + Self.long(bytes, place + 2)
            guard place < bytes.count else { return }
        }
    }

    // MARK: References

    /// The class that an entry of the constant pool names, without the brackets of arrays.
    func className(_ index: Int) -> String? {
        guard var name = Self.className(bytes, pool, index) else { return nil }
        guard name.hasPrefix("[") else { return name }
        name = String(name.drop { $0 == "[" })
        return name.hasPrefix("L") ? String(name.dropFirst().dropLast()) : nil
    }

    /// A text that an entry of the constant pool stands for.
    func constant(_ index: Int) -> String? {
        guard pool.indices.contains(index), pool[index] > 0, bytes[pool[index]] == 8 else { return nil }
        return Self.text(bytes, pool, Self.short(bytes, pool[index] + 1))
    }

    /// The owner, the name and the type of a member.
    func member(_ index: Int) -> (owner: String, name: String, descriptor: String)? {
        guard pool.indices.contains(index), pool[index] > 0, [9, 10, 11].contains(bytes[pool[index]]),
            let owner = className(Self.short(bytes, pool[index] + 1))
        else { return nil }
        let pair = Self.short(bytes, pool[index] + 3)
        guard pool.indices.contains(pair), pool[pair] > 0, bytes[pool[pair]] == 12,
            let name = Self.text(bytes, pool, Self.short(bytes, pool[pair] + 1)),
            let descriptor = Self.text(bytes, pool, Self.short(bytes, pool[pair] + 3))
        else { return nil }
        return (owner, name, descriptor)
    }
}

/// The instructions of a method that are executed whatever it is given (The Java Virtual Machine Specification, 6.5).
struct JavaCode {
    enum Use {
        case type(Int)
        case field(Int)
        /// - Parameter constant: the constant that was put there right before.
        case call(Int, constant: Int?)
    }

    /// What is used in every run, in order, and where.
    private(set) var uses: [(place: Int, use: Use)] = []

    init(_ code: ArraySlice<UInt8>) {
        let code = Array(code)
        func short(_ place: Int) -> Int { place + 1 < code.count ? Int(code[place]) << 8 | Int(code[place + 1]) : 0 }
        func signed(_ place: Int) -> Int { Int(Int16(truncatingIfNeeded: short(place))) }
        var place = 0
        // Up to here it depends on a branch.
        var open = 0
        var constant: Int?
        while place < code.count {
            let operation = code[place]
            let isSure = place >= open
            let before = constant
            constant =
                operation == 0x12
                ? Int(place + 1 < code.count ? code[place + 1] : 0) : operation == 0x13 ? short(place + 1) : nil
            switch operation {
            case 0x99...0xA6, 0xC6, 0xC7:
                let target = place + signed(place + 1)
                if target > place { open = max(open, target) }
            case 0xA7, 0xC8:
                let target = place + (operation == 0xA7 ? signed(place + 1) : short(place + 3))
                if target <= place, isSure { return }
                if isSure {
                    place = target
                    continue
                }
                open = max(open, target)
            case 0xAA, 0xAB, 0xC4, 0xA8, 0xC9: return
            case 0xAC...0xB1, 0xBF: return
            case 0xB2, 0xB3: if isSure { uses.append((place, .field(short(place + 1)))) }
            case 0xB6...0xB9: if isSure { uses.append((place, .call(short(place + 1), constant: before))) }
            case 0xBB, 0xBD: if isSure { uses.append((place, .type(short(place + 1)))) }
            case 0x12 where isSure: uses.append((place, .type(Int(place + 1 < code.count ? code[place + 1] : 0))))
            case 0x13 where isSure: uses.append((place, .type(short(place + 1))))
            default: break
            }
            place += Self.length(operation)
        }
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

/// A compiled Java class (The Java Virtual Machine Specification, 4): what it is made of, and the code of its methods.
struct ClassFile {
    struct Method {
        let name: String
        let descriptor: String
        let isPublic: Bool
        /// Whether it is public and static.
        let isEntry: Bool
        let isStatic: Bool
        let code: ArraySlice<UInt8>
        /// Where what is thrown is caught, and what: nil for everything.
        let handlers: [(range: Range<Int>, type: String?, start: Int)]
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
    /// What calls whose targets are found when they are made are told: entries of the constant pool.
    private var bootstraps: [[Int]] = []
    private let bytes: [UInt8]
    private static let interfaceLimit = 1024
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
        // Many may have the same long name.
        guard interfaceCount <= Self.interfaceLimit else { return nil }
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
        let (bytes, pool) = (bytes, pool)
        let count = Self.short(bytes, place)
        // Many may have the same long name.
        var texts: [Int: String] = [:]
        func text(_ place: Int) -> String {
            let index = Self.short(bytes, place)
            if let text = texts[index] { return text }
            let text = Self.text(bytes, pool, index) ?? ""
            texts[index] = text
            return text
        }
        place += 2
        for _ in 0..<count {
            let flags = Self.short(bytes, place)
            let (name, descriptor) = (text(place + 2), text(place + 4))
            let attributes = Self.short(bytes, place + 6)
            place += 8
            var code: ArraySlice<UInt8> = []
            var handlers: [(Range<Int>, String?, Int)] = []
            for _ in 0..<attributes {
                let size = Self.long(bytes, place + 2)
                if text(place) == "Code" {
                    (code, handlers) = readCode(place + 6, size)
                }
                place += 6 + size
                guard place <= bytes.count else { return false }
            }
            methods.append(
                Method(
                    name: name, descriptor: descriptor, isPublic: flags & 1 == 1, isEntry: flags & 9 == 9,
                    isStatic: flags & 8 == 8, code: code, handlers: handlers))
        }
        return true
    }

    private func readCode(_ start: Int, _ size: Int) -> (ArraySlice<UInt8>, [(Range<Int>, String?, Int)]) {
        let count = Self.long(bytes, start + 4)
        let end = start + 8 + count
        guard end <= bytes.count else { return ([], []) }
        var handlers: [(Range<Int>, String?, Int)] = []
        // They lie within it.
        for index in 0..<min(Self.short(bytes, end), max(0, start + size - end - 2) / 8) {
            let entry = end + 2 + index * 8
            let (from, to) = (Self.short(bytes, entry), Self.short(bytes, entry + 2))
            guard from < to else { continue }
            handlers.append(
                (from..<to, Self.className(bytes, pool, Self.short(bytes, entry + 6)), Self.short(bytes, entry + 4)))
        }
        return (bytes[(start + 8)..<end], handlers)
    }

    private mutating func readModule(_ start: Int) {
        var place = start + 2
        for _ in 0..<Self.short(bytes, start) {
            switch Self.text(bytes, pool, Self.short(bytes, place)) {
            case "Module": module = Self.className(bytes, pool, Self.short(bytes, place + 6))
            case "BootstrapMethods" where bootstraps.isEmpty: readBootstraps(place + 6)
            case "ModuleMainClass": moduleMain = Self.className(bytes, pool, Self.short(bytes, place + 6))
            default: break
            }
            place += 6 + Self.long(bytes, place + 2)
            guard place < bytes.count else { return }
        }
    }

    private mutating func readBootstraps(_ start: Int) {
        var place = start + 2
        for _ in 0..<Self.short(bytes, start) {
            let count = Self.short(bytes, place + 2)
            guard place + 4 + count * 2 <= bytes.count else { return }
            bootstraps.append((0..<count).map { Self.short(bytes, place + 4 + $0 * 2) })
            place += 4 + count * 2
        }
    }

    // MARK: References

    /// The classes that a method's descriptor names.
    static func types(in descriptor: String) -> [String] {
        descriptor.split { $0 == "(" || $0 == ")" || $0 == ";" }.compactMap { part in
            part.firstIndex(of: "L").map { String(part[part.index(after: $0)...]) }
        }
    }

    /// The classes that must be there where a call's target is found when it is made: those of its type, and of the functions and
    /// types that it is told (5.4.3.5 and 5.4.3.6).
    func dynamicTypes(_ index: Int) -> [String] {
        guard pool.indices.contains(index), pool[index] > 0, bytes[pool[index]] == 18 else { return [] }
        func descriptor(_ pair: Int) -> String {
            guard pool.indices.contains(pair), pool[pair] > 0, bytes[pool[pair]] == 12 else { return "" }
            return Self.text(bytes, pool, Self.short(bytes, pool[pair] + 3)) ?? ""
        }
        var types = Self.types(in: descriptor(Self.short(bytes, pool[index] + 3)))
        let bootstrap = Self.short(bytes, pool[index] + 1)
        for entry in bootstraps.indices.contains(bootstrap) ? bootstraps[bootstrap] : [] {
            guard pool.indices.contains(entry), pool[entry] > 0 else { continue }
            switch bytes[pool[entry]] {
            case 15:
                guard let member = member(Self.short(bytes, pool[entry] + 2)) else { continue }
                types += [member.owner] + Self.types(in: member.descriptor)
            case 16: types += Self.types(in: Self.text(bytes, pool, Self.short(bytes, pool[entry] + 1)) ?? "")
            default: continue
            }
        }
        return types
    }

    /// The name and the type of a call whose target is found when it is made.
    func dynamicMember(_ index: Int) -> (name: String, descriptor: String)? {
        guard pool.indices.contains(index), pool[index] > 0, bytes[pool[index]] == 18 else { return nil }
        let pair = Self.short(bytes, pool[index] + 3)
        guard pool.indices.contains(pair), pool[pair] > 0, bytes[pool[pair]] == 12,
            let name = Self.text(bytes, pool, Self.short(bytes, pool[pair] + 1)),
            let descriptor = Self.text(bytes, pool, Self.short(bytes, pool[pair] + 3))
        else { return nil }
        return (name, descriptor)
    }

    /// A number that an entry of the constant pool stands for.
    func number(_ index: Int) -> Int? {
        guard pool.indices.contains(index), pool[index] > 0, bytes[pool[index]] == 3 else { return nil }
        return Int(Int32(truncatingIfNeeded: Self.long(bytes, pool[index] + 1)))
    }

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

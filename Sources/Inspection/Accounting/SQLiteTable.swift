/// Reads the rows of one table of an SQLite database (SQLite documentation, "Database File Format"): as much of it as
/// rpm's database needs. Nothing is believed: pages are visited once, and places are checked.
struct SQLiteTable {
    /// Bytes of a row's record.
    private static let payloadLimit = 16 << 20
    private static let rowLimit = 200_000
    private static let columnLimit = 32_767

    private let bytes: [UInt8]
    private let pageSize: Int
    /// Bytes of a page that hold something.
    private let usable: Int

    /// Nil for what is no such database.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 512, bytes.starts(with: Array("SQLite format 3\0".utf8)) else { return nil }
        let stated = Int(bytes[16]) << 8 | Int(bytes[17])
        pageSize = stated == 1 ? 65536 : stated
        usable = pageSize - Int(bytes[20])
        guard pageSize >= 512, pageSize & (pageSize - 1) == 0, usable >= 480 else { return nil }
        self.bytes = bytes
    }

    /// The columns of each row of a table, as far as they are bytes or text; nil for the others.
    func rows(of table: String) -> [[[UInt8]?]] {
        // The first page has the table of tables: type, name, table, root page, text.
        for row in rows(from: 1) where row.count >= 4 && row[1] == Array(table.utf8) && row[0] == Array("table".utf8) {
            guard let root = row[3].flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) else { return [] }
            return rows(from: root)
        }
        return []
    }

    private func rows(from root: Int) -> [[[UInt8]?]] {
        var result: [[[UInt8]?]] = []
        var seen: Set<Int> = []
        var stack = [root]
        // Cells may point to the same bytes again and again.
        var budget = bytes.count + Self.payloadLimit
        while let page = stack.popLast(), result.count < Self.rowLimit {
            guard seen.insert(page).inserted, page > 0, page <= bytes.count / pageSize else { continue }
            let start = (page - 1) * pageSize
            let head = page == 1 ? start + 100 : start
            guard let kind = byte(head), let count = short(head + 3) else { continue }
            let cells = head + (kind == 5 ? 12 : 8)
            for index in 0..<min(count, pageSize / 2) {
                guard let offset = short(cells + 2 * index), offset < pageSize else { break }
                if kind == 13, budget > 0, let row = row(at: start + offset, &budget) {
                    result.append(row)
                }
                if kind == 5, let child = long(start + offset) { stack.append(child) }
            }
            if kind == 5, let last = long(head + 8) { stack.append(last) }
        }
        return result
    }

    private func byte(_ place: Int) -> UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }

    private func short(_ place: Int) -> Int? {
        guard place >= 0, place + 2 <= bytes.count else { return nil }
        return Int(bytes[place]) << 8 | Int(bytes[place + 1])
    }

    private func long(_ place: Int) -> Int? {
        guard let high = short(place), let low = short(place + 2) else { return nil }
        return high << 16 | low
    }

    /// A number of seven bits a byte, the highest first; the ninth byte has eight.
    private static func number(_ bytes: some RandomAccessCollection<UInt8>, _ place: inout Int) -> Int? {
        var value: UInt64 = 0
        for count in 1...9 {
            guard let index = bytes.index(bytes.startIndex, offsetBy: place, limitedBy: bytes.endIndex),
                index < bytes.endIndex
            else { return nil }
            let byte = bytes[index]
            place += 1
            if count == 9 { return Int(exactly: value << 8 | UInt64(byte)) }
            value = value << 7 | UInt64(byte & 0x7F)
            if byte & 0x80 == 0 { break }
        }
        return Int(exactly: value)
    }

    private func row(at start: Int, _ budget: inout Int) -> [[UInt8]?]? {
        var place = start
        guard let size = Self.number(bytes, &place), Self.number(bytes, &place) != nil, size <= Self.payloadLimit
        else { return nil }
        // A damaged one costs as much as a whole one.
        budget -= 64 + size
        guard let payload = payload(size, at: place) else { return nil }
        return Self.columns(payload)
    }

    /// A record, and what of it stands on further pages.
    private func payload(_ size: Int, at place: Int) -> [UInt8]? {
        let most = usable - 35
        var local = size
        if size > most {
            let least = (usable - 12) * 32 / 255 - 23
            let wanted = least + (size - least) % (usable - 4)
            local = wanted <= most ? wanted : least
        }
        guard local >= 0, place + local <= bytes.count else { return nil }
        var result = Array(bytes[place..<place + local])
        guard local < size else { return result }
        var next = long(place + local) ?? 0
        while result.count < size {
            let start = (next - 1) * pageSize
            guard next > 0, next <= bytes.count / pageSize, let following = long(start) else { return nil }
            result += bytes[start + 4..<start + 4 + min(usable - 4, size - result.count)]
            next = following
        }
        return result
    }

    private static func columns(_ payload: [UInt8]) -> [[UInt8]?]? {
        var place = 0
        guard let headerSize = number(payload, &place), headerSize <= payload.count else { return nil }
        var types: [Int] = []
        while place < headerSize {
            guard types.count < columnLimit, let type = number(payload, &place) else { return nil }
            types.append(type)
        }
        place = headerSize
        var result: [[UInt8]?] = []
        for type in types {
            let sizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0]
            let size = type < 12 ? sizes[max(0, type)] : (type - 12) / 2
            guard size <= payload.count - place else { return nil }
            let value = payload[place..<place + size]
            place += size
            switch type {
            case 12...: result.append(Array(value))
            // Whole numbers as text, so that a column is one kind of thing.
            case 1...6: result.append(Array(String(value.reduce(Int64(0)) { $0 << 8 | Int64($1) }).utf8))
            case 8: result.append([0x30])
            case 9: result.append([0x31])
            default: result.append(nil)
            }
        }
        return result
    }
}

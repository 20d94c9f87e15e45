internal import CYAML

/// What libyaml finds in a document, one after the other.
struct Event {
    enum Kind {
        case alias(String)
        case scalar(YAMLScalar)
        case listStart
        case mappingStart
        /// The end of a list, a mapping or a document.
        case end
        case documentStart
        case streamStart
        case streamEnd
    }

    let kind: Kind
    let place: YAMLPlace
    var anchor: String?
    var tag: String?
}

/// libyaml's parser over bytes, which it holds until it goes.
struct EventStream: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// - Parameter bytes: UTF-8, or UTF-16 behind a byte order mark.
    init(_ bytes: [UInt8]) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        // libyaml clears its state itself; where it has no memory for that nothing is to be deleted.
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else { throw YAMLError(YAMLPlace(line: 1, column: 1), .noMemory) }
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    mutating func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { yaml_event_delete(&event) }
        return Self.read(event)
    }

    private static func read(_ event: yaml_event_t) -> Event {
        let place = place(event.start_mark)
        switch event.type {
        case YAML_ALIAS_EVENT: return Event(kind: .alias(text(event.data.alias.anchor) ?? ""), place: place)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let value = YAMLScalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
            return Event(
                kind: .scalar(value), place: place, anchor: Self.text(scalar.anchor), tag: Self.text(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            let list = event.data.sequence_start
            return Event(kind: .listStart, place: place, anchor: text(list.anchor), tag: text(list.tag))
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            return Event(kind: .mappingStart, place: place, anchor: text(mapping.anchor), tag: text(mapping.tag))
        case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, place: place)
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, place: place)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT, YAML_DOCUMENT_END_EVENT:
            return Event(kind: .end, place: place)
        default: return Event(kind: .streamEnd, place: place)
        }
    }

    private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        bytes.map { String(cString: $0) }
    }

    private static func place(_ mark: yaml_mark_t) -> YAMLPlace {
        YAMLPlace(line: mark.line + 1, column: mark.column + 1)
    }

    private borrowing func problem() -> YAMLError {
        let parser = parser.pointee
        let mistake = parser.problem.map { YAMLError.Mistake(problem: String(cString: $0)) } ?? .other
        switch parser.error {
        case YAML_READER_ERROR: return YAMLError(place(offset: parser.problem_offset), .syntax(mistake))
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR: return YAMLError(Self.place(parser.problem_mark), .syntax(mistake))
        default: return YAMLError(Self.place(parser.mark), .noMemory)
        }
    }

    /// The place of a byte; what cannot be decoded has no mark.
    private borrowing func place(offset: Int) -> YAMLPlace {
        let before = input.prefix(offset)
        let text =
            switch (input.first, input.dropFirst().first) {
            case (0xFF, 0xFE): Self.decoded(before.dropFirst(2), high: 1)
            case (0xFE, 0xFF): Self.decoded(before.dropFirst(2), high: 0)
            default:
                String(decoding: before.starts(with: [0xEF, 0xBB, 0xBF]) ? before.dropFirst(3) : before, as: UTF8.self)
            }
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        return YAMLPlace(line: lines.count, column: (lines.last?.count ?? 0) + 1)
    }

    /// - Parameter high: which byte of two is the high one, 0 or 1.
    private static func decoded(_ bytes: Slice<UnsafeMutableBufferPointer<UInt8>>, high: Int) -> String {
        let pairs = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2)
        return String(
            decoding: pairs.map { UInt16(bytes[$0 + high]) << 8 | UInt16(bytes[$0 + 1 - high]) }, as: UTF16.self)
    }
}

internal import CYAML

extension YAMLNode {
    /// The node as a document, with lines of about 80 characters. Tags are left out.
    ///
    /// A plain scalar that would be something else without quotes gets some.
    ///
    /// - Returns: nil where there is no memory for it.
    package var document: String? {
        var emitter = EventWriter()
        return emitter.document(self)
    }
}

/// libyaml's emitter, and what it has written.
private struct EventWriter: ~Copyable {
    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    private let output: UnsafeMutablePointer<[UInt8]>
    private let isReady: Bool

    init() {
        emitter = .allocate(capacity: 1)
        emitter.initialize(to: yaml_emitter_t())
        output = .allocate(capacity: 1)
        output.initialize(to: [])
        isReady = yaml_emitter_initialize(emitter) == 1
        guard isReady else { return }
        yaml_emitter_set_unicode(emitter, 1)
        yaml_emitter_set_output(
            emitter,
            { output, bytes, count in
                output?.assumingMemoryBound(to: [UInt8].self).pointee.append(
                    contentsOf: UnsafeBufferPointer(start: bytes, count: count))
                return 1
            }, output)
    }

    deinit {
        if isReady { yaml_emitter_delete(emitter) }
        emitter.deallocate()
        output.deinitialize(count: 1)
        output.deallocate()
    }

    mutating func document(_ node: YAMLNode) -> String? {
        let isWritten =
            isReady && write { yaml_stream_start_event_initialize($0, YAML_UTF8_ENCODING) }
            && write { yaml_document_start_event_initialize($0, nil, nil, nil, 1) }
            && write(node)
            && write { yaml_document_end_event_initialize($0, 1) }
            && write { yaml_stream_end_event_initialize($0) }
        return isWritten ? String(decoding: output.pointee, as: UTF8.self) : nil
    }

    /// The emitter takes the event's memory, whether it can write it or not.
    private mutating func write(_ make: (UnsafeMutablePointer<yaml_event_t>) -> Int32) -> Bool {
        var event = yaml_event_t()
        return make(&event) == 1 && yaml_emitter_emit(emitter, &event) == 1
    }

    private mutating func write(_ node: YAMLNode) -> Bool {
        switch node.content {
        case .scalar(let scalar): return write(scalar)
        case .list(let items):
            guard write({ yaml_sequence_start_event_initialize($0, nil, nil, 1, YAML_ANY_SEQUENCE_STYLE) }) else {
                return false
            }
            for item in items { guard write(item) else { return false } }
            return write { yaml_sequence_end_event_initialize($0) }
        case .mapping(let members):
            guard write({ yaml_mapping_start_event_initialize($0, nil, nil, 1, YAML_ANY_MAPPING_STYLE) }) else {
                return false
            }
            for member in members { guard write(member.key) && write(member.value) else { return false } }
            return write { yaml_mapping_end_event_initialize($0) }
        }
    }

    private mutating func write(_ scalar: YAMLScalar) -> Bool {
        var text = Array(scalar.text.utf8)
        let style = scalar.isPlain ? YAML_ANY_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE
        let count = Int32(clamping: text.count)
        // An empty array has no address, which libyaml asks for.
        text.append(0)
        return write { yaml_scalar_event_initialize($0, nil, nil, text, count, 1, 1, style) }
    }
}

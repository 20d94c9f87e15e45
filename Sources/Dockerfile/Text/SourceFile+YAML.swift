extension SourceFile {
    /// A YAML file for its lines in messages: UTF-16, which a byte order mark announces, is shown as UTF-8.
    package init(name: String, yaml bytes: [UInt8]) {
        let high: Int
        switch (bytes.first, bytes.dropFirst().first) {
        case (0xFF, 0xFE): high = 1
        case (0xFE, 0xFF): high = 0
        default:
            self.init(name: name, bytes: bytes)
            return
        }
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map {
            UInt16(bytes[$0 + high]) << 8 | UInt16(bytes[$0 + 1 - high])
        }
        self.init(name: name, text: String(decoding: units, as: UTF16.self))
    }
}

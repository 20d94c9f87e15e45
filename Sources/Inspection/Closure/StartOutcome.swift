internal import OCI

/// What one real start of an image's program came to: by itself, without a network, and within a time.
package struct StartOutcome: Hashable, Sendable {
    package enum End: Hashable, Sendable {
        /// It still ran when its time was over.
        case running
        case exited(Int32)
        case signal(Int32)
        /// The kernel, or what reads or loads the program, refused it.
        case notExecuted
        /// Neither this machine nor an emulator on it executes it.
        case foreign
    }

    package let end: End
    /// How long it had, in seconds.
    package let limit: Int
    /// The end of what it wrote.
    package let output: [UInt8]

    package init(_ end: End, limit: Int, output: [UInt8] = []) {
        (self.end, self.limit, self.output) = (end, limit, output)
    }

    /// Whether it started; nil where that is not known.
    package var isGood: Bool? {
        switch end {
        case .running, .exited(0): true
        case .exited, .signal, .notExecuted: false
        case .foreign: nil
        }
    }

    /// The last lines that it wrote that are not empty, as far as they fit a sentence.
    package var words: String {
        let lines = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.trimmingSpaces }.filter { !$0.isEmpty }
        return lines.suffix(3).map { String($0.prefix(200)) }.joined(separator: " / ")
    }
}

extension ClosureCheck.Report {
    /// Takes the word of a real start over that of the files: what is missing from a program that starts is a warning, and one
    /// that does not start has an error, whatever files say.
    package mutating func believe(_ start: StartOutcome) {
        self.start = start
        switch start.isGood {
        case nil: return
        case true?:
            findings = findings.map { Finding($0.kind, $0.remedy, severity: .warning, chain: $0.chain) }
            unknown = []
        case false?:
            unknown = []
            guard !cannotStart else { return }
            let name = program?.description ?? "ENTRYPOINT"
            findings.insert(Finding(.failedStart(program: name, end: start.end, words: start.words)), at: 0)
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var rest = self
        while rest.first?.isWhitespace ?? false { rest.removeFirst() }
        while rest.last?.isWhitespace ?? false { rest.removeLast() }
        return rest
    }
}

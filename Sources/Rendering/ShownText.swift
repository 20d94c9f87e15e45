/// Text as it may reach a person's terminal: the one place through which all of it goes.
///
/// File names, Dockerfiles, configs of images, registries' answers and all other texts from outside become part of it by
/// interpolation, which writes out what a terminal would act on and what could not be seen (``Unicode/Scalar/isHidden``). Only
/// literals and ``Style`` put controls into it: line feeds, colours, and the sequences of ``LiveScreen``.
package struct ShownText: Hashable, Sendable {
    /// The text with our own colours and line feeds.
    package private(set) var text: String

    /// Text of one line; a line feed or tab is written out too.
    package init(line: String) { text = line.showingHidden() }

    /// Text that is laid out in lines and with tabs.
    package init(lines: String) { text = lines.showingHidden(keeping: "\n\t") }

    /// A line of a source file, with its tabs.
    package init(sourceLine: String) { text = sourceLine.showingHidden(keeping: "\t") }

    /// A document of JSON, which has escapes of its own: it stays the same document.
    package init(json: String) { text = json.showingHiddenInJSON }

    /// Text that is passed on for programs and not for people, and bytes of a process that was told to write there.
    package init(passedOn text: String) { self.text = text }

    package var isEmpty: Bool { text.isEmpty }

    package static func + (left: ShownText, right: ShownText) -> ShownText {
        ShownText(passedOn: left.text + right.text)
    }

    package static func += (left: inout ShownText, right: ShownText) { left.text += right.text }
}

extension ShownText: ExpressibleByStringInterpolation {
    /// What stands in our own code is shown as it is.
    package init(stringLiteral text: String) { self.text = text }

    package init(stringInterpolation pieces: Interpolation) { text = pieces.text }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        package mutating func appendInterpolation(_ value: ShownText) { text += value.text }

        /// Any text from outside is taken for one line.
        package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            text += value.description.showingHidden()
        }
    }
}

extension Sequence<ShownText> {
    package func joined(separator: ShownText = "") -> ShownText {
        ShownText(passedOn: map(\.text).joined(separator: separator.text))
    }
}

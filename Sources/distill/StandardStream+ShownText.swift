import LinuxSystem
import Rendering

extension StandardStream {
    /// Writes what people read. There is no other way for text to a standard stream but ``pass(_:)``.
    func show(_ text: ShownText) { write(text: text.text) }

    /// Writes what programs read: filled-in templates, YAML. A pipe or file gets it as it is, as from docker; a person who
    /// looks at it on a terminal sees what is hidden in it, as `ls` shows names.
    func pass(_ text: String) {
        show(Terminal.isTerminal(rawValue) ? ShownText(lines: text) : ShownText(passedOn: text))
    }
}

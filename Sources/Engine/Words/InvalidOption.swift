/// A value that an option, or the key of a Compose file that means the same, cannot have.
package struct InvalidOption: Error {
    /// The option as it is written on the command line, as in `--tag`.
    package let name: String
    package let value: String
    /// What is wrong with the value, as the end of a sentence.
    package let reason: String

    package init(name: String, value: String, reason: String) {
        (self.name, self.value, self.reason) = (name, value, reason)
    }
}

import Engine

/// What words came to, or why they mean nothing: `--option: reason`, as one line of a table.
func told(_ body: () throws -> String) -> String {
    do { return try body() } catch let error as InvalidOption { return "\(error.name): \(error.reason)" } catch {
        return "\(type(of: error))"
    }
}

/// What ADD fetches instead of copying from the context.
enum RemoteSource: Hashable, Sendable {
    case url
    case git

    /// - Returns: nil for a path.
    init?(_ text: String) {
        if GitReference.isRepository(text) {
            self = .git
        } else if text.range(ofScheme: ["http", "https"]) != nil {
            self = .url
        } else {
            return nil
        }
    }
}

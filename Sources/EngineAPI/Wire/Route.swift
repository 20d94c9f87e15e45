/// A method, a path, and what is done about it.
struct Route: Sendable {
    /// What stands in the path's places.
    struct Words: Sendable {
        /// The place that several segments may fill: an image's name.
        var name = ""
    }

    typealias Body = @Sendable (ServedEngine, Exchange, Words) async throws -> Void

    enum Action: Sendable {
        case answer(Body)
        /// As `answer`, and the body is cancelled when the client goes away.
        case follow(Body)
        case refuse(APIError)
    }

    let method: String
    /// Literals; `*` stands for one segment or more.
    let pattern: [String]
    let action: Action

    init(_ method: String, _ pattern: String, _ action: Action) {
        (self.method, self.action) = (method, action)
        self.pattern = pattern.split(separator: "/").map(String.init)
    }

    /// - Returns: nil where there is no such route.
    static func find(_ method: String, _ path: [String]) -> (route: Route, words: Words)? {
        for route in table where route.method == method {
            if let words = route.match(path) { return (route, words) }
        }
        return nil
    }

    private func match(_ path: [String]) -> Words? {
        guard let place = pattern.firstIndex(of: "*") else { return pattern == path ? Words() : nil }
        let tail = pattern.count - place - 1
        guard path.count >= pattern.count, path.prefix(place).elementsEqual(pattern.prefix(place)),
            path.suffix(tail).elementsEqual(pattern.suffix(tail))
        else { return nil }
        return Words(name: path[place..<path.count - tail].joined(separator: "/"))
    }
}

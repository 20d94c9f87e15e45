import Compose
import Projects

extension ProjectEvent {
    /// What happened, as a line for people.
    package var sentence: String {
        switch self {
        case .started(let name): "\(name): started"
        case .exited(let name, let code): "\(name): ended with exit code \(code)"
        case .examined(let name, let health): "\(name): \(health.rawValue)"
        case .stopping(let name): "\(name): stopping"
        case .ending(let names): "stopping \(names.joined(separator: ", "))"
        case .endAsked: "stopping; once more ends everything at once"
        case .noOutside(let obstacle): obstacle.sentence
        }
    }
}

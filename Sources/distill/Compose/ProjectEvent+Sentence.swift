import Compose
import LinuxSystem
import Networking
import Projects
import Rendering

extension ProjectEvent {
    func show() { StandardStream.error.show("\(sentence)\n") }

    private var sentence: String {
        switch self {
        case .started(let name): "\(name): started"
        case .exited(let name, let code): "\(name): ended with exit code \(code)"
        case .examined(let name, let health): "\(name): \(health.rawValue)"
        case .stopping(let names): "stopping \(names.joined(separator: ", "))"
        case .endAsked: "stopping; once more ends everything at once"
        case .noOutside(let obstacle): obstacle.sentence
        }
    }
}

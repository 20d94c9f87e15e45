import Inspection
import OCI

extension StartOutcome.End {
    /// How it ended, behind "was started, and".
    var clause: String {
        switch self {
        case .running: "ran on"
        case .exited(let status): "ended with status \(status)"
        case .signal(let number): "was ended by signal \(number)"
        case .notExecuted: "was not executed"
        case .foreign: "could not be: it is for a platform that this machine does not execute"
        }
    }

    var word: String {
        switch self {
        case .running: "running"
        case .exited: "exited"
        case .signal: "killed"
        case .notExecuted: "not executed"
        case .foreign: "not tried"
        }
    }
}

extension StartOutcome {
    var clause: String { end == .running ? "still ran after \(limit) s" : end.clause }

    var json: JSON {
        var object: JSONObject = ["result": .string(end.word)]
        if case .exited(let status) = end { object["status"] = .integer(Int64(status)) }
        if case .signal(let number) = end { object["signal"] = .integer(Int64(number)) }
        object["output"] = .string(String(decoding: output, as: UTF8.self))
        return .object(object)
    }
}

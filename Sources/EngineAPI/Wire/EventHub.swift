import LinuxSystem
import OCI
import Synchronization

/// What happens to images, for those who listen (`/events`).
final class EventHub: Sendable {
    struct Event: Sendable {
        let type: String
        let action: String
        let id: String
        let attributes: [String: String]
        let time: FileTime

        var json: JSON {
            var object: JSONObject = [:]
            if type == "image" { (object["status"], object["id"]) = (.string(action), .string(id)) }
            object["Type"] = .string(type)
            object["Action"] = .string(action)
            object["Actor"] = .object(["ID": .string(id), "Attributes": .sorted(attributes)])
            object["scope"] = .string("local")
            object["time"] = .integer(time.seconds)
            let (nanoseconds, isTooMany) = time.seconds.multipliedReportingOverflow(by: 1_000_000_000)
            object["timeNano"] = .integer(isTooMany ? .max : nanoseconds + Int64(time.nanoseconds))
            return .object(object)
        }
    }

    private struct State {
        var past: [Event] = []
        var listeners: [Int: AsyncStream<Event>.Continuation] = [:]
        var next = 0
    }

    /// How many past events are known.
    private static let memory = 256

    private let state = Mutex(State())

    func tell(_ action: String, image id: String, _ attributes: [String: String] = [:]) {
        let event = Event(type: "image", action: action, id: id, attributes: attributes, time: .now)
        state.withLock { state in
            state.past.append(event)
            if state.past.count > Self.memory { state.past.removeFirst() }
            for listener in state.listeners.values { listener.yield(event) }
        }
    }

    /// What happens from now on, behind what has happened since a moment.
    func events(since: Int64?) -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(1024))
        let number = state.withLock { state in
            if let since { for event in state.past where event.time.seconds >= since { continuation.yield(event) } }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.listeners.removeValue(forKey: number) }
        }
        return stream
    }
}

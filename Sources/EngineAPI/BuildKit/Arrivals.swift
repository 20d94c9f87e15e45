import LinuxSystem
import Synchronization

/// Values by their names, which may be asked for before they are there.
final class Arrivals<Value: Sendable>: Sendable {
    private let places = Mutex<[String: Arrival<Value>]>([:])

    func set(_ name: String, _ value: Value) { place(name).set(.success(value)) }

    func value(_ name: String, within time: Duration) async throws -> Value {
        try await place(name).value(within: time)
    }

    func remove(_ name: String) {
        let place = places.withLock { $0.removeValue(forKey: name) }
        place?.set(.failure(CancellationError()))
    }

    private func place(_ name: String) -> Arrival<Value> {
        places.withLock { places in
            if let place = places[name] { return place }
            let place = Arrival<Value>()
            places[name] = place
            return place
        }
    }
}

import LinuxSystem
import Rendering
import Synchronization
import SystemPackage

/// What services write: kept in the project's log, and handed to whoever looks on.
package final class ProjectLog: Sendable {
    private let file: Mutex<LogFile>
    private let lines = Mutex<[String: Lines]>([:])
    private let observer: (@Sendable (_ line: String, _ service: String) -> Void)?

    private struct Lines {
        var splitter = LineSplitter()
        /// The last few, for errors.
        var last: [String] = []
    }

    /// - Parameter observer: gets each line and its service's name.
    package init(in project: ProjectDirectory, observer: (@Sendable (_ line: String, _ service: String) -> Void)? = nil)
        throws
    {
        file = Mutex(try LogFile(in: project.directory))
        self.observer = observer
    }

    package func write(_ bytes: UnsafeRawBufferPointer, of service: String) {
        lines.withLock { services in
            var kept = services[service] ?? Lines()
            put(kept.splitter.take(Array(bytes)), of: service, &kept)
            services[service] = kept
        }
    }

    /// Writes the line that a service did not end.
    package func finish(_ service: String) {
        lines.withLock { services in
            guard var kept = services[service], let rest = kept.splitter.finish() else { return }
            put([rest], of: service, &kept)
            services[service] = kept
        }
    }

    package func lastLines(of service: String) -> [String] { lines.withLock { $0[service]?.last ?? [] } }

    private func put(_ new: [String], of service: String, _ kept: inout Lines) {
        guard !new.isEmpty else { return }
        kept.last = Array((kept.last + new).suffix(10))
        let text = new.map { "\(service)\t\($0)\n" }.joined()
        // A full disk stops no service.
        file.withLock { try? $0.append(Array(text.utf8)) }
        for line in new { observer?(line, service) }
    }
}

/// Reads a project's log.
package struct LogReader {
    package let project: ProjectDirectory
    /// None is all.
    package let services: Set<String>
    package let observer: @Sendable (_ line: String, _ service: String) -> Void

    package init(
        project: ProjectDirectory, services: Set<String>,
        observer: @escaping @Sendable (_ line: String, _ service: String) -> Void
    ) {
        (self.project, self.services, self.observer) = (project, services, observer)
    }

    /// Hands over what is there, and with `follows` what comes until nobody looks after the project any more.
    ///
    /// - Parameter tail: how many lines of each service; nil for all.
    package func run(tail: Int?, follows: Bool) async throws {
        var file = LogFileReader(in: project.directory)
        var pending: [UInt8] = []
        var records = try Self.records(file.read(), &pending)
        records.removeAll { !isWanted($0.service) }
        if let tail { records = Self.last(tail, of: records) }
        for record in records { observer(record.line, record.service) }
        while follows {
            // Asked before reading: what was written before the end is shown.
            let isOver = try !project.isLocked()
            for record in try Self.records(file.read(), &pending) where isWanted(record.service) {
                observer(record.line, record.service)
            }
            if isOver { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func isWanted(_ service: String) -> Bool { services.isEmpty || services.contains(service) }

    private static func last(_ count: Int, of records: [(service: String, line: String)]) -> [(
        service: String, line: String
    )] {
        var seen: [String: Int] = [:]
        var result: [(service: String, line: String)] = []
        for record in records.reversed() {
            seen[record.service, default: 0] += 1
            if seen[record.service, default: 0] <= count { result.append(record) }
        }
        return result.reversed()
    }

    /// The lines that are whole; what is behind the last of them waits for its end.
    private static func records(_ bytes: [UInt8], _ pending: inout [UInt8]) -> [(service: String, line: String)] {
        pending += bytes
        var lines = pending.split(separator: 0x0A, omittingEmptySubsequences: false)
        let rest = lines.popLast().map(Array.init) ?? []
        defer { pending = rest }
        return lines.compactMap { line in
            guard let tab = line.firstIndex(of: 0x09) else { return nil }
            return (String(decoding: line[..<tab], as: UTF8.self), String(decoding: line[(tab + 1)...], as: UTF8.self))
        }
    }
}

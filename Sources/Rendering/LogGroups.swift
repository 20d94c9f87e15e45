/// Output of things that happen side by side, in the foldable groups of a CI machine's log.
///
/// Such groups follow one another. What began first is shown as it comes; the others' text waits until its turn is there.
package struct LogGroups {
    /// Whose marks are written.
    package enum Host: Hashable, Sendable {
        /// GitHub's workflow commands `group` and `endgroup`.
        case github
        /// GitLab's `section_start` and `section_end`, whose times are seconds since 1970.
        case gitlab

        /// The machine that the environment is of; nil where it is none of these.
        package init?(environment: [String: String]) {
            if environment["GITHUB_ACTIONS"] == "true" {
                self = .github
            } else if environment["GITLAB_CI"] == "true" {
                self = .gitlab
            } else {
                return nil
            }
        }
    }

    private struct Group {
        let id: Int
        let title: ShownText
        let begin: Int64
        var text: ShownText = ""
        var end: Int64?
    }

    private let host: Host
    /// In the order in which they began; the first one is open in the log.
    private var groups: [Group] = []

    package init(host: Host) { self.host = host }

    /// Begins a group, which is told by its title.
    ///
    /// - Parameter time: seconds since 1970, as everywhere here.
    package mutating func begin(_ id: Int, _ title: ShownText, at time: Int64) -> ShownText {
        groups.append(Group(id: id, title: title, begin: time))
        return groups.count == 1 ? opening(groups[0]) : ""
    }

    /// Text of a group; of something that has none it is shown at once, or after the group that is open.
    package mutating func write(_ text: ShownText, of id: Int) -> ShownText {
        guard let index = groups.firstIndex(where: { $0.id == id }) else {
            guard !groups.isEmpty else { return text }
            groups.append(Group(id: id, title: "", begin: 0, text: text, end: 0))
            return ""
        }
        if index == 0 { return text }
        groups[index].text += text
        return ""
    }

    package mutating func end(_ id: Int, at time: Int64) -> ShownText {
        guard let index = groups.firstIndex(where: { $0.id == id && $0.end == nil }) else { return "" }
        groups[index].end = time
        var text: ShownText = ""
        while let first = groups.first, let end = first.end {
            if !first.title.isEmpty { text += closing(first, at: end) }
            groups.removeFirst()
            guard let next = groups.first else { break }
            if !next.title.isEmpty { text += opening(next) }
            text += next.text
        }
        return text
    }

    /// What is left when everything has ended: nothing stays open or unsaid.
    package mutating func finish(at time: Int64) -> ShownText {
        var text: ShownText = ""
        while let first = groups.first { text += first.end == nil ? end(first.id, at: time) : drop() }
        return text
    }

    private mutating func drop() -> ShownText {
        groups.removeFirst()
        return ""
    }

    private func opening(_ group: Group) -> ShownText {
        switch host {
        case .github: "::group::\(group.title)\n"
        case .gitlab: "\u{1B}[0Ksection_start:\(group.begin):distill_\(group.id)\r\u{1B}[0K\(group.title)\n"
        }
    }

    private func closing(_ group: Group, at time: Int64) -> ShownText {
        switch host {
        case .github: "::endgroup::\n"
        case .gitlab: "\u{1B}[0Ksection_end:\(time):distill_\(group.id)\r\u{1B}[0K\n"
        }
    }
}

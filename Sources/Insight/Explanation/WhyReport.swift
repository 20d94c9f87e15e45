import Bases
package import Inspection
package import OCI
package import Rendering

/// Why something is in an image: a path, or a package.
package struct WhyReport {
    private static let listed = 10

    private let explanation: Explanation
    private let answers: [Answer]

    private enum Answer {
        case path(PathStory, chain: [ImagePath]?)
        case package(Int)
    }

    /// - Parameter text: a path, or a package's name or URL.
    /// - Throws: ``InsightError/nothingThere(_:image:)``.
    package init(_ text: String, _ explanation: Explanation, _ opened: OpenedImage) throws {
        self.explanation = explanation
        var answers: [Answer] = []
        if let path = ImagePath(text), let story = Self.story(path, explanation) {
            // A word without a slash is mostly a package's name.
            let isMeant = text.contains("/") || explanation.packages.find(text).isEmpty
            if isMeant { answers.append(.path(story, chain: Self.chain(to: story, explanation, opened))) }
        }
        if answers.isEmpty { answers = explanation.packages.find(text).map(Answer.package) }
        guard !answers.isEmpty else { throw InsightError.nothingThere(text, image: explanation.name) }
        self.answers = answers
    }

    /// The path itself, else what the links on its way lead to.
    private static func story(_ path: ImagePath, _ explanation: Explanation) -> PathStory? {
        if let story = PathStory(path.relativeBytes, in: explanation) { return story }
        let real = explanation.account.resolving(path.relativeBytes)
        return real == path.relativeBytes ? nil : PathStory(real, in: explanation)
    }

    private static func chain(to story: PathStory, _ explanation: Explanation, _ opened: OpenedImage) -> [ImagePath]? {
        guard let program = explanation.program.path, explanation.program.files.contains(story.path),
            let start = ImagePath(program),
            let file = ImagePath(story.path)
        else { return nil }
        let files = Set(explanation.program.files.compactMap { ImagePath($0) })
        // Without the way between them both ends are told.
        let way = try? ProgramChain.find(
            file, from: start, among: files, in: StoredTree.open(opened.image, in: opened.store))
        return (way ?? nil) ?? (start == file ? [start] : [start, file])
    }

    // MARK: For people

    package func text(_ style: Style) -> ShownText {
        answers.map { answer -> ShownText in
            switch answer {
            case .path(let story, let chain): path(story, chain, style)
            case .package(let place): package(place, style)
            }
        }.joined(separator: "\n")
    }

    private var words: InsightWords { InsightWords(explanation) }

    private func shown(_ path: [UInt8]) -> String { ExplanationDocument.text(path) }

    private func path(_ story: PathStory, _ chain: [ImagePath]?, _ style: Style) -> ShownText {
        var lines: [ShownText] = [style.paint("\(shown(story.path))", .heading)]
        if let place = story.visible {
            lines.append("  \(what(place))")
            lines.append(
                "  brought by \(words.step(explanation.account.visible[place].layer)), layer \(explanation.account.visible[place].layer + 1)"
            )
            if let owner = explanation.owner(place) {
                lines.append("  belongs to \(words.package(owner))")
                lines.append("  \(because(owner))")
            }
            lines.append("  reason: \(explanation.reasons[place].words)")
        } else if story.files > 0 {
            lines.append("  a directory that no layer describes")
        } else {
            lines.append("  nobody sees it: a later layer hides it")
        }
        if let chain {
            lines.append("  the entry point reads it: \(chain.map(\.description).joined(separator: " → "))")
        }
        if !story.parts.isEmpty {
            lines.append("  below it: \(HumanSize.text(story.bytes)) in \(story.files) files")
            lines += story.parts.prefix(Self.listed).map { "    \(HumanSize.text($0.bytes))  \(part($0))" }
        }
        for event in story.events where story.events.count > 1 || story.visible == nil {
            lines.append("  \(self.event(event))")
        }
        if !story.copies.isEmpty {
            lines.append("  the same bytes: \(story.copies.prefix(Self.listed).map(shown).joined(separator: ", "))")
        }
        return lines.map { "\($0)\n" }.joined()
    }

    private func part(_ group: ByteGroup) -> String {
        if case .others = group.label { return "of no package" }
        return words.label(group.label)
    }

    private func what(_ place: Int) -> String {
        let visible = explanation.account.visible[place]
        let entry = explanation.account.entry(visible)
        var text = entry.kind.word
        if let file = explanation.account.file(visible) { text += ", \(file.size) bytes" }
        if entry.kind == .symbolicLink { return text + " to \(String(decoding: entry.link, as: UTF8.self))" }
        if entry.kind == .hardLink { text += ", the same file as \(shown(entry.link))" }
        return text + ", mode 0\(String(entry.mode, radix: 8)), owner \(entry.user):\(entry.group)"
    }

    private func event(_ event: PathStory.Event) -> String {
        let size = event.size > 0 ? " of \(event.size) bytes" : ""
        let fate =
            switch event.fate {
            case .visible: event.kind.isMark ? "" : ", seen"
            case .overwritten(let layer): ", overwritten by \(words.place(layer))"
            case .deleted(let layer): ", deleted by \(words.place(layer))"
            }
        return "layer \(event.layer + 1): \(event.kind.word)\(size)\(fate)"
    }

    private func because(_ owner: Int) -> String {
        let chain = explanation.packages.chain(to: owner)
        let names = chain.map { explanation.packages.packages[$0].displayName }
        if explanation.packages.packages[owner].isRequested == true { return "\(names[0]) was asked for" }
        guard names.count > 1 else { return "nothing that was asked for is known to need it" }
        let kind = explanation.packages.isOnlyRecommended(owner) ? "recommended" : "needed"
        return "\(kind) by way of \(names.joined(separator: " → "))"
    }

    private func package(_ place: Int, _ style: Style) -> ShownText {
        let package = explanation.packages.packages[place]
        var lines: [ShownText] = [style.paint("\(words.package(place))", .heading)]
        lines.append("  \(HumanSize.text(package.bytes)) in \(package.files) files")
        lines.append("  installed by \(words.step(package.layer)), layer \(package.layer + 1)")
        lines.append("  \(because(place))")
        let dependents = explanation.packages.dependents(of: place).map {
            explanation.packages.packages[$0].displayName
        }
        if !dependents.isEmpty {
            lines.append("  needed by \(dependents.prefix(Self.listed * 2).joined(separator: ", "))")
        }
        let reads = files(of: place).filter { explanation.program.files.contains(explanation.account.visible[$0].path) }
        if !reads.isEmpty {
            lines.append(
                "  the entry point reads \(reads.prefix(Self.listed).map { shown(explanation.account.visible[$0].path) }.joined(separator: ", "))"
            )
        }
        lines += files(of: place).prefix(Self.listed).map {
            "    \(HumanSize.text(explanation.account.visible[$0].bytes))  \(shown(explanation.account.visible[$0].path))"
        }
        lines.append("  \(package.packageURL)")
        return lines.map { "\($0)\n" }.joined()
    }

    /// The largest first.
    private func files(of place: Int) -> [Int] {
        explanation.account.visible.indices.filter { explanation.packages.owners[$0] == place }
            .sorted { (explanation.account.visible[$1].bytes, $0) < (explanation.account.visible[$0].bytes, $1) }
    }

    // MARK: JSON

    package var json: JSON {
        .object([
            "schema": .string("distill.why"), "version": .integer(1), "image": .string(explanation.name),
            "answers": .array(
                answers.map { answer in
                    switch answer {
                    case .path(let story, let chain): document(story, chain)
                    case .package(let place): document(place)
                    }
                }),
        ])
    }

    private func document(_ story: PathStory, _ chain: [ImagePath]?) -> JSON {
        var object: JSONObject = [
            "kind": .string("path"), "path": .string(shown(story.path)),
            "visible": .bool(story.visible != nil || story.files > 0),
        ]
        object["bytes"] = .integer(story.bytes)
        object["files"] = .integer(Int64(story.files))
        if let place = story.visible {
            let visible = explanation.account.visible[place]
            object["type"] = .string(explanation.account.entry(visible).kind.word)
            object["layer"] = .integer(Int64(visible.layer + 1))
            object["instruction"] = explanation.step(of: visible).map(ExplanationDocument.step) ?? .null
            object["reason"] = .string(explanation.reasons[place].rawValue)
            object["package"] = explanation.owner(place).map { document($0) } ?? .null
        }
        object["program"] = chain.map { .strings($0.map(\.description)) } ?? .null
        object["copies"] = .strings(story.copies.map(shown))
        object["layers"] = .array(
            story.events.map { event in
                let fate: (String, Int?) =
                    switch event.fate {
                    case .visible: ("visible", nil)
                    case .overwritten(let layer): ("overwritten", layer)
                    case .deleted(let layer): ("deleted", layer)
                    }
                return .object([
                    "layer": .integer(Int64(event.layer + 1)), "type": .string(event.kind.word),
                    "size": .integer(event.size), "fate": .string(fate.0),
                    "by": fate.1.map { .integer(Int64($0 + 1)) } ?? .null,
                ])
            })
        return .object(object)
    }

    private func document(_ place: Int) -> JSON {
        let package = explanation.packages.packages[place]
        func names(_ places: [Int]) -> JSON { .strings(places.map { explanation.packages.packages[$0].displayName }) }
        return .object([
            "kind": .string("package"), "purl": .string(package.packageURL), "name": .string(package.displayName),
            "version": .string(package.version),
            "bytes": .integer(package.bytes), "files": .integer(Int64(package.files)),
            "layer": .integer(Int64(package.layer + 1)),
            "installedBy": package.layer < explanation.steps.count
                ? ExplanationDocument.step(explanation.steps[package.layer]) : .null,
            "requested": package.isRequested.map(JSON.bool) ?? .null,
            "recommendedOnly": .bool(explanation.packages.isOnlyRecommended(place)),
            "chain": names(explanation.packages.chain(to: place)),
            "neededBy": names(explanation.packages.dependents(of: place)),
        ])
    }
}

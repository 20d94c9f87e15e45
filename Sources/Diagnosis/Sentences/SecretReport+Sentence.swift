package import OCI
package import Rendering
package import Secrets

extension SecretReport.Item {
    /// What was found and where: `private-key: a private key (MI…9x) in /app/key.pem at byte 12, layer 3, Dockerfile:4: COPY . /app`.
    package var sentence: String { ([head] + places).joined(separator: ", ") }

    private var head: String {
        let shown = finding.excerpt.isEmpty ? "" : " (\(finding.excerpt))"
        let subject = finding.subject.map { " (\($0))" } ?? ""
        return "\(finding.rule.words)\(shown)\(subject) \(place)"
    }

    private var place: String {
        switch finding.part {
        case .document: "in the image's \(finding.path)"
        case .name: "in the name of /\(finding.path)"
        case .linkTarget: "in the target of the link /\(finding.path)"
        case .content:
            finding.member.map { "in \($0.isEmpty ? "the content" : $0) of /\(finding.path) at byte \(finding.offset)" }
                ?? "in /\(finding.path) at byte \(finding.offset)"
        }
    }

    private var places: [String] {
        var places: [String] = []
        if let layer {
            switch visibility {
            case .visible: places.append("layer \(layer)")
            case .hidden(let other): places.append("deleted or replaced by layer \(other), still in layer \(layer)")
            }
        }
        if isBase { places.append("of the base") }
        if let instruction {
            let words = instruction.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let text = words.count > 80 ? "\(words.prefix(79))…" : words
            let line = instruction.file.flatMap { file in instruction.line.map { "\(file):\($0): " } } ?? ""
            // The instruction itself may hold what was found.
            places.append(finding.part == .document ? "\(line)\(text.prefix { $0 != " " })" : "\(line)\(text)")
        }
        return places
    }

    /// What to do about it.
    package var cure: String {
        if isBase { return "take a base without it" }
        switch finding.part {
        case .document:
            return
                "take it out of ENV, ARG or LABEL, and give it to RUN by --mount=type=secret; what it opens must be changed, for it was written down"
        case .name, .linkTarget: return "give the file another name"
        case .content: break
        }
        if finding.rule.isKnownValue {
            return
                "do not write it to a file: what --mount=type=secret shows is gone with the step, a copy of it is not"
        }
        let word = instruction?.text.split(separator: " ").first.map(String.init) ?? ""
        if case .hidden = visibility {
            return
                "a later step cannot take it out of an earlier layer: make and delete it in one RUN, give it by --mount=type=secret, or use a stage of its own"
        }
        switch word {
        case "COPY", "ADD": return "name it in .dockerignore, or copy only what the program needs"
        case "RUN": return "give it to the step by --mount=type=secret, or make it in another stage"
        default: return "leave it out of the image; give it to the container when it starts"
        }
    }

    package func line(_ style: Style, isFatal: Bool) -> ShownText {
        let severity = isFatal && level == .high ? "error" : level == .low ? "note" : "warning"
        let head = style.paint("\(severity): \(finding.rule.rawValue)", severity == "error" ? .error : .warning)
        return "\(head): \(sentence): \(cure)\n"
    }
}

extension SecretReport {
    /// What a build or a push tells: what weighs, and how much else there is.
    package func summary(_ style: Style, isFatal: Bool) -> ShownText {
        let weighty = open.filter { $0.level > .low }
        var text: ShownText = ""
        for item in weighty.prefix(20) { text += item.line(style, isFatal: isFatal && !item.isBase) }
        if weighty.count > 20 {
            text += "and \(weighty.count - 20) more that look like secrets; distill secrets IMAGE shows all\n"
        }
        return text + entryLines(style)
    }

    /// Everything, for whoever asks.
    package func whole(_ style: Style) -> ShownText {
        var text: ShownText = ""
        for item in open { text += item.line(style, isFatal: !item.isBase) }
        for item in items {
            if let entry = item.allowed {
                text += "allowed: \(item.finding.rule.rawValue): \(item.sentence): \(entry.reason)\n"
            }
        }
        text += entryLines(style)
        if unopened > 0 {
            text += "note: \(unopened) archives are too large to be opened; their packed bytes were looked through\n"
        }
        let counts = SecretLevel.allCases.reversed().map { level in
            "\(open.count { $0.level == level }) \(level.rawValue)"
        }
        return text
            + "\(image): \(counts.joined(separator: ", ")); \(scannedLayers) of \(layerCount) layers looked through\n"
    }

    private func entryLines(_ style: Style) -> ShownText {
        var text: ShownText = ""
        for entry in expiredEntries {
            text +=
                "\(style.paint("warning:", .warning)) \(AllowFile.usualName):\(entry.line): this entry ended on \(entry.until ?? "")\n"
        }
        for entry in unusedEntries {
            text +=
                "\(style.paint("warning:", .warning)) \(AllowFile.usualName):\(entry.line): this entry allows nothing that is in the image\n"
        }
        return text
    }

    /// Findings as tools for code scanning read them (SARIF 2.1.0).
    package static func sarif(_ reports: [SecretReport]) -> JSON {
        let items = reports.flatMap { report in report.items.map { (report.image, $0) } }
        let rules = SecretRule.allCases.filter { rule in items.contains { $0.1.finding.rule == rule } }
        return .object([
            "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"), "version": .string("2.1.0"),
            "runs": .array([
                .object([
                    "tool": .object([
                        "driver": .object([
                            "name": .string("distill"), "version": .string(ToolVersion.text),
                            "rules": .array(
                                rules.map {
                                    .object([
                                        "id": .string($0.rawValue),
                                        "shortDescription": .object(["text": .string($0.words)]),
                                    ])
                                }),
                        ])
                    ]),
                    "results": .array(items.map { $0.1.sarif($0.0) }),
                ])
            ]),
        ])
    }
}

extension SecretReport.Item {
    fileprivate func sarif(_ image: String) -> JSON {
        let level = isBase || self.level == .low ? "note" : self.level == .high ? "error" : "warning"
        var location: JSONObject
        if let file = instruction?.file, let line = instruction?.line {
            location = [
                "artifactLocation": .object(["uri": .string(file)]),
                "region": .object(["startLine": .integer(Int64(line))]),
            ]
        } else {
            location = ["artifactLocation": .object(["uri": .string(finding.path)])]
            if finding.part == .content, finding.member == nil {
                location["region"] = .object(["byteOffset": .integer(finding.offset)])
            }
        }
        var result: JSONObject = [
            "ruleId": .string(finding.rule.rawValue), "level": .string(level),
            "message": .object(["text": .string("\(image): \(sentence): \(cure)")]),
            "locations": .array([.object(["physicalLocation": .object(location)])]),
            "partialFingerprints": .object(["distillSecret/v1": .string(finding.fingerprint)]),
        ]
        if let allowed {
            result["suppressions"] = .array([
                .object(["kind": .string("external"), "justification": .string(allowed.reason)])
            ])
        }
        return .object(result)
    }
}

package import Inspection
package import OCI
package import Rendering

/// What the check has to say of one image, of one or of several.
package struct PlatformReport {
    /// Of several; nil for the only one.
    package let platform: Platform?
    package let report: ClosureCheck.Report

    package init(platform: Platform?, report: ClosureCheck.Report) { (self.platform, self.report) = (platform, report) }

    /// Its findings as lines, and what there is to say besides.
    ///
    /// - Parameters:
    ///   - image: what a person calls it.
    ///   - service: whose image it is, of several.
    package func text(_ image: String, of service: String? = nil, showsUnknown: Bool, _ style: Style) -> ShownText {
        let place: ShownText = (platform?.description ?? service).map { "\($0): " } ?? ""
        var text = report.findings.map { "\(place)\($0.line(nil, style))" as ShownText }.joined()
        if !report.cannotStart { text += "\(place)\(report.summary(image))\n" }
        if showsUnknown { for item in report.unknown { text += "\(place)unknown: \(item.sentence)\n" } }
        return text
    }
}

extension [PlatformReport] {
    /// One document: that of the only image, or all findings, each with its platform, and the documents of the images.
    package func json(_ image: String) -> JSON {
        if count == 1 { return self[0].report.json(image) }
        let findings = flatMap { item in
            item.report.findings.map { finding in
                var object = finding.object
                object["platform"] = .string(item.platform?.description ?? "")
                return JSON.object(object)
            }
        }
        return .object([
            "image": .string(image), "findings": .array(findings),
            "platforms": .array(
                map { item in
                    var object: JSONObject = ["platform": .string(item.platform?.description ?? "")]
                    for (name, value) in item.report.object(image).members { object[name] = value }
                    return .object(object)
                }),
        ])
    }
}

extension Finding {
    fileprivate var object: JSONObject {
        var item: JSONObject = [
            "name": .string(name), "severity": .string(severity.rawValue), "message": .string(fact),
        ]
        if let fix { item["fix"] = .string(fix) }
        if !chain.isEmpty { item["chain"] = .array(chain.map { .string($0) }) }
        return item
    }
}

extension ClosureCheck.Report {
    /// What to say when nothing is missing.
    package func summary(_ image: String) -> String {
        if let start, let program { return "\(image): \(program) was started, and \(start.clause)" }
        guard let program else { return "\(image): it has neither ENTRYPOINT nor CMD, so there is nothing to check" }
        return findings.isEmpty ? "\(image): \(program) has what it needs" : "\(image): \(program) can start"
    }

    package func json(_ image: String) -> JSON { .object(object(image)) }

    /// The members of its document.
    package func object(_ image: String) -> JSONObject {
        var object: JSONObject = ["image": .string(image)]
        if let program { object["program"] = .string(program.description) }
        object["findings"] = .array(findings.map { .object($0.object) })
        if let start { object["start"] = start.json }
        if !unknown.isEmpty { object["unknown"] = .array(unknown.map { .string($0.sentence) }) }
        return object
    }
}

extension Unknown {
    /// What files do not tell, and why.
    package var sentence: String {
        switch self {
        case .computedCommand(let script, let text):
            "`\(script)` computes which command it starts" + (text == script ? "" : " (`\(text)`)")
        case .computedModule(let script): "`\(script)` computes which module it loads, or where modules are"
        case .unread(let path): "`\(path)` has a form that is not read"
        }
    }
}

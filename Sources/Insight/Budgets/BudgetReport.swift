import OCI
package import Rendering

/// What a budget came to, for people and for systems that run tests.
package enum BudgetReport {
    package static func text(_ verdicts: [BudgetVerdict], _ style: Style) -> ShownText {
        verdicts.map { verdict -> ShownText in
            let mark: ShownText = verdict.isKept ? style.paint("ok", .success) : style.paint("over", .error)
            let details = verdict.details.map { "        \($0)\n" as ShownText }.joined()
            return "\(mark)  \(verdict.rule): \(verdict.sentence)\n\(verdict.isKept ? "" : details)"
        }.joined()
    }

    /// JUnit's form: a test case for each rule.
    package static func junit(_ verdicts: [BudgetVerdict], image: String) -> String {
        let failures = verdicts.filter { !$0.isKept }.count
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites name=\"distill\" tests=\"\(verdicts.count)\" failures=\"\(failures)\">\n"
        text +=
            "  <testsuite name=\"budget \(XML.escaped(image))\" tests=\"\(verdicts.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"0\">\n"
        for verdict in verdicts {
            text += "    <testcase classname=\"distill.budget\" name=\"\(XML.escaped(verdict.rule))\""
            if verdict.isKept {
                text += "/>\n"
            } else {
                text += ">\n      <failure type=\"budget\" message=\"\(XML.escaped(verdict.sentence))\">"
                text += XML.escaped(verdict.details.joined(separator: "\n")) + "</failure>\n    </testcase>\n"
            }
        }
        return text + "  </testsuite>\n</testsuites>\n"
    }
}

/// Text within a document of XML or HTML.
enum XML {
    /// With references for what has a meaning there; characters that XML 1.0 has no form for are replaced.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                let isAllowed =
                    scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0xFFFE
                    && scalar.value != 0xFFFF
                result.unicodeScalars.append(isAllowed ? scalar : "\u{FFFD}")
            }
        }
        return result
    }
}

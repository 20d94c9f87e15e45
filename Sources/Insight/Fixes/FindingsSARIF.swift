package import Inspection
package import OCI

/// Fixes as tools for code scanning read them (SARIF 2.1.0): those whose line in the Dockerfile is known have a place.
package enum FindingsSARIF {
    package static func document(_ explanation: Explanation, _ verdicts: [BudgetVerdict]) -> JSON {
        let words = InsightWords(explanation)
        let findings =
            explanation.fixes.map { result($0, explanation, words) }
            + verdicts.filter { !$0.isKept }.map { result($0, explanation) }
        let names = Set(explanation.fixes.map(\.id)).sorted() + (verdicts.contains { !$0.isKept } ? ["Budget"] : [])
        return .object([
            "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"), "version": .string("2.1.0"),
            "runs": .array([
                .object([
                    "tool": .object([
                        "driver": .object([
                            "name": .string("distill"), "version": .string(ToolVersion.text),
                            "rules": .array(
                                names.map {
                                    .object([
                                        "id": .string($0), "shortDescription": .object(["text": .string(summary($0))]),
                                    ])
                                }),
                        ])
                    ]),
                    "results": .array(findings),
                ])
            ]),
        ])
    }

    private static func summary(_ id: String) -> String {
        switch id {
        case "SecondStage": "The program needs nothing else of the image"
        case "PackageCacheKept": "A package manager's cache stays in the image"
        case "LeftoverFiles": "Temporary files, logs or backups stay in the image"
        case "OwnershipChangeCopies": "A change of owners or modes copies files into another layer"
        case "OverwrittenLater": "Files are written again by a later layer"
        case "DeletedLater": "Files that a later layer deletes stay in a lower one"
        case "Documentation": "Documentation and manuals are in the image"
        case "OtherLocales": "Messages in other languages are in the image"
        case "Headers": "Headers and static libraries are in the image"
        case "Tests": "Test suites of libraries are in the image"
        case "SourceMaps": "Source maps are in the image"
        case "RecommendedPackages": "Packages are there that others only recommend"
        case "BuildToolsInFinalStage": "The image holds tools that only the build needs"
        case "ContextLeftovers": "Files of the context are in the image that an ignore file would leave out"
        case "DevelopmentPackages": "Packages for development are in the image"
        case "Duplicates": "Files have the same bytes"
        default: "The image is over its budget"
        }
    }

    private static func result(_ fix: Fix, _ explanation: Explanation, _ words: InsightWords) -> JSON {
        let step = fix.layer.flatMap { explanation.steps.indices.contains($0) ? explanation.steps[$0] : nil }
        let total = explanation.sums.total
        let share = Share.text(fix.saving.alone, of: total)
        let saving = fix.method == .none ? "" : ": saves \(fix.saving.alone) bytes (\(share))"
        let message = words.title(fix) + saving
        return .object([
            "ruleId": .string(fix.id), "level": .string(fix.severity(of: total).rawValue),
            "message": .object(["text": .string(message)]),
            "locations": .array(location(step)),
        ])
    }

    private static func location(_ step: LayerStep?) -> [JSON] {
        guard let step, let lines = step.lines else { return [] }
        return [
            .object([
                "physicalLocation": .object([
                    "artifactLocation": .object(["uri": .string(step.file ?? "Dockerfile")]),
                    "region": .object([
                        "startLine": .integer(Int64(lines.lowerBound)), "endLine": .integer(Int64(lines.upperBound)),
                    ]),
                ])
            ])
        ]
    }

    private static func result(_ verdict: BudgetVerdict, _ explanation: Explanation) -> JSON {
        let details = verdict.details.isEmpty ? "" : ": " + verdict.details.joined(separator: "; ")
        let message = "\(verdict.rule): \(verdict.sentence)\(details)"
        return .object([
            "ruleId": .string("Budget"), "level": .string("error"), "message": .object(["text": .string(message)]),
            "locations": .array([]),
        ])
    }
}

package import Inspection
package import OCI

/// What differs between two images, as JSON: `distill.difference`, version 1.
package struct DifferenceDocument {
    private let difference: ImageDifference

    package init(_ difference: ImageDifference) { self.difference = difference }

    package var json: JSON {
        .object([
            "schema": .string("distill.difference"), "version": .integer(1), "same": .bool(difference.isSame),
            "semantic": .bool(difference.isSemantic),
            "images": .array([image(difference.left), image(difference.right)]),
            "config": .array(
                difference.config.map {
                    .object(["name": .string($0.name), "left": text($0.left), "right": text($0.right)])
                }),
            "packages": .array(difference.packages.map(package)), "instructions": .array(difference.steps.map(step)),
            "files": .array(difference.files.map(file)),
        ])
    }

    private func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }

    private func number(_ value: Int64?) -> JSON { value.map(JSON.integer) ?? .null }

    private func image(_ explanation: Explanation) -> JSON {
        let sums = explanation.sums
        return .object([
            "reference": .string(explanation.name), "id": .string(explanation.id.description),
            "size": .integer(sums.total),
            "visible": .integer(sums.visible), "waste": .integer(sums.waste), "transfer": number(explanation.transfer),
            "layers": .integer(Int64(explanation.account.layers.count)),
        ])
    }

    private func package(_ change: ImageDifference.PackageChange) -> JSON {
        .object([
            "change": .string(change.kind.rawValue), "type": .string(change.ecosystem.rawValue),
            "name": .string(change.name), "left": text(change.left),
            "right": text(change.right), "bytes": .integer(change.bytes),
        ])
    }

    private func step(_ change: ImageDifference.StepChange) -> JSON {
        func lines(_ layer: Int?, _ explanation: Explanation) -> JSON {
            layer.flatMap {
                explanation.steps.indices.contains($0) ? ExplanationDocument.step(explanation.steps[$0]) : nil
            } ?? .null
        }
        return .object([
            "text": .string(change.text), "left": number(change.left), "right": number(change.right),
            "leftInstruction": lines(change.leftLayer, difference.left),
            "rightInstruction": lines(change.rightLayer, difference.right),
        ])
    }

    private func file(_ change: ImageDifference.FileChange) -> JSON {
        var object: JSONObject = [
            "path": .string(ExplanationDocument.text(change.path)), "changes": .strings(change.kinds.map(\.rawValue)),
        ]
        if let former = change.former { object["former"] = .string(ExplanationDocument.text(former)) }
        object["left"] = side(change.left, difference.left)
        object["right"] = side(change.right, difference.right)
        return .object(object)
    }

    private func side(_ place: Int?, _ explanation: Explanation) -> JSON {
        guard let place else { return .null }
        let visible = explanation.account.visible[place]
        let entry = explanation.account.entry(visible)
        return .object([
            "type": .string(entry.kind.word), "size": .integer(explanation.account.file(visible)?.size ?? 0),
            "mode": .string(String(entry.mode, radix: 8)),
            "owner": .string("\(entry.user):\(entry.group)"), "modified": .integer(entry.modified),
            "layer": .integer(Int64(visible.layer + 1)),
        ])
    }
}

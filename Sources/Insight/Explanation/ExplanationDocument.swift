package import Inspection
package import OCI

/// An explanation as JSON: `distill.explanation`, version 1. Later versions add members and change none.
package struct ExplanationDocument {
    package static let schema = "distill.explanation"
    package static let version: Int64 = 1

    let explanation: Explanation
    /// Whether every file is listed, too.
    package var includesFiles = false
    package var budget: [BudgetVerdict] = []
    /// Groups that were asked for.
    package var groups: (by: Grouping, groups: [ByteGroup])?

    private var words: InsightWords { InsightWords(explanation) }

    package init(_ explanation: Explanation) { self.explanation = explanation }

    package var json: JSON {
        var object: JSONObject = ["schema": .string(Self.schema), "version": .integer(Self.version), "image": image]
        object["layers"] = .array(explanation.account.layers.indices.map(layer))
        object["packages"] = .array(explanation.packages.packages.indices.map(package))
        object["reasons"] = .array(explanation.groups(by: .reason, limit: nil).map { Self.group($0, words, depth: 0) })
        object["findings"] = .array(explanation.fixes.enumerated().map { finding($1, rank: $0 + 1) })
        object["budget"] = .array(budget.map(\.json))
        if let groups {
            object["by"] = .string(groups.by.rawValue)
            object["groups"] = .array(groups.groups.map { Self.group($0, words, depth: 4) })
        }
        if includesFiles { object["files"] = .array(explanation.account.visible.indices.map(file)) }
        return .object(object)
    }

    private var image: JSON {
        let sums = explanation.sums
        var sizes: JSONObject = [
            "disk": .integer(sums.total), "transfer": explanation.transfer.map(JSON.integer) ?? .null,
        ]
        sizes["visible"] = .integer(sums.visible)
        sizes["shadowed"] = .integer(sums.overwritten)
        sizes["deleted"] = .integer(sums.deleted)
        sizes["files"] = .integer(Int64(sums.files))
        return .object([
            "reference": .string(explanation.name), "id": .string(explanation.id.description),
            "digest": explanation.manifest.map { .string($0.description) } ?? .null,
            "platform": .string(explanation.config.platform.description),
            "config": config, "sizes": .object(sizes),
        ])
    }

    private var config: JSON {
        let config = explanation.config
        var object: JSONObject = ["digest": .string(explanation.id.description)]
        object["created"] = config.created.map(JSON.string) ?? .null
        object["entrypoint"] = config.container.entrypoint.map { .strings($0) } ?? .null
        object["cmd"] = config.container.command.map { .strings($0) } ?? .null
        object["user"] = .string(config.container.user)
        object["workingDirectory"] = .string(config.container.workingDirectory)
        return .object(object)
    }

    private func layer(_ index: Int) -> JSON {
        let sums = explanation.account.sums(of: index)
        var object: JSONObject = [
            "diffID": .string(explanation.config.layers[index].description), "size": .integer(sums.total),
        ]
        object["compressed"] = explanation.transferSizes[index].map(JSON.integer) ?? .null
        object["visible"] = .integer(sums.visible)
        object["shadowed"] = .integer(sums.overwritten)
        object["deleted"] = .integer(sums.deleted)
        object["files"] = .integer(Int64(sums.files))
        object["instruction"] = index < explanation.steps.count ? Self.step(explanation.steps[index]) : .null
        return .object(object)
    }

    static func step(_ step: LayerStep) -> JSON {
        guard step != LayerStep() else { return .null }
        return .object([
            "file": step.file.map(JSON.string) ?? .null,
            "line": step.lines.map { .integer(Int64($0.lowerBound)) } ?? .null,
            "endLine": step.lines.map { .integer(Int64($0.upperBound)) } ?? .null,
            "text": step.text.map(JSON.string) ?? .null,
            "stage": step.stage.map(JSON.string) ?? .null, "base": step.isBase.map(JSON.bool) ?? .null,
        ])
    }

    private func package(_ place: Int) -> JSON {
        let package = explanation.packages.packages[place]
        var object: JSONObject = ["purl": .string(package.packageURL), "type": .string(package.ecosystem.rawValue)]
        object["name"] = .string(package.displayName)
        object["version"] = .string(package.version)
        object["bytes"] = .integer(package.bytes)
        object["files"] = .integer(Int64(package.files))
        object["layer"] = .integer(Int64(package.layer + 1))
        object["installedBy"] =
            package.layer < explanation.steps.count ? Self.step(explanation.steps[package.layer]) : .null
        object["requested"] = package.isRequested.map(JSON.bool) ?? .null
        object["development"] = .bool(package.isForDevelopment)
        object["recommendedOnly"] = .bool(explanation.packages.isOnlyRecommended(place))
        object["chain"] = .strings(
            explanation.packages.chain(to: place).map { explanation.packages.packages[$0].displayName })
        return .object(object)
    }

    private func finding(_ fix: Fix, rank: Int) -> JSON {
        let paths = fix.files.prefix(100).map { Self.text(explanation.account.layers[$0.layer].entries[$0.entry].path) }
        var saving: JSONObject = ["method": .string(fix.method.rawValue)]
        if fix.method != .none {
            saving["alone"] = .integer(fix.saving.alone)
            saving["after"] = .integer(fix.saving.after)
        }
        if let transfer = fix.transfer {
            saving["transferAlone"] = .integer(transfer.alone)
            saving["transferAfter"] = .integer(transfer.after)
        }
        var object: JSONObject = ["id": .string(fix.id), "rank": .integer(Int64(rank))]
        object["severity"] = .string(fix.severity(of: explanation.sums.total).rawValue)
        object["message"] = .string(words.title(fix))
        object["layer"] = fix.layer.map { .integer(Int64($0 + 1)) } ?? .null
        object["instruction"] =
            fix.layer.flatMap { $0 < explanation.steps.count ? Self.step(explanation.steps[$0]) : nil } ?? .null
        object["paths"] = .strings(paths)
        object["pathCount"] = .integer(Int64(fix.files.count))
        object["bytes"] = .integer(fix.saving.alone)
        let patch: JSON = fix.patch.map { .strings(InsightPatch.lines($0)) } ?? .null
        object["fix"] = .object(["kind": .string(fix.kindName), "patch": patch, "saving": .object(saving)])
        return .object(object)
    }

    private func file(_ place: Int) -> JSON {
        let visible = explanation.account.visible[place]
        let entry = explanation.account.entry(visible)
        var object: JSONObject = ["path": .string(Self.text(visible.path)), "type": .string(entry.kind.word)]
        object["size"] = .integer(explanation.account.file(visible)?.size ?? 0)
        object["bytes"] = .integer(visible.bytes)
        object["mode"] = .string(String(entry.mode, radix: 8))
        object["owner"] = .string("\(entry.user):\(entry.group)")
        object["layer"] = .integer(Int64(visible.layer + 1))
        object["reason"] = .string(explanation.reasons[place].rawValue)
        object["package"] =
            explanation.owner(place).map { .string(explanation.packages.packages[$0].packageURL) } ?? .null
        return .object(object)
    }

    static func group(_ group: ByteGroup, _ words: InsightWords, depth: Int) -> JSON {
        var object: JSONObject = [
            "label": .string(words.label(group.label)), "bytes": .integer(group.bytes),
            "files": .integer(Int64(group.files)),
        ]
        if depth > 0, !group.parts.isEmpty {
            object["parts"] = .array(group.parts.map { Self.group($0, words, depth: depth - 1) })
        }
        return .object(object)
    }

    static func text(_ path: [UInt8]) -> String { "/" + String(decoding: path, as: UTF8.self) }
}

extension LayerRecord.Entry.Kind {
    /// As it stands in JSON.
    package var word: String {
        switch self {
        case .file: "file"
        case .directory: "directory"
        case .symbolicLink: "symlink"
        case .hardLink: "hardlink"
        case .characterDevice: "character-device"
        case .blockDevice: "block-device"
        case .fifo: "fifo"
        case .whiteout: "whiteout"
        case .opaque: "opaque"
        }
    }
}

extension Fix {
    /// What has to change, as it stands in JSON.
    package var kindName: String {
        switch kind {
        case .secondStage: "stage"
        case .cache, .documentation, .locales, .headers, .tests, .sourceMaps, .deletedLater: "remove-in-step"
        case .ownership: "copy-with-owner"
        case .overwritten: "write-once"
        case .recommends: "no-recommends"
        case .buildTools: "earlier-stage"
        case .contextLeftovers: "ignore-file"
        case .developmentPackages: "prune"
        case .duplicates: "link"
        }
    }
}

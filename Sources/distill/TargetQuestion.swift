import BuildGraph
import Dockerfile
import Engine
import OCI
import Rendering

/// What is asked about a target in place of building it (`--call`).
struct TargetQuestion {
    private enum Kind { case check, outline, targets }

    private let kind: Kind
    private let isJSON: Bool

    /// - Parameter text: as docker's option has it; nil as `build`.
    /// - Returns: nil for a target that is to be built.
    init?(call text: String?) throws {
        let text = text ?? ""
        let fields = try CommaSeparated.fields(text, of: "--call")
        switch fields.first ?? "" {
        case "", "build": return nil
        case "check", "lint": kind = .check
        case "outline": kind = .outline
        case "targets": kind = .targets
        default: throw Self.unknown(text)
        }
        switch fields.dropFirst().joined(separator: ",") {
        case "", "format=text": isJSON = false
        case "format=json": isJSON = true
        default: throw Self.unknown(text)
        }
    }

    private static func unknown(_ text: String) -> InvalidOption {
        InvalidOption(
            name: "--call", value: text,
            reason: "known are build, check, outline and targets, and behind the last three ,format=json")
    }

    func answer(_ specification: BuildSpecification, on engine: Engine) async throws -> TargetAnswer {
        switch kind {
        case .check:
            let review = try await engine.review(specification)
            let format: CheckFormat = isJSON ? .json : .plain
            return TargetAnswer(text: format.text([review], Distill.outputStyle), fails: review.fails)
        case .outline:
            let file = try await engine.dockerfile(of: specification).file
            let outline = try DockerfileOutline(file, target: specification.request.target)
            return TargetAnswer(text: isJSON ? Self.json(outline) : Self.text(outline))
        case .targets:
            let targets = try DockerfileTarget.list(try await engine.dockerfile(of: specification).file)
            return TargetAnswer(text: isJSON ? Self.json(targets) : Self.text(targets))
        }
    }

    private static func text(_ outline: DockerfileOutline) -> ShownText {
        var text: ShownText = "TARGET: \(ShownText(line: outline.name ?? "(default)"))\n"
        if let details = outline.details { text += "DESCRIPTION: \(ShownText(line: details))\n" }
        if !outline.arguments.isEmpty {
            var table = Table(header: ["BUILD ARG", "VALUE", "DESCRIPTION"])
            for argument in outline.arguments {
                table.append([argument.name, argument.value ?? "", argument.details ?? ""])
            }
            text += "\n\(table.text)"
        }
        for (title, names) in [("SECRET", outline.secrets), ("SSH", outline.agents)] where !names.isEmpty {
            var table = Table(header: [title])
            for name in names { table.append([name]) }
            text += "\n\(table.text)"
        }
        return text
    }

    private static func text(_ targets: [DockerfileTarget]) -> ShownText {
        var table = Table(header: ["TARGET", "DESCRIPTION"])
        for target in targets {
            let name = target.name.map { target.isDefault ? "\($0) (default)" : $0 }
            table.append([name ?? (target.isDefault ? "(default)" : "(no name)"), target.details ?? ""])
        }
        return table.text
    }

    private static func json(_ outline: DockerfileOutline) -> ShownText {
        var object = JSONObject()
        object["name"] = outline.name.map(JSON.string)
        object["description"] = outline.details.map(JSON.string)
        object["args"] = .array(
            outline.arguments.map { argument in
                var object: JSONObject = ["name": .string(argument.name)]
                object["description"] = argument.details.map(JSON.string)
                object["value"] = argument.value.map(JSON.string)
                return .object(object)
            })
        object["secrets"] = .array(outline.secrets.map { .object(["name": .string($0)]) })
        object["ssh"] = .array(outline.agents.map { .object(["name": .string($0)]) })
        return "\(ShownText(json: JSON.object(object).indentedText))\n"
    }

    private static func json(_ targets: [DockerfileTarget]) -> ShownText {
        let list = targets.map { target in
            var object: JSONObject = ["base": .string(target.base)]
            object["name"] = target.name.map(JSON.string)
            object["description"] = target.details.map(JSON.string)
            if target.isDefault { object["default"] = .bool(true) }
            return JSON.object(object)
        }
        return "\(ShownText(json: JSON.object(["targets": .array(list)]).indentedText))\n"
    }
}

/// What was found about a target.
struct TargetAnswer: Sendable {
    let text: ShownText
    /// Whether the Dockerfile cannot be built.
    var fails = false
}

import BuildGraph
import Dockerfile
import Engine
import OCI
import Storage

extension ServedEngine {
    /// `--call`: what is asked about a Dockerfile, without building it.
    ///
    /// - Returns: the metadata of the answer.
    func review(_ question: String, _ frontend: FrontendRequest, for job: SolveJob) async throws -> [String: [UInt8]] {
        let session = try await session(job.request.session)
        return try await withEngine { engine in
            var build = SessionBuild(
                served: self, engine: engine, session: session, frontend: frontend, log: job.log,
                job: job.request.reference,
                entitlements: job.request.entitlements)
            build.need = .dockerfile
            let specification = try await build.specification()
            switch question {
            case "frontend.lint": return Self.lint(try await engine.review(specification))
            case "frontend.targets": return try Self.targets(try await engine.dockerfile(of: specification).file)
            case "frontend.outline":
                return try Self.outline(
                    try await engine.dockerfile(of: specification).file, target: specification.request.target)
            case "frontend.subrequests.describe": return Self.describe()
            default: throw APIError.unsupportedFrontend(question)
            }
        }
    }

    private static func metadata(_ json: JSON, _ text: String, status: Int = 0) -> [String: [UInt8]] {
        var result = ["result.json": json.bytes, "result.txt": Array(text.utf8), "version": Array("1.0.0".utf8)]
        if status != 0 { result["result.statuscode"] = Array(String(status).utf8) }
        return result
    }

    private static func lint(_ review: DockerfileReview) -> [String: [UInt8]] {
        let findings = review.findings.filter { $0.severity == .warning }
        let warnings = findings.map { finding in
            let name = finding.code.description
            return JSON.object([
                "ruleName": .string(name), "description": .string(finding.message), "url": .string(""),
                "detail": .string(finding.message),
                "location": .object(["sourceIndex": .integer(0), "ranges": .array([json(finding.range)])]),
            ])
        }
        var object: JSONObject = ["warnings": .array(warnings), "sources": .array([info(review.source)])]
        if let error = review.findings.first(where: { $0.severity == .error }) {
            object["buildError"] = .object([
                "message": .string(error.message),
                "location": .object(["sourceIndex": .integer(0), "ranges": .array([json(error.range)])]),
            ])
        }
        let text = findings.map {
            "WARNING: \($0.code.description)\n\($0.message)\n\(review.source.name):\($0.range.lines.lowerBound)\n"
        }.joined(separator: "\n")
        return metadata(.object(object), text, status: findings.isEmpty && !review.fails ? 0 : 1)
    }

    private static func parsed(_ file: SourceFile) throws -> DockerfileSyntax {
        do { return try DockerfileSyntax.parse(file) } catch { throw SourcedError(error: error, source: file) }
    }

    private static func targets(_ file: SourceFile) throws -> [String: [UInt8]] {
        let syntax = try parsed(file)
        let list = syntax.stages.enumerated().map { index, stage in
            var object: JSONObject = [:]
            if let name = stage.name { object["name"] = .string(name) }
            if index == syntax.stages.count - 1 { object["default"] = .bool(true) }
            object["base"] = .string(stage.from.base.text)
            if let description = stage.from.description { object["description"] = .string(description) }
            object["location"] = .object(["sourceIndex": .integer(0), "ranges": .array([json(stage.opening.range)])])
            return JSON.object(object)
        }
        let lines = syntax.stages.enumerated().map { index, stage in
            let name = stage.name ?? "(default)"
            return index == syntax.stages.count - 1 && stage.name != nil ? "\(name) (default)" : name
        }
        let text = "TARGET\n" + lines.map { $0 + "\n" }.joined()
        return metadata(
            .object(["targets": .array(list), "sources": .array([.string(Base64.encode(file.bytes))])]), text)
    }

    /// A comment above an instruction that begins with the name that it defines.
    private static func comment(of instruction: Instruction, naming name: String?) -> String? {
        guard let name, let line = instruction.comments.last else { return nil }
        let words = line.drop { $0 == " " }
        guard words.lowercased().hasPrefix(name.lowercased() + " ") else { return nil }
        return String(words.dropFirst(name.count + 1))
    }

    private static func outline(_ file: SourceFile, target: String?) throws -> [String: [UInt8]] {
        let syntax = try parsed(file)
        let stage = syntax.stages.last { $0.name == target?.lowercased() } ?? syntax.stages.last
        var arguments: [JSON] = []
        var seen: Set<String> = []
        for instruction in syntax.globalArguments + (stage?.instructions ?? []) {
            guard case .arg(let definitions) = instruction.kind else { continue }
            for definition in definitions where seen.insert(definition.name.text).inserted {
                var object: JSONObject = ["name": .string(definition.name.text)]
                if let description = comment(of: instruction, naming: definition.name.text) {
                    object["description"] = .string(description)
                }
                if let value = definition.value { object["value"] = .string(value.text) }
                object["location"] = .object(["sourceIndex": .integer(0), "ranges": .array([json(instruction.range)])])
                arguments.append(.object(object))
            }
        }
        func mounts(_ type: String) -> JSON {
            .array(ClientMounts.ids(of: type, in: file).map { .object(["name": .string($0)]) })
        }
        var object: JSONObject = [:]
        if let name = stage?.name { object["name"] = .string(name) }
        if let description = stage?.from.description { object["description"] = .string(description) }
        object["args"] = .array(arguments)
        object["secrets"] = mounts("secret")
        object["ssh"] = mounts("ssh")
        object["sources"] = .array([.string(Base64.encode(file.bytes))])
        let text = "TARGET: \(stage?.name ?? "(default)")\n"
        return metadata(.object(object), text)
    }

    private static func describe() -> [String: [UInt8]] {
        let names = ["frontend.lint", "frontend.outline", "frontend.targets", "frontend.subrequests.describe"]
        let list = names.map {
            JSON.object([
                "name": .string($0), "version": .string("1.0.0"), "type": .string("rpc"), "description": .string($0),
            ])
        }
        return metadata(.array(list), names.map { $0 + "\n" }.joined())
    }
}

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

    private static func targets(_ file: SourceFile) throws -> [String: [UInt8]] {
        let targets = try DockerfileTarget.list(file)
        let list = targets.map { target in
            var object: JSONObject = [:]
            if let name = target.name { object["name"] = .string(name) }
            if target.isDefault { object["default"] = .bool(true) }
            object["base"] = .string(target.base)
            if let details = target.details { object["description"] = .string(details) }
            object["location"] = .object(["sourceIndex": .integer(0), "ranges": .array([json(target.range)])])
            return JSON.object(object)
        }
        let lines = targets.map { "\($0.name ?? "(default)")\($0.isDefault && $0.name != nil ? " (default)" : "")\n" }
        return metadata(
            .object(["targets": .array(list), "sources": .array([.string(Base64.encode(file.bytes))])]),
            "TARGET\n" + lines.joined())
    }

    private static func outline(_ file: SourceFile, target: String?) throws -> [String: [UInt8]] {
        let outline = try DockerfileOutline(file, target: target)
        let arguments = outline.arguments.map { argument in
            var object: JSONObject = ["name": .string(argument.name)]
            if let details = argument.details { object["description"] = .string(details) }
            if let value = argument.value { object["value"] = .string(value) }
            object["location"] = .object(["sourceIndex": .integer(0), "ranges": .array([json(argument.range)])])
            return JSON.object(object)
        }
        func named(_ ids: [String]) -> JSON { .array(ids.map { .object(["name": .string($0)]) }) }
        var object: JSONObject = [:]
        if let name = outline.name { object["name"] = .string(name) }
        if let details = outline.details { object["description"] = .string(details) }
        object["args"] = .array(arguments)
        object["secrets"] = named(outline.secrets)
        object["ssh"] = named(outline.agents)
        object["sources"] = .array([.string(Base64.encode(file.bytes))])
        return metadata(.object(object), "TARGET: \(outline.name ?? "(default)")\n")
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

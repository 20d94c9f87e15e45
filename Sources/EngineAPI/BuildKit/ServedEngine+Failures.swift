import BuildGraph
import Dockerfile
import Engine
import OCI
import Solver

extension ServedEngine {
    /// An error as the end of a call. What people are to read has no other code: clients put others' names before it.
    func status(_ error: any Error) -> GRPCStatus {
        if let status = error as? GRPCStatus { return status }
        if error is CancellationError { return GRPCStatus(.cancelled, "context canceled") }
        if error is ProtobufError { return GRPCStatus(.invalidArgument, "the message cannot be read") }
        var details: [GRPCStatus.Detail] = []
        if let sourced = error as? SourcedError { details += Self.details(sourced) }
        return GRPCStatus(.unknown, describe(Self.worded(error)).sentence, details: details)
    }

    /// A mistake in a Dockerfile, as both of docker's builders tell it; nil for anything else.
    static func mistake(_ error: any Error) -> APIError? {
        guard let sourced = error as? SourcedError, let found = (sourced.error as? DockerfileError)?.diagnostics.first,
            case .error(let code) = found.code
        else { return nil }
        switch code {
        case .unknownInstruction, .invalidArguments, .invalidJSON, .unknownFlag, .invalidFlag, .invalidMount,
            .invalidHeredoc, .invalidStageName, .missingFrom, .invalidOnBuild, .invalidExpansion, .invalidPort,
            .invalidDirective, .lineTooLong, .notUTF8, .unsupported:
            return .badDockerfile(found)
        case .emptyFile, .unknownStage, .circularStages, .invalidBaseName, .invalidPlatform, .invalidSource,
            .invalidIgnorePattern:
            return nil
        }
    }

    /// A command that ended with something else than 0, and a mistake, in BuildKit's words.
    private static func worded(_ error: any Error) -> any Error {
        if let mistake = mistake(error) { return mistake }
        guard let sourced = error as? SourcedError, let step = sourced.error as? BuildError,
            case .commandFailed(let status, let arguments, _) = step.cause
        else { return error }
        return APIError.stepFailed(status: status, command: arguments.joined(separator: " "))
    }

    /// Where in the Dockerfile it is, and how the command ended.
    private static func details(_ sourced: SourcedError) -> [GRPCStatus.Detail] {
        var ranges: [SourceRange] = []
        var details: [GRPCStatus.Detail] = []
        switch sourced.error {
        case let error as DockerfileError:
            ranges = error.diagnostics.prefix(1).map(\.range).map { range in
                sourced.source.instruction(at: range.lines.lowerBound) ?? range
            }
        case let error as UnknownImage: ranges = [error.range].compactMap { $0 }
        case let error as BuildError:
            ranges = [error.origin.range].compactMap { $0 }
            if case .commandFailed(let status, _, _) = error.cause {
                let code: JSON = .object(["Code": .integer(Int64(status))])
                details.append(.init(type: "github.com/moby/buildkit/gatewayapi.ExitMessage+json", value: code.bytes))
            }
        default: break
        }
        if !ranges.isEmpty {
            let source: JSON = .object(["info": info(sourced.source), "ranges": .array(ranges.map(json))])
            details.append(.init(type: "github.com/moby/buildkit/errdefs.Source+json", value: source.bytes))
        }
        return details
    }

    static func info(_ source: SourceFile) -> JSON {
        .object([
            "filename": .string(source.name), "data": .string(Base64.encode(Array(source.bytes.prefix(1 << 20)))),
            "language": .string("Dockerfile"),
        ])
    }

    static func json(_ range: SourceRange) -> JSON {
        .object([
            "start": .object(["line": .integer(Int64(range.lines.lowerBound))]),
            "end": .object(["line": .integer(Int64(range.lines.upperBound))]),
        ])
    }
}

/// The stable name of a kind of error in a Dockerfile. The names of checks are those of ``Rule``.
package enum DiagnosticCode: Hashable, Sendable, CustomStringConvertible {
    case error(SyntaxErrorCode)
    case rule(Rule.Name)

    package var description: String {
        switch self {
        case .error(let code): code.rawValue
        case .rule(let name): name.rawValue
        }
    }
}

/// What is wrong with a Dockerfile that cannot be built.
package enum SyntaxErrorCode: String, Hashable, Sendable, CaseIterable {
    case emptyFile = "EmptyFile"
    case notUTF8 = "NotUTF8"
    case lineTooLong = "LineTooLong"
    case invalidDirective = "InvalidDirective"
    case unknownInstruction = "UnknownInstruction"
    case invalidArguments = "InvalidArguments"
    case invalidJSON = "InvalidJSON"
    case unknownFlag = "UnknownFlag"
    case invalidFlag = "InvalidFlag"
    case invalidMount = "InvalidMount"
    case invalidHeredoc = "InvalidHeredoc"
    case invalidStageName = "InvalidStageName"
    case missingFrom = "MissingFrom"
    case invalidOnBuild = "InvalidOnBuild"
    case invalidExpansion = "InvalidExpansion"
    case unknownStage = "UnknownStage"
    case circularStages = "CircularStages"
    case invalidBaseName = "InvalidBaseName"
    case invalidPlatform = "InvalidPlatform"
    case invalidPort = "InvalidPort"
    case invalidSource = "InvalidSource"
    case invalidIgnorePattern = "InvalidIgnorePattern"
    case unsupported = "Unsupported"
}

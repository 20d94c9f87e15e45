/// A build check: a name, what it looks for, and how it looks.
public struct Rule: Sendable {
    /// The checks of the reference (docs, "Build checks"), by their names.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        case stageNameCasing = "StageNameCasing"
        case fromAsCasing = "FromAsCasing"
        case noEmptyContinuation = "NoEmptyContinuation"
        case consistentInstructionCasing = "ConsistentInstructionCasing"
        case duplicateStageName = "DuplicateStageName"
        case reservedStageName = "ReservedStageName"
        case jsonArgsRecommended = "JSONArgsRecommended"
        case maintainerDeprecated = "MaintainerDeprecated"
        case undefinedArgInFrom = "UndefinedArgInFrom"
        case workdirRelativePath = "WorkdirRelativePath"
        case undefinedVar = "UndefinedVar"
        case multipleInstructionsDisallowed = "MultipleInstructionsDisallowed"
        case legacyKeyValueFormat = "LegacyKeyValueFormat"
        case invalidBaseImagePlatform = "InvalidBaseImagePlatform"
        case redundantTargetPlatform = "RedundantTargetPlatform"
        case secretsUsedInArgOrEnv = "SecretsUsedInArgOrEnv"
        case invalidDefaultArgInFrom = "InvalidDefaultArgInFrom"
        case fromPlatformFlagConstDisallowed = "FromPlatformFlagConstDisallowed"
        case copyIgnoredFile = "CopyIgnoredFile"
        case invalidDefinitionDescription = "InvalidDefinitionDescription"
        case exposeProtoCasing = "ExposeProtoCasing"
        case exposeInvalidFormat = "ExposeInvalidFormat"
    }

    public let name: Name
}

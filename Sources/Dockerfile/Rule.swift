/// A build check: a name, what it looks for, and how it looks.
package struct Rule: Sendable {
    package enum Name: String, Hashable, Sendable, CaseIterable {
        // The checks of the reference, by their names.
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
        // What the reference does not look for: size, and who the program runs as.
        case packageCacheKept = "PackageCacheKept"
        case buildToolsInFinalStage = "BuildToolsInFinalStage"
        case finalStageWithoutUser = "FinalStageWithoutUser"
        case baseNotPinned = "BaseNotPinned"
        case secretInDockerfile = "SecretInDockerfile"
        case ownershipChangeCopies = "OwnershipChangeCopies"
        case singleStageCompile = "SingleStageCompile"
        case runAsksForRights = "RunAsksForRights"
    }

    /// Whether a rule is on unless it is switched off, or off unless it is switched on.
    package enum Standing: Hashable, Sendable { case stable, experimental }

    package let name: Name
    /// One sentence: what is wrong where the rule finds something.
    package let summary: String
    package let standing: Standing
    let check: @Sendable (CheckInput) -> [Finding]

    init(
        _ name: Name, _ summary: String, _ check: @escaping @Sendable (CheckInput) -> [Finding],
        standing: Standing = .stable
    ) {
        (self.name, self.summary, self.standing, self.check) = (name, summary, standing, check)
    }

    /// The page that explains the rule, below the repository's root.
    package var page: String { "docs/checks/\(name.rawValue).md" }
}

/// What a rule says about one place.
struct Finding {
    let range: SourceRange
    let message: String
    var hint: String?
}

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

    /// What comes of it if nobody acts, from the worst: findings are told in this order.
    package enum Harm: Int, Hashable, Sendable, Comparable {
        /// Somebody gets what he should not have.
        case exposure
        /// The image, or the build of it, is not what was meant.
        case mistake
        /// It works, and costs space or time.
        case waste
        /// It is harder to read, or to keep.
        case style
        /// It may be as it should be: whoever knows the program decides.
        case advice

        package static func < (left: Harm, right: Harm) -> Bool { left.rawValue < right.rawValue }
    }

    package let name: Name
    /// One sentence: what is wrong where the rule finds something.
    package let summary: String
    package let standing: Standing
    package let harm: Harm
    let check: @Sendable (CheckInput) -> [Finding]

    init(
        _ name: Name, _ harm: Harm, _ summary: String, _ check: @escaping @Sendable (CheckInput) -> [Finding],
        standing: Standing = .stable
    ) {
        (self.name, self.harm, self.summary, self.standing, self.check) = (name, harm, summary, standing, check)
    }

    /// Whether a finding stands whatever follows in the file.
    package static func judgesInstructions(_ code: DiagnosticCode) -> Bool {
        guard case .rule(let name) = code else { return false }
        switch name {
        case .consistentInstructionCasing, .undefinedVar, .finalStageWithoutUser, .singleStageCompile,
            .buildToolsInFinalStage, .packageCacheKept,
            .ownershipChangeCopies, .multipleInstructionsDisallowed:
            return false
        default: return true
        }
    }

    package var severity: Diagnostic.Severity { harm == .advice ? .note : .warning }

    /// The page that explains the rule, below the repository's root.
    package var page: String { "docs/checks/\(name.rawValue).md" }
}

/// What a rule says about one place.
struct Finding {
    let range: SourceRange
    let message: String
    var hint: String?
}

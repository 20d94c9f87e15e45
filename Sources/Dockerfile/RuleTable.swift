extension Rule {
    /// Every rule, in the order of the reference, then our own.
    package static let all: [Rule] = reference + lessons

    /// The checks of the reference (its page "Build checks").
    static let reference: [Rule] = [
        Rule(.stageNameCasing, "Stage names are lower case", StageChecks.nameCasing),
        Rule(.fromAsCasing, "FROM and AS have the same letter case", StageChecks.asCasing),
        Rule(.noEmptyContinuation, "A blank line stands inside an instruction", FormatChecks.emptyContinuations),
        Rule(.consistentInstructionCasing, "All instructions have the same letter case", FormatChecks.casing),
        Rule(.duplicateStageName, "Two stages have the same name", StageChecks.duplicates),
        Rule(.reservedStageName, "A stage has a name that means something else", StageChecks.reserved),
        Rule(
            .jsonArgsRecommended, "In shell form the program does not get the signals that stop a container",
            CommandChecks.shellForms),
        Rule(.maintainerDeprecated, "MAINTAINER is deprecated in favour of a label", FormatChecks.maintainers),
        Rule(.undefinedArgInFrom, "FROM uses an ARG that is not declared", FromChecks.undefinedArguments),
        Rule(
            .workdirRelativePath, "A relative WORKDIR depends on the base image", VariableChecks.relativeWorkdirs),
        Rule(.undefinedVar, "A variable is used that is not defined", VariableChecks.undefined),
        Rule(
            .multipleInstructionsDisallowed, "Only the last CMD, ENTRYPOINT and HEALTHCHECK of a stage count",
            CommandChecks.repeated),
        Rule(
            .legacyKeyValueFormat, "ENV and LABEL with a space instead of = are deprecated", FormatChecks.legacyPairs),
        Rule(
            .invalidBaseImagePlatform, "The base image is for another platform than the one that is built for",
            FromChecks.basePlatforms),
        Rule(
            .redundantTargetPlatform, "--platform=$TARGETPLATFORM says what is the case anyway",
            FromChecks.redundantPlatforms),
        Rule(.secretsUsedInArgOrEnv, "ARG and ENV are no places for secrets", VariableChecks.secretNames),
        Rule(
            .invalidDefaultArgInFrom, "Without --build-arg the base image has no valid name",
            FromChecks.invalidDefaults),
        Rule(
            .fromPlatformFlagConstDisallowed, "A constant platform keeps the image from being built for others",
            FromChecks.constantPlatforms),
        Rule(
            .copyIgnoredFile, "A file is copied that the ignore file leaves out", VariableChecks.ignoredSources,
            standing: .experimental),
        Rule(
            .invalidDefinitionDescription, "A comment above ARG or FROM does not begin with the name that it describes",
            FormatChecks.descriptions, standing: .experimental),
        Rule(.exposeProtoCasing, "Protocols in EXPOSE are lower case", VariableChecks.portCasing),
        Rule(
            .exposeInvalidFormat, "EXPOSE takes a port of the container, no address or port of the host",
            VariableChecks.portMappings),
    ]

    /// What makes images large or unsafe and can be seen in the Dockerfile.
    static let lessons: [Rule] = [
        Rule(.packageCacheKept, "A package manager's cache stays in a layer", SizeChecks.packageCaches),
        Rule(.buildToolsInFinalStage, "The image holds tools that only the build needs", SizeChecks.buildTools),
        Rule(.finalStageWithoutUser, "The program runs as root", SafetyChecks.missingUser),
        Rule(.baseNotPinned, "The base image changes without the Dockerfile", SafetyChecks.unpinnedBases),
        Rule(.secretInDockerfile, "A secret becomes part of the image", SafetyChecks.secrets),
        Rule(
            .ownershipChangeCopies, "Changing owner or mode copies the files into another layer",
            SizeChecks.ownershipChanges),
        Rule(.singleStageCompile, "The compiler is shipped with the program", SizeChecks.singleStages),
        Rule(.runAsksForRights, "A step asks for rights over the machine that builds", SafetyChecks.rights),
    ]
}

extension Rule {
    /// Every rule, in the order of the reference, then our own.
    package static let all: [Rule] = reference + lessons

    /// The checks of the reference (its page "Build checks").
    static let reference: [Rule] = [
        Rule(.stageNameCasing, .style, "Stage names are lower case", StageChecks.nameCasing),
        Rule(.fromAsCasing, .style, "FROM and AS have the same letter case", StageChecks.asCasing),
        Rule(
            .noEmptyContinuation, .style, "A blank line stands inside an instruction", FormatChecks.emptyContinuations),
        Rule(.consistentInstructionCasing, .style, "All instructions have the same letter case", FormatChecks.casing),
        Rule(.duplicateStageName, .mistake, "Two stages have the same name", StageChecks.duplicates),
        Rule(.reservedStageName, .mistake, "A stage has a name that means something else", StageChecks.reserved),
        Rule(
            .jsonArgsRecommended, .mistake, "In shell form the program does not get the signals that stop a container",
            CommandChecks.shellForms),
        Rule(.maintainerDeprecated, .style, "MAINTAINER is deprecated in favour of a label", FormatChecks.maintainers),
        Rule(.undefinedArgInFrom, .mistake, "FROM uses an ARG that is not declared", FromChecks.undefinedArguments),
        Rule(
            .workdirRelativePath, .mistake, "A relative WORKDIR depends on the base image",
            VariableChecks.relativeWorkdirs),
        Rule(.undefinedVar, .mistake, "A variable is used that is not defined", VariableChecks.undefined),
        Rule(
            .multipleInstructionsDisallowed, .mistake, "Only the last CMD, ENTRYPOINT and HEALTHCHECK of a stage count",
            CommandChecks.repeated),
        Rule(
            .legacyKeyValueFormat, .style, "ENV and LABEL with a space instead of = are deprecated",
            FormatChecks.legacyPairs),
        Rule(
            .invalidBaseImagePlatform, .mistake,
            "The base image is for another platform than the one that is built for",
            FromChecks.basePlatforms),
        Rule(
            .redundantTargetPlatform, .style, "--platform=$TARGETPLATFORM says what is the case anyway",
            FromChecks.redundantPlatforms),
        Rule(.secretsUsedInArgOrEnv, .exposure, "ARG and ENV are no places for secrets", VariableChecks.secretNames),
        Rule(
            .invalidDefaultArgInFrom, .mistake, "Without --build-arg the base image has no valid name",
            FromChecks.invalidDefaults),
        Rule(
            .fromPlatformFlagConstDisallowed, .mistake,
            "A constant platform keeps the image from being built for others",
            FromChecks.constantPlatforms),
        Rule(
            .copyIgnoredFile, .mistake, "A file is copied that the ignore file leaves out",
            VariableChecks.ignoredSources,
            standing: .experimental),
        Rule(
            .invalidDefinitionDescription, .style,
            "A comment above ARG or FROM does not begin with the name that it describes",
            FormatChecks.descriptions, standing: .experimental),
        Rule(.exposeProtoCasing, .style, "Protocols in EXPOSE are lower case", VariableChecks.portCasing),
        Rule(
            .exposeInvalidFormat, .mistake, "EXPOSE takes a port of the container, no address or port of the host",
            VariableChecks.portMappings),
    ]

    /// What makes images large or unsafe and can be seen in the Dockerfile.
    static let lessons: [Rule] = [
        Rule(.packageCacheKept, .waste, "A package manager's cache stays in a layer", SizeChecks.packageCaches),
        Rule(
            .buildToolsInFinalStage, .waste, "The image holds tools that only the build needs",
            CompilerChecks.buildTools),
        Rule(.finalStageWithoutUser, .advice, "A service runs as root", SafetyChecks.missingUser),
        Rule(.baseNotPinned, .advice, "The base image changes without the Dockerfile", SafetyChecks.unpinnedBases),
        Rule(.secretInDockerfile, .exposure, "A secret becomes part of the image", SafetyChecks.secrets),
        Rule(
            .ownershipChangeCopies, .waste, "Changing owner or mode copies the files into another layer",
            OwnershipChecks.changes),
        Rule(.singleStageCompile, .waste, "The compiler is shipped with the program", CompilerChecks.singleStages),
        Rule(.runAsksForRights, .exposure, "A step asks for rights over the machine that builds", SafetyChecks.rights),
    ]
}

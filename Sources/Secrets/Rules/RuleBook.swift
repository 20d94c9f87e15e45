/// Which literals lead to which matcher. A literal has three bytes at least, and is as rare as it can be chosen.
enum RuleBook {
    struct Rule: Sendable {
        let literals: [String]
        /// Whether only the first pair of each leads there, because each stands for one of two alignments: what is found has one byte
        /// of its own, and all that may stand beside it would be too many literals of a pair.
        let isAligned: Bool
        let matcher: SecretMatcher

        init(_ literals: [String], isAligned: Bool = false, _ matcher: @escaping SecretMatcher) {
            (self.literals, self.isAligned, self.matcher) = (literals, isAligned, matcher)
        }
    }

    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

    /// What is looked for in every file.
    static let all: [Rule] =
        TokenShape.all.map { shape in Rule([shape.prefix.description], shape.match) } + [
            Rule(["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"], PrivateKeyText.match),
            Rule([".eyJ"], JSONWebToken.match),
            Rule(["AKIA", "ASIA"], CloudKeys.awsAccessKey),
            Rule(["secret", "Secret", "SECRET"], CloudKeys.awsSecretKey),
            Rule(["\"service_account\""], CloudKeys.googleServiceAccount),
            Rule(["AccountKey=", "SharedAccessKey="], CloudKeys.azureKey),
            Rule(["Q~"] + (letters + ".~").map { "\($0)Q~" }, isAligned: true, CloudKeys.azureClientSecret),
            Rule(["?sig=", "&sig=", ";sig="], CloudKeys.azureSignature),
            Rule([".atlasv1."], CloudKeys.terraformToken),
            Rule(["hooks.slack.com/"], ServiceKeys.slackWebhook),
            Rule(["SG."], ServiceKeys.sendgridKey),
            Rule(["wilio", "WILIO"], ServiceKeys.twilioKey),
            Rule("0123456789".map { "\($0):" } + letters.map { ":\($0)" }, isAligned: true, ServiceKeys.botToken),
            Rule(["T3BlbkFJ"], ServiceKeys.openaiKey),
            Rule(["PuTTY-User-Key-File-"], ServiceKeys.puttyKey),
            Rule(["_auth", "_password"], RegistryCredentials.npm),
            Rule(["npmAuthToken"], RegistryCredentials.yarn),
            Rule(["\"auths\""], RegistryCredentials.docker),
            Rule(["machine "], RegistryCredentials.netrc),
            Rule(["<password>", "<passphrase>"], RegistryCredentials.maven),
            Rule(["ClearTextPassword"], RegistryCredentials.nuget),
            Rule(
                ["\"http-basic\"", "\"github-oauth\"", "\"gitlab-token\"", "\"gitlab-oauth\"", "\"bearer\""],
                RegistryCredentials.composer),
            Rule(["[registr"], RegistryCredentials.cargo),
            Rule(["://"], RegistryCredentials.url),
            Rule(["client-key-data"], KubernetesDocuments.clientKey),
            Rule(["kind: Config", "\"kind\": \"Config\"", "\"kind\":\"Config\""], KubernetesDocuments.config),
            Rule(["kind: Secret", "\"kind\": \"Secret\"", "\"kind\":\"Secret\""], KubernetesDocuments.secret),
        ]

    /// What is looked for in small files of text that the Dockerfile's own instructions made, in variables and in the history.
    static let generic: [Rule] = [Rule(GenericAssignment.literals, GenericAssignment.match)]
}

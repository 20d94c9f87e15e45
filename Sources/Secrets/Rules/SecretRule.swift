/// How much a finding weighs: what blocks is high.
package enum SecretLevel: String, Hashable, Sendable, CaseIterable, Comparable {
    case low, medium, high

    private var rank: Int {
        switch self {
        case .low: 0
        case .medium: 1
        case .high: 2
        }
    }

    package static func < (left: SecretLevel, right: SecretLevel) -> Bool { left.rank < right.rank }
}

/// The kinds of secrets that are known by their shape, their place, or because this build was given them.
package enum SecretRule: String, Hashable, Sendable, CaseIterable {
    case privateKey = "private-key"
    case keyStore = "key-store"
    case awsAccessKey = "aws-access-key"
    case awsSecretKey = "aws-secret-key"
    case googleAPIKey = "google-api-key"
    case googleServiceAccount = "google-service-account"
    case googleOAuthSecret = "google-oauth-secret"
    case azureKey = "azure-key"
    case azureClientSecret = "azure-client-secret"
    case azureSignature = "azure-signature"
    case githubToken = "github-token"
    case gitlabToken = "gitlab-token"
    case npmToken = "npm-token"
    case npmAuth = "npm-auth"
    case pypiToken = "pypi-token"
    case rubygemsKey = "rubygems-key"
    case dockerAuth = "docker-auth"
    case dockerHubToken = "docker-hub-token"
    case netrcPassword = "netrc-password"
    case pypircPassword = "pypirc-password"
    case mavenPassword = "maven-password"
    case nugetPassword = "nuget-password"
    case composerAuth = "composer-auth"
    case cargoToken = "cargo-token"
    case urlPassword = "url-password"
    case slackToken = "slack-token"
    case slackWebhook = "slack-webhook"
    case sendgridKey = "sendgrid-key"
    case stripeKey = "stripe-key"
    case twilioKey = "twilio-key"
    case botToken = "bot-token"
    case anthropicKey = "anthropic-key"
    case openaiKey = "openai-key"
    case huggingFaceToken = "huggingface-token"
    case vaultToken = "vault-token"
    case digitalOceanToken = "digitalocean-token"
    case terraformToken = "terraform-token"
    case terraformState = "terraform-state"
    case kubeconfig = "kubeconfig"
    case kubernetesSecret = "kubernetes-secret"
    case alibabaKey = "alibaba-key"
    case shopifyToken = "shopify-token"
    case jwt
    case secretFile = "secret-file"
    case generic
    /// A value that this build was given as a secret.
    case buildSecret = "build-secret"
    /// A value of a build argument whose name says that it is a secret.
    case buildArgument = "build-argument"

    /// Changes with what the rules find: verdicts that were kept under another number are not used.
    package static let version = 3

    /// What a finding weighs where nothing else is known of it.
    package var level: SecretLevel {
        switch self {
        case .keyStore, .jwt, .secretFile, .buildArgument: .medium
        case .generic: .low
        default: .high
        }
    }

    /// Whether it is about a value that only this build knows.
    package var isKnownValue: Bool { self == .buildSecret || self == .buildArgument }
}

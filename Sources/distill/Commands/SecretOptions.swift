import ArgumentParser
import Diagnosis
import Engine
import LinuxSystem
import OCI
import Rendering
import Secrets
import Storage

/// What is done about secrets in an image.
struct SecretOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to do when the image holds a secret: error (nothing leaves), warn, or off. (default: error where it is pushed, else warn)",
            valueName: "mode"))
    var secrets: String?
    @Flag(help: "Look for secrets in the base's layers, too.")
    var secretsBase = false
    @Option(
        help: ArgumentHelp(
            "The list of what is allowed. (default: distill.secrets.yaml, where it is there)", valueName: "file"))
    var secretsAllow: String?
    @Option(help: ArgumentHelp("Write a list that allows what is found now.", valueName: "file"))
    var secretsBaseline: String?

    func policy() throws -> SecretPolicy {
        var policy = SecretPolicy()
        policy.includesBase = secretsBase
        policy.allowFile = secretsAllow
        policy.baseline = secretsBaseline
        if let secrets {
            guard let mode = SecretMode(rawValue: secrets) else {
                throw InvalidOption(name: "--secrets", value: secrets, reason: "known are error, warn and off")
            }
            policy.mode = mode
        }
        return policy
    }

    /// Looks through an image of the store before it goes anywhere.
    func check(_ id: Digest, _ name: String, on engine: Engine, pushes: Bool) async throws {
        try await engine.guardSecrets(in: id, name: name, policy(), pushes: pushes) { event in
            guard case .secrets(let report, let isFatal) = event else { return }
            StandardStream.error.show(report.summary(Distill.errorStyle, isFatal: isFatal))
        }
    }
}

struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Look for secrets in every layer of an image, its config and its history.",
        usage: "distill secrets [OPTIONS] IMAGE",
        discussion: "Exits with 1 where there is a finding of the level of --fail-on that the base did not bring.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case plain, json, sarif }
    enum Threshold: String, ExpressibleByArgument, CaseIterable {
        case high, medium, low, never

        var level: SecretLevel? { SecretLevel(rawValue: rawValue) }
    }

    @Option(help: ArgumentHelp("plain, json or sarif.", valueName: "kind"))
    var format: Format = .plain
    @Option(help: ArgumentHelp("What is an error: high, medium, low or never.", valueName: "level"))
    var failOn: Threshold = .high
    @Flag(help: "Leave the base's layers out.")
    var own = false
    @Flag(help: "What the base brought is an error, too.")
    var failOnBase = false
    @Option(
        help: ArgumentHelp(
            "The list of what is allowed. (default: distill.secrets.yaml, where it is there)", valueName: "file"))
    var allow: String?
    @Option(help: ArgumentHelp("Write a list that allows what is found now.", valueName: "file"))
    var baseline: String?
    @Argument(help: ArgumentHelp("An image's name or ID.", valueName: "IMAGE"))
    var name: String

    func run() async throws {
        let engine = try Engine.opened(.ofProcess())
        defer { engine.close() }
        var policy = SecretPolicy()
        (policy.includesBase, policy.allowFile, policy.baseline) = (!own, allow, baseline)
        let reports = try await engine.secrets(in: engine.store.images.resolve(name), name: name, policy)
        try engine.writeBaseline(reports, policy)
        switch format {
        case .plain: StandardStream.output.show(reports.map { $0.whole(Distill.outputStyle) }.joined())
        case .json: StandardStream.output.show("\(ShownText(json: JSON.array(reports.map(\.json)).indentedText))\n")
        case .sarif: StandardStream.output.show("\(ShownText(json: SecretReport.sarif(reports).indentedText))\n")
        }
        guard baseline == nil, let level = failOn.level else { return }
        if reports.contains(where: { !$0.stopping(from: level, includesBase: failOnBase).isEmpty }) {
            throw ExitCode(1)
        }
    }
}

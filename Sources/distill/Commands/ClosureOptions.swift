import ArgumentParser
import Engine

/// What `build` looks for: mistakes in the Dockerfile, and what the final image's entry point lacks.
struct ClosureOptions: ParsableArguments {
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        /// Look for mistakes in the Dockerfile and build nothing.
        case lint
        case warn, error, start, off
    }

    @Option(
        help: ArgumentHelp(
            "Without a value: look for mistakes and build nothing. Else what to do when the image cannot start: warn, error (fail), start (as error, and start it once, without a network), off. (default: warn)",
            valueName: "mode"))
    var check: Mode?
    @OptionGroup var time: StartTimeOptions

    func image() throws -> ImageCheck {
        switch check {
        case .off: .off
        case .error: .error
        case .start: .start(limit: try time.seconds())
        case .warn, .lint, nil: .warn
        }
    }
}

/// How long a program has that is started to see whether it does.
struct StartTimeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long a program has that is started for the check. (default: \(ImageCheck.usualLimit))",
            valueName: "seconds"))
    var startTimeout: Int?

    func seconds() throws -> Int {
        guard let startTimeout else { return ImageCheck.usualLimit }
        guard (1...3600).contains(startTimeout) else {
            throw InvalidOption(
                name: "--start-timeout", value: "\(startTimeout)", reason: "it is a number of seconds from 1 to 3600")
        }
        return startTimeout
    }
}

extension HealthProbe {
    init(_ node: ComposeNode) throws(ComposeError) {
        self.init()
        let fields = try node.fields(
            "'healthcheck'", "healthcheck",
            known: ["test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"])
        isDisabled = try fields["disable"]?.boolean("disable") ?? false
        if let test = fields["test"] { try read(test) }
        interval = try fields["interval"]?.duration("interval")
        timeout = try fields["timeout"]?.duration("timeout")
        retries = try fields["retries"].map { field throws(ComposeError) in try field.number("retries", in: 1...10_000)
        }
        startPeriod = try fields["start_period"]?.duration("start_period")
        startInterval = try fields["start_interval"]?.duration("start_interval")
    }

    private mutating func read(_ node: ComposeNode) throws(ComposeError) {
        if case .scalar(let text) = node.content {
            test = .shell(text)
            return
        }
        let words = try node.list("test")
        guard let probe = HealthProbe(words: words) else {
            throw node.error(.invalidValue(key: "test", value: words.first ?? "", expected: .healthTest))
        }
        (test, isDisabled) = (probe.test, isDisabled || probe.isDisabled)
    }

    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", …]`, as image configs have them too; nil for anything else.
    package init?(words: [String]) {
        self.init()
        switch (words.first, words.count) {
        case ("NONE", 1): isDisabled = true
        case ("CMD", 2...): test = .command(Array(words.dropFirst()))
        case ("CMD-SHELL", 2): test = .shell(words[1])
        default: return nil
        }
    }
}

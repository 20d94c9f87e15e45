internal import Dockerfile
internal import OCI

/// What a stage has come to while its instructions are read one by one.
struct StageState: Sendable {
    /// The stage's name, or its number.
    let name: String
    var platform: Platform
    /// Without layers and without the time of creation.
    var config: ImageConfig
    var vertex: Vertex.ID?
    var history: [StageResult.HistoryStep] = []
    var scope = VariableScope()
    /// Whether CMD was given in this stage, so that ENTRYPOINT does not reset it.
    var setsCommand = false
    /// Of the instructions that make a step.
    var step = 0
    var stepCount = 0

    /// The search path of an image that has none (moby's `DefaultPathEnv`).
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// An empty file system.
    init(name: String, scratch platform: Platform) {
        (self.name, self.platform) = (name, platform)
        config = ImageConfig(platform: platform)
        config.container.workingDirectory = "/"
        begin()
    }

    /// An image from outside.
    init(name: String, image: Image, vertex: Vertex.ID, platform: Platform) {
        (self.name, self.platform, self.vertex) = (name, platform, vertex)
        config = image.config
        config.layers = []
        config.created = nil
        begin()
        for entry in config.container.environment {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            scope.setEnvironment(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }

    /// An earlier stage.
    init(name: String, base: StageState) {
        self = base.renamed(name)
        (setsCommand, step, stepCount) = (false, 0, 0)
        begin()
    }

    private init(name: String, copying other: StageState) {
        (self.name, platform, config, vertex) = (name, other.platform, other.config, other.vertex)
        (history, scope) = (other.history, other.scope)
    }

    private func renamed(_ name: String) -> StageState { StageState(name: name, copying: self) }

    /// What every stage begins with: a search path, no triggers of its base, an absolute working directory.
    private mutating func begin() {
        config.container.onBuild = []
        if config.container.environmentValue("PATH") == nil { setEnvironment("PATH", Self.defaultPath) }
        let directory = config.container.workingDirectory
        if !directory.isEmpty, let path = ImagePath(directory) { config.container.workingDirectory = path.description }
    }

    mutating func setEnvironment(_ name: String, _ value: String) {
        config.container.setEnvironment(name, value)
        scope.setEnvironment(name, value)
    }

    var workingDirectory: ImagePath { ImagePath(config.container.workingDirectory) ?? .root }

    mutating func note(_ createdBy: String, _ vertex: Vertex.ID? = nil) {
        history.append(StageResult.HistoryStep(createdBy: PublicURL.text(within: createdBy), vertex: vertex))
    }

    var result: StageResult { StageResult(name: name, vertex: vertex, config: config, history: history) }
}

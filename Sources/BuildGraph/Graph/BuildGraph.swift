package import OCI

/// Everything that a build does, decided before anything is done.
package struct BuildGraph: Sendable {
    /// In an order in which each vertex stands after its inputs.
    package let vertices: [Vertex]
    /// The stages that the target needs, in the order of the Dockerfile; the last one is the target.
    package let stages: [StageResult]

    package init(vertices: [Vertex], stages: [StageResult]) { (self.vertices, self.stages) = (vertices, stages) }

    package var target: StageResult? { stages.last }
}

/// What a stage comes to: its file system by vertex, and its config without the layers' identities.
package struct StageResult: Sendable {
    /// The stage's name, or its number in decimal.
    package let name: String
    /// The vertex that holds the stage's file system; nil for an empty one.
    package let vertex: Vertex.ID?
    /// Platform, author, container config, the base's unknown members and the base's history. `layers` is empty and
    /// `created` is nil: the Solver fills both in.
    package let config: ImageConfig
    /// The history of this stage's own instructions, after the base's, which stands in `config.history`.
    package let history: [HistoryStep]

    package init(name: String, vertex: Vertex.ID?, config: ImageConfig, history: [HistoryStep]) {
        (self.name, self.vertex, self.config, self.history) = (name, vertex, config, history)
    }

    package struct HistoryStep: Hashable, Sendable {
        /// The words of BuildKit's history: `RUN /bin/sh -c make # buildkit` without the mark, `COPY /app /app`,
        /// `CMD ["/app"]`, `ENV A=1`, `WORKDIR /src`.
        package let createdBy: String
        /// The vertex whose layer this is; nil for an instruction that makes none.
        package let vertex: Vertex.ID?

        package init(createdBy: String, vertex: Vertex.ID?) { (self.createdBy, self.vertex) = (createdBy, vertex) }
    }
}

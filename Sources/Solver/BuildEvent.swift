package import BuildGraph

/// What happens during a build, in the order in which it happens.
package struct BuildEvent: Sendable {
    package enum Kind: Sendable {
        /// The build begins, with all its steps in order.
        case planned([Vertex])
        case started
        /// The step's result is not in the cache, and why.
        case missed(CacheMiss)
        /// The step's result was there already.
        case cached
        /// A piece of what the step's process writes, not cut at lines.
        case output([UInt8])
        /// A piece of what it writes to standard error, where the build keeps the two apart.
        case errorOutput([UInt8])
        /// Bytes done, and in all where that is known: unpacking a base, fetching a file.
        case progress(label: String, completed: Int64, total: Int64?)
        /// A part of the step is done: `digest`, `copy`, `mount`, `process`, `commit`.
        case phase(String, since: ContinuousClock.Instant)
        /// A source of COPY or ADD is a pattern that finds nothing, which is no error.
        case foundNothing(pattern: String)
        case finished
        case failed
    }

    /// The step; nil for the build itself.
    package let vertex: Vertex.ID?
    package let kind: Kind
    package let time: ContinuousClock.Instant

    package init(_ kind: Kind, _ vertex: Vertex.ID? = nil, at time: ContinuousClock.Instant = .now) {
        (self.kind, self.vertex, self.time) = (kind, vertex, time)
    }
}

package import Bases
package import Distribution
package import Dockerfile
package import OCI
package import Secrets
package import Solver
package import Storage

/// What an engine tells while it works, in the order in which it happens.
package enum EngineEvent: Sendable {
    /// The steps of a Dockerfile begin.
    case building(SourceFile)
    case step(BuildEvent)
    /// The steps have ended, well or not.
    case built
    case base(BaseEvent)
    case transfer(TransferEvent)
    /// A platform's image was built twice, and nothing differs.
    case verified(Platform)
    /// An image was looked at; one event for each.
    case reviewed(ImageReview)
    /// An image was looked through for secrets; one event for each.
    case secrets(SecretReport, isFatal: Bool)
    case warning(EngineWarning)
    /// The store was above its limit, and what was used the longest ago went.
    case madeRoom(bytes: Int64, limit: StoreLimit, isFirst: Bool)
}

/// What goes on without something that was asked for.
package enum EngineWarning: Sendable {
    /// There is nothing at the place of a build cache.
    case noCache(BuildCachePlace)
    case unusableCache(BuildCachePlace, any Error)
    case unwrittenCache(BuildCachePlace, any Error)
    /// What an image starts could not be looked into.
    case unreviewedImage(any Error)
    /// A build argument was given that no ARG takes.
    case unusedArgument(UnusedArgument)
    /// Steps have another network than they should, or another way out of it.
    case network(NetworkWarning)
    /// A file of a repository stands for one whose content git-lfs(1) keeps elsewhere, and was not fetched.
    case placeholder(String, in: String)
}

package import Debian
package import Dockerfile
package import OCI
package import Solver

/// What happens while a base is composed.
package enum BaseEvent: Sendable {
    case composing(Composer.Progress)
    /// Nothing more is said of this composition.
    case composed
    /// Paths that were left out, sorted, with their bytes.
    case sliced([(path: ImagePath, size: Int64)])
    /// Steps begin that complete the base; the file has nothing but the base's name.
    case completing(SourceFile)
    case step(BuildEvent)
    /// The steps have ended, well or not.
    case completed
}

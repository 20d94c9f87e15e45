/// Why no set of packages satisfies a request: who needs what, from the request down to what cannot be had.
package struct Unsolvable: Error, Hashable, Sendable {
    package let steps: [Step]
    package let reason: Reason

    /// `package` needs `relation`.
    package struct Step: Hashable, Sendable {
        /// `name=version`, or nil for the request itself.
        package let package: String?
        package let relation: String

        package init(package: String?, relation: String) { (self.package, self.relation) = (package, relation) }
    }

    package enum Reason: Hashable, Sendable {
        case noSuchPackage
        /// There are versions, but none that is allowed.
        case otherVersions([String])
        /// Each candidate cannot be together with something that was chosen before.
        case conflict(candidate: String, with: String, relation: String, because: [Step])
        /// The search went on for longer than any real archive needs.
        case searchLimit
    }

    package init(steps: [Step], reason: Reason) { (self.steps, self.reason) = (steps, reason) }
}

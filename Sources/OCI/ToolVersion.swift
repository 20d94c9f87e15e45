/// The version of Distill: the one place that has it. Everything that tells it reads it here.
package enum ToolVersion {
    /// Semantic Versioning 2.0.0.
    package static let text = "0.1.0"
}

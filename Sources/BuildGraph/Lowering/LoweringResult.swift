internal import OCI

/// What bases are still unknown, or the finished graph. ONBUILD triggers of a base can name further images.
package enum LoweringResult: Sendable {
    case needs([ImageRequest])
    case graph(BuildGraph)
}

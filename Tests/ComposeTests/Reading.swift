import Compose

/// Reads a file as the command does: variables, then values.
func project(_ texts: String..., variables: [String: String] = [:], name: String? = nil) throws(ComposeError) -> Project
{
    var interpolation = Interpolation(variables: variables)
    var merged: ComposeNode?
    for (index, text) in texts.enumerated() {
        let node = try interpolation.expand(
            ComposeNode(parsing: text, file: "\(index == 0 ? "compose" : "over\(index)").yaml"))
        merged = if let earlier = merged { try earlier.merged(with: node) } else { node.settled }
    }
    guard let merged else { throw ComposeError(Place(file: "", line: 1, column: 1), .noServices) }
    return try Project(merged, name: name, usualName: "App Directory")
}

/// One service of the name `a`, from the lines below its name.
func service(_ lines: String, below: String = "", variables: [String: String] = [:]) throws(ComposeError) -> Service {
    let indented = lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(
        separator: "\n")
    let project = try project("services:\n  a:\n    image: i\n\(indented)\n\(below)", variables: variables)
    return project.services[0]
}

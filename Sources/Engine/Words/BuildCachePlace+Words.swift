import Archive
import OCI
import Solver
import Storage

extension BuildWords {
    package static func cacheSources(_ texts: [String]) throws -> [BuildCachePlace] {
        try texts.map { try BuildCachePlace(parsing: $0, option: "--cache-from", path: "src") }
    }

    package static func cacheTargets(_ texts: [String]) throws -> [BuildCachePlace] {
        try texts.map { try BuildCachePlace(parsing: $0, option: "--cache-to", path: "dest") }
    }
}

extension BuildCachePlace {
    /// - Parameters:
    ///   - text: the value of the option.
    ///   - option: its name, for errors.
    ///   - path: what the directory is called: `src` or `dest`.
    package init(parsing text: String, option: String, path: String) throws {
        func fail(_ reason: String) -> InvalidOption { .init(name: option, value: text, reason: reason) }
        let fields = try CommaSeparated.fields(text, of: option).map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (name: parts[0].lowercased(), value: parts.count == 2 ? parts[1] : "")
        }
        func value(_ name: String) -> String? { fields.last { $0.name == name && !$0.value.isEmpty }?.value }
        if fields.count == 1, text != "", !text.contains("=") {
            // docker's short form.
            self.init(.registry(try ImageReference(text).withDefaultTag), text)
            return
        }
        switch value("type") {
        case "local":
            guard let directory = value(path) else { throw fail("type=local needs \(path)=DIRECTORY") }
            self.init(.directory(directory), text)
        case "registry":
            guard let reference = value("ref") else { throw fail("type=registry needs ref=NAME") }
            self.init(.registry(try ImageReference(reference).withDefaultTag), text)
        case "inline" where path == "dest": self.init(.image, text)
        default: throw fail("known types are local, registry\(path == "dest" ? " and inline" : "")")
        }
        let known: Set = [
            "type", "src", "dest", "ref", "mode", "compression", "compression-level", "force-compression",
            "ignore-error", "tag", "oci-mediatypes", "image-manifest", "registry.insecure",
        ]
        if let unknown = fields.first(where: { !known.contains($0.name) }) {
            throw fail("'\(unknown.name)' means nothing here")
        }
        if let mode = value("mode") {
            guard let extent = Solver.Solution.CacheExtent(rawValue: mode) else { throw fail("mode is min or max") }
            self.extent = extent
        }
        if let text = value("ignore-error") {
            guard let isOn = SwitchWord.value(text) else { throw fail("'ignore-error' is true or false") }
            isOptional = isOn
        }
        if let text = value("registry.insecure") {
            guard let isOn = SwitchWord.value(text) else { throw fail("'registry.insecure' is true or false") }
            allowsInsecure = isOn
        }
        let packing = OutputSpecification.Packing(
            name: value("compression"), level: value("compression-level").flatMap { Int($0) })
        if let given = try packing.compression(fail) { compression = given }
    }
}

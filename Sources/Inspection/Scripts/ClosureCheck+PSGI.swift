internal import OCI

extension ClosureCheck {
    /// Servers of Perl load an application, and their own parts by names that they compute (plackup(1)).
    mutating func launchPSGI(
        _ node: ImageTree.Node, _ arguments: [String], _ run: inout ScriptQueue, _ places: inout ScriptPlaces
    ) throws {
        let name = node.path.name.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let modules = [
            "starman": ["Starman::Server"], "plackup": ["Plack::Runner"], "starlet": ["Plack::Handler::Starlet"],
            "twiggy": ["Twiggy::Server"],
        ]
        guard let parts = modules[name] else { return }
        for module in parts { run.needs.append((.module(module), node.path.description, node.path.parent, [])) }
        let named = arguments.last.flatMap { $0.hasSuffix(".psgi") ? $0 : nil } ?? "app.psgi"
        guard let path = process.directory.resolving(named) else { return }
        if let application = try tree.lookUp(path) {
            try scan(application, .perl, &run, &places, [])
        } else if !arguments.contains(where: { ["-e", "-M", "-v", "--version", "-h", "--help"].contains($0) }),
            // Its workers load the application, and it starts others when they end.
            name != "starman" || arguments.contains("--preload-app")
        {
            add(.missingInput(program: name, path: named))
        }
    }
}

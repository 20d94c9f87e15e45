import BuildGraph
import Engine
import LinuxSystem
import OCI
import Sandbox
import Solver
import Storage

/// The query of `POST /build`, as a specification.
struct ClassicBuildRequest {
    let query: APIQuery
    let version: APIVersion

    var isQuiet: Bool { query.isOn("q") }

    /// - Parameter context: what came in the body, or what `remote` names.
    func specification(_ context: ContextSource, name: String, _ store: Store) throws -> BuildSpecification {
        if query.isOn("squash") { throw APIError.notImplemented(.squash) }
        var specification = BuildSpecification(context: context, contextName: name)
        specification.dockerfile = DockerfilePlace(option: query["dockerfile"])
        specification.names = try query.all("t").map(BuildWords.name)
        specification.platforms = try BuildWords.platforms(query.all("platform"))
        specification.renewsBases = query.isOn("pull")
        (specification.cache.ignored, specification.cache.sources) = try cache(store)
        let words = try containerWords()
        specification.processes = try words.processes()
        specification.processes.tellsErrorsApart = true
        specification.check = .off
        var request = BuildRequest()
        request.target = query["target"]
        request.network = try network()
        // Whoever may connect may do as the server's user does: there is nobody else to ask.
        if request.network == .host { request.entitlements.insert(.networkHost) }
        for (name, value) in try query.pairs("buildargs") { if let value { request.buildArguments[name] = value } }
        for (name, value) in try query.pairs("labels") { request.labels[name] = value ?? "" }
        request.surroundings = try words.surroundings()
        specification.request = request
        return specification
    }

    private func network() throws -> Network {
        guard let text = query["networkmode"], text != "bridge" else { return .default }
        guard let network = Network(rawValue: text) else { throw APIError.badParameter("networkmode", value: text) }
        return network
    }

    private func containerWords() throws -> ContainerWords {
        let hosts = query.all("extrahosts").flatMap { text in
            // A list, or one text with commas.
            (try? JSON.parse(text))?.strings ?? text.split(separator: ",").map(String.init)
        }
        var words = ContainerWords(addHost: hosts, shmSize: try positive("shmsize"))
        words.ulimit = try ulimits()
        words.limits.memory = try positive("memory")
        words.limits.memorySwap =
            words.limits.memory == nil ? nil : try positive("memswap") ?? (query["memswap"] == "-1" ? "-1" : nil)
        words.limits.cpuShares = try positive("cpushares")
        words.limits.cpusetCpus = query["cpusetcpus"]
        if let quota = try query.integer("cpuquota"), quota > 0 {
            let period = try query.integer("cpuperiod").flatMap { $0 > 0 ? $0 : nil } ?? 100_000
            words.limits.cpus = "\(Double(quota) / Double(period))"
        }
        return words
    }

    /// A number above zero; zero and less mean that nothing was said.
    private func positive(_ name: String) throws -> String? {
        try query.integer(name).flatMap { $0 > 0 ? String($0) : nil }
    }

    private func ulimits() throws -> [String] {
        guard let json = try query.json("ulimits") else { return [] }
        guard let list = json.array else { throw APIError.badParameter("ulimits", value: json.text) }
        return try list.map { item in
            guard let name = item["Name"]?.string, let soft = item["Soft"]?.integer, let hard = item["Hard"]?.integer
            else {
                throw APIError.badParameter("ulimits", value: item.text)
            }
            return "\(name)=\(soft):\(hard)"
        }
    }

    /// `cachefrom` names all images whose steps may be taken: where none of them is here, what the store knows does not count.
    private func cache(_ store: Store) throws -> (ignored: SolveContext.IgnoredCache, sources: [BuildCachePlace]) {
        let ignored: SolveContext.IgnoredCache = query.isOn("nocache") ? .all : .none
        guard let json = try query.json("cachefrom") else { return (ignored, []) }
        guard let names = json.strings else { throw APIError.badParameter("cachefrom", value: json.text) }
        let references = try names.map { try ImageReference($0).withDefaultTag }
        let sources = zip(references, names).map { BuildCachePlace(.registry($0), $1) }
        if ignored == .all || names.isEmpty { return (ignored, sources) }
        let isAnyHere = try references.contains { try store.images.id(of: $0) != nil }
        return isAnyHere ? (.none, []) : (.own, sources)
    }
}

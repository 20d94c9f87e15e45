extension Route {
    /// Every path of the interface; the first that fits counts.
    static let table: [Route] = system + images + building + containers + networks + volumes + swarm

    private static let system: [Route] = [
        Route("GET", "_ping", .answer { served, exchange, _ in try await served.ping(exchange) }),
        Route("HEAD", "_ping", .answer { served, exchange, _ in try await served.ping(exchange) }),
        Route("GET", "version", .answer { served, exchange, _ in try await served.version(exchange) }),
        Route("GET", "info", .answer { served, exchange, _ in try await served.info(exchange) }),
        Route("GET", "events", .follow { served, exchange, _ in try await served.follow(exchange) }),
        Route("GET", "system/df", .answer { served, exchange, _ in try await served.diskUsage(exchange) }),
        Route("POST", "auth", .answer { served, exchange, _ in try await served.checkLogin(exchange) }),
    ]

    private static let images: [Route] = [
        Route("GET", "images/json", .answer { served, exchange, _ in try await served.listImages(exchange) }),
        Route("GET", "images/search", .refuse(.notImplemented(.search))),
        Route(
            "GET", "images/get",
            .answer { served, exchange, _ in
                // Several in one value is what some clients write.
                try await served.saveImages(
                    exchange, exchange.request.query.all("names").flatMap { $0.split(separator: ",").map(String.init) })
            }),
        Route("POST", "images/load", .answer { served, exchange, _ in try await served.loadImages(exchange) }),
        Route("POST", "images/create", .answer { served, exchange, _ in try await served.createImage(exchange) }),
        Route("POST", "images/prune", .answer { served, exchange, _ in try await served.pruneImages(exchange) }),
        Route(
            "GET", "images/*/json",
            .answer { served, exchange, words in try await served.inspectImage(exchange, words.name) }),
        Route(
            "GET", "images/*/history",
            .answer { served, exchange, words in try await served.imageHistory(exchange, words.name) }),
        Route(
            "GET", "images/*/get",
            .answer { served, exchange, words in try await served.saveImages(exchange, [words.name]) }),
        Route(
            "POST", "images/*/tag",
            .answer { served, exchange, words in try await served.tagImage(exchange, words.name) }),
        Route(
            "POST", "images/*/push",
            .answer { served, exchange, words in try await served.pushImage(exchange, words.name) }),
        Route(
            "DELETE", "images/*",
            .answer { served, exchange, words in try await served.removeImage(exchange, words.name) }),
        Route(
            "GET", "distribution/*/json",
            .answer { served, exchange, words in try await served.inspectDistribution(exchange, words.name) }),
    ]

    private static let building: [Route] = [
        Route("POST", "build", .answer { served, exchange, _ in try await served.build(exchange) }),
        Route("POST", "build/cancel", .answer { served, exchange, _ in try await served.cancelBuild(exchange) }),
        Route("POST", "grpc", .answer { served, exchange, _ in try await served.serveCalls(exchange) }),
        Route("POST", "session", .answer { served, exchange, _ in try await served.serveSession(exchange) }),
        Route("POST", "build/prune", .answer { served, exchange, _ in try await served.pruneBuildCache(exchange) }),
    ]

    private static let containers: [Route] =
        [
            // A client that looks for anything of a name asks here first, and goes on to images.
            Route("GET", "containers/*/json", .answer { _, _, words in throw APIError.noSuchContainer(words.name) }),
            Route("GET", "exec/*/json", .answer { _, _, words in throw APIError.noSuchExecution(words.name) }),
        ]
        + refusals(
            .notImplemented(.containers),
            [
                "GET containers/json", "POST containers/create", "POST containers/prune", "GET containers/*/top",
                "GET containers/*/logs",
                "GET containers/*/changes", "GET containers/*/export", "GET containers/*/stats",
                "POST containers/*/resize",
                "POST containers/*/start", "POST containers/*/stop", "POST containers/*/restart",
                "POST containers/*/kill",
                "POST containers/*/update", "POST containers/*/rename", "POST containers/*/pause",
                "POST containers/*/unpause",
                "POST containers/*/attach", "GET containers/*/attach/ws", "POST containers/*/wait",
                "DELETE containers/*",
                "HEAD containers/*/archive", "GET containers/*/archive", "PUT containers/*/archive",
                "POST containers/*/exec",
                "POST exec/*/start", "POST exec/*/resize", "POST commit",
            ])

    private static let networks: [Route] =
        refusals(
            .notImplemented(.networks),
            [
                "GET networks", "POST networks/create", "POST networks/prune", "POST networks/*/connect",
                "POST networks/*/disconnect",
            ]) + [
            Route("GET", "networks/*", .answer { _, _, words in throw APIError.noSuchNetwork(words.name) }),
            Route("DELETE", "networks/*", .answer { _, _, words in throw APIError.noSuchNetwork(words.name) }),
        ]

    private static let volumes: [Route] =
        refusals(
            .notImplemented(.volumes),
            [
                "GET volumes", "POST volumes/create", "POST volumes/prune", "PUT volumes/*",
            ]) + [
            Route("GET", "volumes/*", .answer { _, _, words in throw APIError.noSuchVolume(words.name) }),
            Route("DELETE", "volumes/*", .answer { _, _, words in throw APIError.noSuchVolume(words.name) }),
        ]

    private static let swarm: [Route] =
        ["swarm", "nodes", "services", "tasks", "secrets", "configs"].flatMap { name in
            ["GET", "POST", "DELETE"].flatMap {
                [Route($0, name, .refuse(.noSwarm)), Route($0, "\(name)/*", .refuse(.noSwarm))]
            }
        } + refusals(.notImplemented(.plugins), ["GET plugins", "GET plugins/*", "POST plugins/*", "DELETE plugins/*"])

    private static func refusals(_ error: APIError, _ routes: [String]) -> [Route] {
        routes.map { text in
            let words = text.split(separator: " ").map(String.init)
            return Route(words[0], words[1], .refuse(error))
        }
    }
}

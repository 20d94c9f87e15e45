extension Project {
    /// The services, each behind all that it depends on; otherwise in the file's order.
    ///
    /// - Throws: ``ComposeError`` with the whole cycle where there is one.
    package func startOrder() throws(ComposeError) -> [String] {
        try order { $0.dependencies.map { ($0.service, $0.place) } }
    }

    /// The services that are built, each behind those whose images are its contexts.
    package func buildOrder() throws(ComposeError) -> [String] {
        try order { service in
            guard let build = service.build else { return [] }
            return build.contextServices.map { ($0, build.place) }
        }.filter { service($0)?.build != nil }
    }

    private func order(_ needs: (Service) -> [(name: String, place: Place)]) throws(ComposeError) -> [String] {
        var result: [String] = []
        var done: Set<String> = []
        for start in services where !done.contains(start.name) {
            // Walked with a stack of our own: a file can name more services than calls can be nested.
            var path: [(service: Service, needs: ArraySlice<(name: String, place: Place)>)] = [
                (start, needs(start)[...])
            ]
            while let top = path.last {
                guard let need = top.needs.first else {
                    done.insert(top.service.name)
                    result.append(top.service.name)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].needs.removeFirst()
                if let index = path.firstIndex(where: { $0.service.name == need.name }) {
                    throw ComposeError(need.place, .cycle(path[index...].map(\.service.name) + [need.name]))
                }
                if !done.contains(need.name), let next = service(need.name) { path.append((next, needs(next)[...])) }
            }
        }
        return result
    }
}

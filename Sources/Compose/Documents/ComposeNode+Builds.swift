extension ComposeNode {
    /// A merged file with what concerns the building of images alone: services that are built, and secrets.
    package var keepingBuilds: ComposeNode {
        guard case .mapping(let members) = content else { return self }
        var kept: [Member] = []
        for var member in members where ["services", "secrets", "name"].contains(member.key) {
            if member.key == "services", case .mapping(let services) = member.value.content {
                member.value.content = .mapping(
                    services.compactMap { service in
                        guard service.value["build"] != nil else { return nil }
                        var service = service
                        service.value = service.value.keeping(["image", "build", "environment"])
                        return service
                    })
            }
            kept.append(member)
        }
        var result = self
        result.content = .mapping(kept)
        return result
    }

    private func keeping(_ keys: Set<String>) -> ComposeNode {
        guard case .mapping(let members) = content else { return self }
        var result = self
        result.content = .mapping(members.filter { keys.contains($0.key) })
        return result
    }
}

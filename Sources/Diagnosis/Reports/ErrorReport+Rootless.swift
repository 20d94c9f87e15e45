package import LinuxSystem

extension ErrorReport {
    package init(_ error: UserNamespace.Obstacle) {
        switch error {
        case .notMapped:
            self.init(
                "you cannot be root in a namespace of your own: its IDs could not be mapped",
                hint: UserNamespace.restriction.map(Self.wayAround)
                    ?? "what newuidmap says stands above; or a security module restricts namespaces, see docs/rootless.md; or use sudo"
            )
        case .noProgram, .noSubordinates, .refused:
            self.init("you are not root, and cannot be in a namespace of your own", hint: Self.needOfRoot(error))
        }
    }

    /// What to do where only root has a right.
    package static func needOfRoot(_ obstacle: UserNamespace.Obstacle?) -> String {
        switch obstacle {
        case nil, .notMapped:
            if !UserNamespace.isInitial, let restriction = UserNamespace.restriction { return wayAround(restriction) }
            return "this process lacks a right that mounting needs (CAP_SYS_ADMIN)"
                + (UserNamespace.isInitial
                    ? "" : "; where a security module restricts user namespaces, see docs/rootless.md")
        case .noProgram: return "without root this needs the package uidmap: apt-get install uidmap"
        case .noSubordinates(let user, let file):
            return
                "without root this needs IDs of '\(user)' in \(file): sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)"
        case .refused:
            return UserNamespace.restriction.map(wayAround)
                ?? "without root this needs user namespaces, which this machine refuses to ordinary users: see docs/rootless.md, or use sudo"
        }
    }

    private static func wayAround(_ restriction: UserNamespace.Restriction) -> String {
        let setting = "\(restriction.rawValue)=\(restriction.restrictingValue)"
        let remedy =
            switch restriction {
            case .count: "sudo sysctl -w \(restriction.rawValue)=15000"
            case .clone: "sudo sysctl -w \(restriction.rawValue)=1"
            case .appArmor: "give it an AppArmor profile, as docs/rootless.md shows"
            }
        return
            "without root this needs user namespaces, which \(setting) refuses to ordinary users: \(remedy), or use sudo"
    }
}

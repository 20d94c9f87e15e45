/// What commands read beside their arguments, for the pages that tell of it.
package enum Surroundings {
    /// Variables of the environment.
    package static let variables: [(name: String, meaning: String)] = [
        (
            "DISTILL_ROOT",
            "The store. (default: /var/lib/distill for root, else $XDG_DATA_HOME/distill, which is ~/.local/share/distill)"
        ),
        (
            "DISTILL_STORE_LIMIT",
            "How many bytes the build cache and images without a name may take, as in 20GB; 0 is any number. (default: a tenth of the store's file system, 2GB at least)"
        ),
        ("DISTILL_HINTS", "0 shows no hints about what to do next; always shows them without a terminal too."),
        ("DISTILL_DEBIAN_MIRROR", "The Debian mirror that bases are composed from."),
        (
            "DISTILL_REDIRECT_DISTROLESS",
            "1 composes gcr.io/distroless/… from packages instead of asking that registry."
        ),
        ("DOCKER_CONFIG", "The directory of docker's config.json, which holds credentials. (default: ~/.docker)"),
        ("REGISTRY_AUTH_FILE", "A file of credentials that goes before all others."),
        (
            "CONTAINERS_REGISTRIES_CONF",
            "The file of rules about registries. (default: /etc/containers/registries.conf)"
        ),
        (
            "HTTP_PROXY, HTTPS_PROXY, NO_PROXY",
            "Proxies, in capital or small letters; they are passed on to RUN as build arguments."
        ),
        ("SSL_CERT_FILE, SSL_CERT_DIR", "Certificates of authorities that are trusted."),
        ("SOURCE_DATE_EPOCH", "The latest time of files and images, in seconds since 1970."),
        ("SSH_AUTH_SOCK", "The SSH agent that --ssh default passes on."),
        ("COMPOSE_FILE, COMPOSE_PROJECT_NAME, COMPOSE_PROFILES", "As the options of distill compose."),
        ("NO_COLOR", "Any value: no colours."),
    ]

    package static let files: [(name: String, meaning: String)] = [
        (
            "/etc/distill/distill.toml, ~/.config/distill/distill.toml",
            "Settings; the second goes before the first. See docs/store.md."
        ),
        ("/var/lib/distill, ~/.local/share/distill", "The store. distill system reset removes it."),
        ("~/.docker/config.json", "Credentials of registries, which distill login writes."),
        ("/etc/containers/registries.conf", "Rules about registries."),
        ("/etc/containers/certs.d, /etc/docker/certs.d", "Certificates for single registries."),
        ("/etc/subuid, /etc/subgid", "IDs that an ordinary user's images may have."),
        ("CONTEXT/.dockerignore", "What of the context is not seen by a build."),
    ]

    package static let statuses: [(code: String, meaning: String)] = [
        ("0", "It worked."), ("1", "It did not."), ("64", "The command line is wrong."),
        (
            "125, 126, 127",
            "distill run only: there is no container; its program cannot be executed; its program is not there."
        ),
        ("130", "It was interrupted."),
    ]
}

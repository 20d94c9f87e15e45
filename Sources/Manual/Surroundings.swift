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
        (
            "DOCKER_AUTH_CONFIG",
            "Credentials of registries as JSON, as docker's config.json has them; they go before files."
        ),
        ("DOCKER_CONFIG", "The directory of docker's config.json, which holds credentials. (default: ~/.docker)"),
        ("REGISTRY_AUTH_FILE", "A file of credentials that goes before all others."),
        (
            "CONTAINERS_REGISTRIES_CONF",
            "The file of rules about registries. (default: /etc/containers/registries.conf)"
        ),
        (
            "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY",
            "Proxies, in capital or small letters, for what Distill fetches; RUN has those of --build-arg and of docker's config.json. HTTP_PROXY in capital letters does not count where REQUEST_METHOD is set."
        ),
        ("SSL_CERT_FILE, SSL_CERT_DIR", "Certificates of authorities that are trusted."),
        ("SOURCE_DATE_EPOCH", "The latest time of files and images, in seconds since 1970."),
        ("SSH_AUTH_SOCK", "The SSH agent that --ssh default passes on."),
        ("COMPOSE_FILE, COMPOSE_PROJECT_NAME, COMPOSE_PROFILES", "As the options of distill compose."),
        ("NO_COLOR", "Any value: no colours."),
        ("TERM", "dumb: no colours, and a build is shown in lines that follow one another."),
        (
            "GITHUB_ACTIONS, GITLAB_CI",
            "true: --progress auto puts each executed step into a group that folds in the log."
        ),
        (
            "XDG_DATA_HOME, XDG_CONFIG_HOME, XDG_RUNTIME_DIR, HOME",
            "Where an ordinary user's store, settings, credentials and sockets are, by the XDG specification."
        ),
        ("PATH", "Where programs are looked for: the runtime, git, gpgv and others that distill doctor lists."),
        ("LISTEN_FDS, LISTEN_PID", "The sockets that systemd hands to distill serve."),
    ]

    package static let files: [(name: String, meaning: String)] = [
        (
            "/etc/distill/distill.toml, ~/.config/distill/distill.toml",
            "Settings: how much room the store may take. The second goes before the first. See docs/room.md."
        ),
        ("/var/lib/distill, ~/.local/share/distill", "The store. distill system reset removes it."),
        ("~/.docker/config.json", "Credentials of registries, which distill login writes."),
        (
            "/run/containers/0/auth.json, $XDG_RUNTIME_DIR/containers/auth.json, ~/.config/containers/auth.json",
            "Credentials of registries, as podman keeps them."
        ),
        (
            "/etc/containers/registries.conf, registries.conf.d/*.conf",
            "Rules about registries; the same below ~/.config/containers."
        ),
        ("/etc/containers/certs.d, /etc/docker/certs.d", "Certificates for single registries."),
        ("/etc/subuid, /etc/subgid", "IDs that an ordinary user's images may have."),
        ("CONTEXT/Dockerfile", "What is built; dockerfile and Containerfile are found too."),
        (
            "CONTEXT/.dockerignore, FILE.dockerignore",
            "What of the context is not seen by a build; the second, beside a Dockerfile FILE, stands in the place of the first."
        ),
        ("CONTEXT/distill.budget.yaml", "What an image may weigh and hold. See docs/insight.md."),
        (
            "CONTEXT/distill.secrets.yaml",
            "What in an image is allowed though it looks like a secret. See docs/secrets.md."
        ),
        ("compose.yaml, compose.override.yaml, .env", "The application of distill compose, and its variables."),
        ("/run/distill.sock, $XDG_RUNTIME_DIR/distill.sock", "Where distill serve answers."),
    ]

    package static let statuses: [(code: String, meaning: String)] = [
        ("0", "It worked; check and build --check may have found warnings."),
        (
            "1",
            "It did not: a step failed, a file or an image is missing or wrong, diff found a difference, a budget is exceeded."
        ), ("64", "The command line is wrong."),
        (
            "125, 126, 127",
            "distill run only: there is no container; its program cannot be executed; its program is not there."
        ),
        ("130", "It was interrupted."),
    ]
}

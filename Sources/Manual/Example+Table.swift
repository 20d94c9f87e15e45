extension Example {
    /// By the path of a command; every command has at least one (a test counts).
    static let table: [String: [Example]] = building.merging(using) { $1 }.merging(moving) { $1 }.merging(keeping) {
        $1
    }

    private static let building: [String: [Example]] = [
        "": [
            Example("build -t app .", "Build the Dockerfile of this directory"),
            Example("run app", "Run the image's program"),
            Example("doctor", "See what this machine lacks"),
        ],
        "build": [
            Example("build -t app .", "Build the Dockerfile of this directory"),
            Example("build -t app --target test --build-arg VERSION=2 .", "Build one stage, with a build argument"),
            Example("build -t registry.example/team/app:1 --push .", "Build and push"),
            Example("build --platform linux/amd64,linux/arm64 -t app .", "Build for two platforms"),
            Example("build -o out .", "Write the image's files into a directory"),
            Example("build --secret id=token,src=token.txt .", "Give RUN --mount=type=secret a secret"),
            Example("build --explain-cache .", "Tell why each step was executed"),
        ],
        "bake": [
            Example("bake", "Build the default targets of docker-bake.hcl, docker-bake.json or compose.yaml"),
            Example("bake --print app", "Show what a target comes to, and build nothing"),
            Example("bake --set app.args.VERSION=2 --push app", "Build one target with another argument, and push it"),
        ],
        "check": [
            Example("check .", "Look for mistakes in the Dockerfile of this directory"),
            Example("check --format json Dockerfile", "Tell programs what was found"),
        ],
        "base": [
            Example("base build distroless/static", "Compose a base image from signed packages"),
            Example("base ls", "List the bases of the catalog"),
        ],
        "base build": [
            Example("base build distroless/static", "Compose a base without a shell"),
            Example("base build base.yaml", "Compose what a recipe says"),
        ],
        "base ls": [Example("base ls", "List the bases of the catalog")],
        "base suggest": [Example("base suggest app", "Tell the smallest base that an image needs")],
        "base why": [Example("base why base.yaml libssl3", "Tell why a recipe's base has a package")],
        "base lock": [Example("base lock base.yaml", "Write down the exact packages of a recipe")],
        "base outdated": [Example("base outdated base.lock", "List packages that have newer versions")],
        "base update": [Example("base update base.lock", "Take the newer versions into the lock")],
    ]

    private static let using: [String: [Example]] = [
        "run": [
            Example("run app", "Run the image's program"),
            Example("run -it app sh", "A shell in the image"),
            Example("run -v ./data:/data -e MODE=fast app --verbose", "With a directory, a variable and arguments"),
        ],
        "compose": [
            Example("compose up -d", "Build and start an application, and leave it running"),
            Example("compose logs --follow", "See what its services write"),
        ],
        "compose up": [Example("compose up -d --build", "Build the images anew, start, and leave it running")],
        "compose down": [Example("compose down", "End the application")],
        "compose check": [Example("compose check", "Look whether each service could start")],
        "image secrets": [Example("image secrets app", "Look for secrets in an image")],
        "compose ps": [Example("compose ps", "List the services")],
        "compose logs": [Example("compose logs --follow web", "See what a service writes, as it comes")],
        "compose build": [Example("compose build web", "Build the image of a service")],
        "compose config": [Example("compose config", "Show the file with all variables filled in")],
        "save": [Example("save -o app.tar app", "Write an image into an archive that docker loads")],
        "load": [Example("load -i app.tar", "Read images from an archive")],
    ]

    private static let moving: [String: [Example]] = [
        "pull": [Example("pull registry.example/team/app:1", "Fetch an image")],
        "push": [Example("push registry.example/team/app:1", "Send an image")],
        "login": [
            Example(
                "login -u me --password-stdin registry.example < token.txt",
                "Log in without a password in the shell's history")
        ],
        "logout": [Example("logout registry.example", "Forget the credentials")],
        "manifest": [Example("manifest inspect app", "Look at an image's manifest")],
        "manifest create": [
            Example("manifest create app:1 app:1-amd64 app:1-arm64", "Join two platforms' images under one name")
        ],
        "manifest annotate": [
            Example("manifest annotate --arch arm64 app:1 app:1-arm64", "Say which platform a member is of")
        ],
        "manifest inspect": [Example("manifest inspect app:1", "Look at a manifest")],
        "manifest push": [Example("manifest push app:1", "Send the list and its images")],
        "manifest rm": [Example("manifest rm app:1", "Forget a list")],
    ]

    private static let keeping: [String: [Example]] = [
        "image": [Example("image ls", "List images"), Example("image check app", "Tell whether an image can start")],
        "image ls": [Example("image ls --filter dangling=true", "List images without a name")],
        "images": [Example("images --format '{{.Repository}}:{{.Tag}}'", "List names only")],
        "image inspect": [Example("image inspect --format '{{.Config.Entrypoint}}' app", "One fact about an image")],
        "inspect": [Example("inspect --format '{{json .Config.Env}}' app", "One fact about an image")],
        "image history": [Example("image history app", "Show what each step weighs")],
        "history": [Example("history --no-trunc app", "Show what each step weighs")],
        "image rm": [Example("image rm app", "Remove an image")],
        "rmi": [Example("rmi app", "Remove an image")],
        "image tag": [Example("image tag app registry.example/team/app:1", "Give an image another name")],
        "tag": [Example("tag app registry.example/team/app:1", "Give an image another name")],
        "image prune": [Example("image prune --force", "Remove images without a name")],
        "image check": [Example("image check app", "Tell what the entry point needs and the image does not have")],
        "image sbom": [Example("image sbom app", "List an image's packages")],
        "image save": [Example("image save -o app.tar app", "Write an image into an archive")],
        "image load": [Example("image load -i app.tar", "Read images from an archive")],
        "image copy": [
            Example("image copy registry.example/a:1 registry.example/b:1", "Send an image from registry to registry")
        ],
        "explain": [Example("explain app", "Tell why each byte is in the image")],
        "why": [Example("why app /usr/lib/libssl.so.3", "Tell why a file is in the image")],
        "diff": [Example("diff app:1 app:2", "Tell what differs between two images")],
        "secrets": [Example("secrets app", "Look for secrets in an image")],
        "serve": [Example("serve --socket /run/distill.sock", "Let docker's own clients build with this program")],
        "system": [
            Example("system df", "Show what the store holds"),
            Example("system prune --force", "Remove what nothing needs"),
        ],
        "system df": [Example("system df -v", "Show each image, and what of it is its own")],
        "system prune": [Example("system prune --force --filter until=168h", "Remove what was not used for a week")],
        "system check": [Example("system check", "Verify the store")],
        "system reset": [Example("system reset --force", "Remove the store and all that is in it")],
        "builder": [
            Example(
                "builder prune --force --keep-storage 10GB", "Keep the 10 GB of the build cache that were used last")
        ],
        "builder prune": [Example("builder prune --force --filter until=24h", "Remove what was not used for a day")],
        "builder du": [Example("builder du", "List what the build cache holds")],
        "cache": [Example("cache ls", "List cache mounts")],
        "cache ls": [Example("cache ls", "List cache mounts")],
        "cache rm": [Example("cache rm /root/.cache/go-build", "Remove a cache mount")],
        "cache export": [Example("cache export -o caches.tar", "Write cache mounts into an archive")],
        "cache import": [Example("cache import -i caches.tar", "Read them on another machine")],
        "cache push": [Example("cache push registry.example/team/caches", "Send cache mounts to a registry")],
        "cache pull": [Example("cache pull registry.example/team/caches", "Fetch cache mounts from a registry")],
        "version": [Example("version --format '{{.Client.Version}}'", "The version alone")],
        "info": [Example("info --format json", "What is known of this machine and the store, for programs")],
        "doctor": [Example("doctor", "See what this machine lacks, and the line that mends it")],
        "log": [Example("log", "Show the last build again")],
        "builder history": [Example("builder history ls", "List builds")],
        "builder history ls": [Example("builder history ls", "List builds, the newest first")],
        "builder history logs": [Example("builder history logs", "Show the last build's log")],
        "builder history inspect": [Example("builder history inspect", "What is known of the last build")],
        "builder history rm": [Example("builder history rm --all", "Forget all builds")],
        "completion": [Example("|source <(distill completion bash)", "Complete words in this shell")],
    ]
}

/// Commands and options of docker's that Distill does not have, each with what does the same here.
///
/// A command that Distill gets is asked for before this table is: a row that is out of date does no harm.
enum DockerWords {
    /// What to do instead, by the command's words; a group's row stands for all below it.
    static func instead(ofCommand words: [String]) -> String? {
        for count in stride(from: min(2, words.count), to: 0, by: -1) {
            if let text = commands[words.prefix(count).joined(separator: " ")] { return text }
        }
        return nil
    }

    /// By command and option; then by the option alone.
    static func instead(ofOption option: String, of command: [String]) -> String? {
        let name = command.joined(separator: " ")
        return options["\(name) \(option)"] ?? (command.first == "compose" ? composeOptions[option] : nil)
    }

    private static let services = "an application in a Compose file runs in the background: distill compose up -d"
    private static let nothingKept = "a container is removed when its program ends, so there is none to look at"

    private static let commands: [String: String] = [
        "ps": "distill compose ps lists services; 'distill run' runs in the foreground and leaves nothing",
        "exec": "distill run -it IMAGE sh starts a shell beside it",
        "logs": "distill compose logs shows what services wrote; 'distill log' shows the last build",
        "start": services, "restart": "\(services), then down and up", "create": services,
        "attach": "distill compose logs --follow",
        "stop": "distill compose down ends services; Ctrl-C ends 'distill run'",
        "kill": "distill compose down ends services; a second Ctrl-C within two seconds ends 'distill run'",
        "pause": "nothing does the same", "unpause": "nothing does the same",
        "wait": "distill run waits for its program's end",
        "rm": "\(nothingKept); distill rmi removes images",
        "commit": "write the change into a Dockerfile, and build it: distill build -t NAME .",
        "cp": "distill build -o DIR . writes an image's files; distill run -v ./DIR:/out IMAGE cp … takes some",
        "diff": nothingKept, "export": "distill build -o type=tar,dest=FILE . writes an image's files",
        "import": "FROM scratch and ADD FILE.tar / in a Dockerfile", "port": "distill compose ps shows published ports",
        "rename": nothingKept, "stats": "nothing does the same; docs/performance.md tells what a build uses",
        "top": "ps on this machine: containers are processes of it",
        "update": "give the limits to 'distill run' at its start",
        "events": "distill build --progress rawjson tells programs what happens",
        "search": "a registry's own site searches; distill base ls lists bases that need none",
        "container": "distill run runs a program in the foreground; \(services)",
        "network": "a Compose file has networks of its own; distill run --network host or none",
        "volume":
            "distill run -v ./DIR:/DIR keeps files in a directory; a Compose file has volumes, which compose down --volumes removes",
        "context": "there is no daemon to choose", "plugin": "there are none",
        "trust": "distill push signs nothing: use cosign",
        "swarm": "nothing does the same", "service": "nothing does the same", "stack": services,
        "node": "nothing does the same",
        "secret": "distill build --secret id=NAME,src=FILE", "config": "nothing does the same",
        "scout": "distill image sbom IMAGE lists packages",
        "scan": "distill image sbom IMAGE lists packages for a scanner",
        "sbom": "distill image sbom IMAGE", "checkpoint": "nothing does the same",
        "init": "Examples has Dockerfiles to begin with",
        "compose start": services, "compose stop": "distill compose down",
        "compose restart": "distill compose down, then up -d",
        "compose exec": "distill run -it IMAGE sh with the service's image",
        "compose run": "distill run IMAGE with the service's image",
        "compose pull": "distill compose up pulls what is missing; distill pull NAME renews an image",
        "compose push": "distill push NAME for each image", "compose rm": "distill compose down",
        "compose kill": "distill compose down",
        "compose images": "distill compose config --images",
        "compose top": "ps on this machine: containers are processes of it",
        "compose create": "distill compose build, then up",
        "compose ls": "distill compose ps in the application's directory",
        "compose cp": "a volume in the Compose file", "compose port": "distill compose ps",
        "compose version": "distill version",
        "compose watch": "distill compose up --build after a change", "compose attach": "distill compose logs --follow",
        "compose events": "distill compose logs --follow", "compose pause": "nothing does the same",
        "compose unpause": "nothing does the same",
        "compose convert": "distill compose config", "compose wait": "distill compose up waits",
        "compose scale": "name services one by one",
        "buildx": "distill build does what buildx does; distill builder has prune, du and history",
        "buildx build": "distill build", "buildx bake": "distill compose build builds the images of a Compose file",
        "buildx imagetools": "distill manifest, and distill image copy",
        "buildx ls": "there is one builder, this program",
        "buildx create": "there is one builder, this program: leave the line out",
        "buildx use": "there is one builder, this program: leave the line out",
        "buildx inspect": "distill info", "buildx rm": "there is one builder, this program",
        "buildx stop": "there is none to stop",
        "buildx du": "distill builder du", "buildx prune": "distill builder prune", "buildx version": "distill version",
        "buildx history": "distill builder history", "builder build": "distill build", "image build": "distill build",
        "image pull": "distill pull", "image push": "distill push",
        "image import": "FROM scratch and ADD FILE.tar / in a Dockerfile",
        "system info": "distill info", "system events": "distill build --progress rawjson",
    ]

    private static let options: [String: String] = [
        "run -d": services, "run --detach": services,
        "run -p":
            "a program's network is its own: use --network host, or publish ports of services in a Compose file",
        "run --publish":
            "a program's network is its own: use --network host, or publish ports of services in a Compose file",
        "run -P": "a program's network is its own: use --network host",
        "run --publish-all": "a program's network is its own: use --network host",
        "run --name": "a container is removed at its end and needs no name: leave it out",
        "run --restart": "services of a Compose file have 'restart'",
        "run --link": "services of a Compose file find each other by name",
        "run -l": "labels belong to images here: distill build --label",
        "run --label": "labels belong to images here: distill build --label",
        "run --gpus": "--device for each of its devices", "run --pid": "nothing does the same",
        "run --ipc": "--shm-size sets the size of /dev/shm",
        "run --userns": "nothing does the same",
        "run --platform": "distill pull --platform PLATFORM IMAGE before it",
        "run --volumes-from": "-v for each directory",
        "run --log-driver": "redirect standard output", "run --log-opt": "redirect standard output",
        "run --cidfile": "a container is removed at its end",
        "run --health-cmd": "services of a Compose file have 'healthcheck'",
        "run --no-healthcheck": "there are no health checks here: leave it out",
        "run --expose": "a program's network is its own, and nothing is published: leave it out",
        "run --network-alias": "services of a Compose file have aliases",
        "run --ip": "a program's network is its own, and its address is chosen for it",
        "run --mac-address": "a program's network is its own, and its address is chosen for it",
        "run --stop-signal": "signals are passed on as they come",
        "run --stop-timeout": "a second Ctrl-C within two seconds ends the program",
        "run -a": "both outputs are shown: redirect one", "run --attach": "both outputs are shown: redirect one",
        "run --sig-proxy": "signals are always passed on: leave it out",
        "run --runtime": "put the runtime first on PATH",
        "run --storage-opt": "the store's file system sets the limit", "run --cgroupns": "nothing does the same",
        "run --uts": "--hostname NAME",
        "run --oom-kill-disable": "--memory sets how much there is", "run --domainname": "--hostname NAME.DOMAIN",
        "build --builder": "there is one builder, this program: leave it out",
        "build --print": "--call outline, or --call targets", "build --no-trunc": "nothing is shortened: leave it out",
        "build --stream": "leave it out", "build --context": "the context is the last word: distill build DIRECTORY",
        "images --tree": "distill history IMAGE shows its layers", "pull -a": "distill pull NAME:TAG for each tag",
        "pull --all-tags": "distill pull NAME:TAG for each tag",
        "push -a": "distill push NAME:TAG for each tag", "push --all-tags": "distill push NAME:TAG for each tag",
        "save --platform": "distill build --platform, or pull --platform, gives an image of one platform",
        "load --platform": "all platforms of an archive are loaded: leave it out",
        "history --platform": "distill inspect shows an image's platforms",
        "version --context": "there is no daemon: leave it out",
        "system prune --volumes": "distill compose down --volumes removes an application's",
        " -H": "there is no daemon to choose",
        " --host": "there is no daemon to choose", " --context": "there is no daemon to choose", " -D": "leave it out",
        " --debug": "leave it out",
        " --config": "export DOCKER_CONFIG=DIRECTORY", " -l": "leave it out", " --log-level": "leave it out",
        " --tls": "there is no daemon to choose",
    ]

    private static let composeOptions: [String: String] = [
        "--scale": "name services one by one in the file",
        "--parallel": "builds are done as their order lets them: leave it out",
        "--ansi": "NO_COLOR in the environment turns colours off", "--compatibility": "leave it out",
        "--dry-run": "distill compose config shows what would be",
        "--no-deps": "name services, and remove depends_on from the file",
        "--wait": "up -d returns when the services are there",
        "--pull": "distill compose build --pull", "--quiet-pull": "leave it out", "--no-start": "distill compose build",
        "--timestamps": "nothing does the same", "--since": "--tail NUMBER", "--until": "--tail NUMBER",
        "--rmi": "distill rmi IMAGE", "--push": "distill push IMAGE",
    ]
}

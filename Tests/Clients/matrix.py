"""docker's clients, each with the cases that it can do."""
import shutil, subprocess, uuid

import cases
from programs import NEWEST, NEXT, Programs
from world import Failure, World

# The client's name, the release of its docker (None: this machine's), of its plugin, and what it does.
CLIENTS = [
    ("docker-20.10-classic", None, None, cases.COMMON),
    ("docker-20.10-buildkit", None, None, cases.SESSION),
    ("docker-28-classic", NEWEST, None, cases.COMMON),
    ("buildx-0.13", NEXT, NEXT, cases.BUILDX),
    ("buildx-0.29", NEWEST, NEWEST, cases.BUILDX),
    ("compose-2.26", NEXT, NEXT, cases.COMPOSED),
    ("compose-2.40", NEWEST, NEWEST, cases.COMPOSED),
]


class Client:
    def __init__(self, name, world, program, plugins):
        self.name, self.world, self.program = name, world, program
        self.is_classic = name.endswith("classic")
        self.buildx = "buildx" in plugins
        self.outline = ["--print", "outline"] if name.endswith("0.13") else ["--call", "outline"]
        self.folder = world.work / name
        shutil.rmtree(self.folder, ignore_errors=True)
        config = self.folder / "config"
        (config / "cli-plugins").mkdir(parents=True, exist_ok=True)
        (config / "config.json").write_text("{}")
        for plugin, path in plugins.items():
            (config / "cli-plugins" / f"docker-{plugin}").symlink_to(path)
        self.environment = {**world.environment, "DOCKER_CONFIG": str(config), "BUILDX_CONFIG": str(self.folder / "buildx")}
        self.environment["BUILDKIT_PROGRESS"] = "plain"
        if not self.buildx:
            self.environment["DOCKER_BUILDKIT"] = "0" if self.is_classic else "1"

    def status(self, code):
        """With what the client ends where a command of RUN ended with a code."""
        return code if self.is_classic else 1

    def docker(self, *words, **options):
        options.setdefault("env", self.environment)
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        return self.world.command([self.program, *words], **options)

    def words(self, context, *words):
        verb = ["buildx", "build"] if self.buildx else ["build"]
        return [str(word) for word in [self.program, *verb, *words, context]]

    def build(self, context, *words, **options):
        return self.docker(*self.words(context, *words)[1:], **options)

    def context(self, files):
        folder = self.folder / f"context-{uuid.uuid4().hex[:8]}"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path


def make_base(world: World):
    """What the calculator stands on, composed of Debian's packages."""
    if world.command([world.distill, "image", "inspect", "ubuntu:latest"], check=False).returncode:
        world.command([world.distill, "base", "build", "debian:bookworm"], timeout=900)
        # With what the calculator installs: each client does so again, and has nothing to fetch but the lists.
        recipe = "FROM debian:bookworm\nRUN apt-get update && apt-get install -y --no-install-recommends golang-go openssh-client\n"
        world.command([world.distill, "build", "-q", "-t", "ubuntu:latest", "-"], input=recipe, timeout=900)


def check(world: World, programs: Programs, wanted, only=None, verbose=False):
    """Runs the cases of clients. Returns a line for people."""
    world.make_standins()
    make_base(world)
    world.serve()
    lines, failures = [], []
    for name, suite, plugin, all_cases in CLIENTS:
        if wanted and name not in wanted:
            continue
        plugins = {key: programs.plugin(plugin, key) for key in ("buildx", "compose")} if plugin else {}
        client = Client(name, world, programs.docker(suite), plugins)
        good = 0
        chosen = [case for case in all_cases if not only or case.__name__ in only]
        for case in chosen:
            try:
                case(client)
                good += 1
            except Exception as failure:  # whatever it is, the other cases are tried
                failures.append(f"{name}: {case.__name__}: {failure}")
            if verbose:
                print(f"     {failures[-1]}" if failures and failures[-1].startswith(f"{name}: {case.__name__}:") else f"     ok {name}: {case.__name__}", flush=True)
        lines.append(f"{name} {good} of {len(chosen)}")
        shutil.rmtree(client.folder, ignore_errors=True)
    if failures:
        raise Failure(", ".join(lines) + "\n" + "\n".join(failures))
    return ", ".join(lines)

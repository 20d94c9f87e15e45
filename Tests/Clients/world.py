"""What docker's clients are tried in: a server of Distill with a store of its own, a registry, and images that stand for known ones."""
import os, pathlib, shutil, signal, socket, subprocess, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINKS = "sh cat echo ls env grep find touch mkdir cp sleep top true id wc printf date seq ping".split()
PASSWD = "root:x:0:0:root:/root:/bin/sh\npostgres:x:70:70::/var/lib/postgresql:/bin/sh\n"
# What the names of docker.io stand for: all have one root, and each a label of its own, so that no two have one ID.
STANDINS = ["library/alpine:3.10", "library/alpine:latest", "library/busybox:latest", "library/hello-world:latest"]


class Failure(Exception):
    """Something did not answer as it is to."""


def run(command, check=True, **options):
    """Runs a command; its output is text, standard error in it."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.STDOUT)
    options.setdefault("timeout", 900)
    shell = isinstance(command, str)
    words = ["bash", "-euc", command] if shell else [str(word) for word in command]
    try:
        done = subprocess.run(words, text=True, errors="replace", **options)
    except subprocess.TimeoutExpired as expired:
        raise Failure(f"{command} takes more than {expired.timeout} s:\n{(expired.stdout or b'')[-2000:].decode(errors='replace')}") from None
    if check and done.returncode:
        raise Failure(f"{command} ended with {done.returncode}:\n{done.stdout or ''}{done.stderr or ''}")
    return done


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    """A scope: all that it starts ends with it."""

    def __init__(self, distill, directory=None):
        self.distill = str(pathlib.Path(distill).resolve())
        self.kept = directory is not None
        self.work = pathlib.Path(directory or tempfile.mkdtemp(prefix="clients."))
        self.work.mkdir(parents=True, exist_ok=True)
        self.children = []
        self.registry = f"127.0.0.1:{free_port()}"
        self.socket = self.work / "s"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("DOCKER_", "BUILDX_", "COMPOSE_", "LISTEN_"))},
            "DOCKER_CONFIG": str(self.work / "config"), "DISTILL_ROOT": str(self.work / "store"), "HOME": str(self.work / "home"),
            "DOCKER_HOST": f"unix://{self.socket}", "CONTAINERS_REGISTRIES_CONF": str(self.work / "registries.conf"),
            "BUILDX_CONFIG": str(self.work / "buildx"), "DOCKER_CLI_HINTS": "false", "LC_ALL": "C.UTF-8",
        }

    def __enter__(self):
        for name in ("config", "home"):
            (self.work / name).mkdir(exist_ok=True)
        (self.work / "config/config.json").write_text("{}")
        (self.work / "registries.conf").write_text(f'[[registry]]\nprefix = "docker.io"\nlocation = "{self.registry}"\n')
        self.start_registry()
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
        if not self.kept:
            run(["umount", "-R", self.work], check=False)
            shutil.rmtree(self.work, ignore_errors=True)

    def start(self, command, log, **options):
        with open(self.work / log, "ab") as output:
            child = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output, stdin=subprocess.DEVNULL, **options)
        self.children.append(child)
        return child

    def wait_for(self, what, is_there, child=None):
        end = time.monotonic() + 60
        while not is_there():
            if time.monotonic() > end or (child and child.poll() is not None):
                raise Failure(f"{what} does not answer")
            time.sleep(0.05)

    def start_registry(self):
        folder = self.work / "registry"
        folder.mkdir(exist_ok=True)
        (self.work / "registry.yml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {folder}}}\n  delete: {{enabled: true}}\n"
            f"http: {{addr: {self.registry}}}\n")
        child = self.start(["docker-registry", "serve", self.work / "registry.yml"], "registry.log")
        host, port = self.registry.split(":")

        def answers():
            with socket.socket() as probe:
                return probe.connect_ex((host, int(port))) == 0

        self.wait_for("the registry", answers, child)

    def serve(self, *options):
        """Starts the server, and waits until clients can connect."""
        child = self.start([self.distill, "serve", "--socket", self.socket, *options], "serve.log", env=self.environment)
        self.wait_for("the server", self.socket.exists, child)
        return child

    def command(self, command, **options):
        options.setdefault("env", self.environment)
        return run(command, **options)

    def make_standins(self):
        """Pushes the images that names of docker.io lead to."""
        context = self.work / "standin"
        for name in ("bin", "tmp", "etc", "root", "var/opt"):
            (context / "r" / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(shutil.which("busybox"), context / "r/bin/busybox")
        for link in LINKS:
            if not (context / "r/bin" / link).is_symlink():
                (context / "r/bin" / link).symlink_to("busybox")
        (context / "r/etc/passwd").write_text(PASSWD)
        for name in STANDINS:
            (context / "Dockerfile").write_text(f'FROM scratch\nCOPY r /\nLABEL standin="{name}"\nCMD ["sh"]\n')
            self.command([self.distill, "build", "-q", "-o", f"type=image,push=true,name={self.registry}/{name}", context])
            self.command([self.distill, "rmi", "--force", f"{self.registry}/{name}"], check=False)

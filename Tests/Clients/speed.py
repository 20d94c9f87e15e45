"""How long docker's client takes with Distill and with BuildKit in docker's own engine, and what an idle server holds."""
import os, pathlib, statistics, subprocess, time, uuid

from programs import ENGINE, NEWEST, Programs
from world import ROOT, Failure, World

ROUNDS = 5


class Engine:
    """docker's engine, for as long as it is needed: no network of its own, and mounts that end with it."""

    def __init__(self, world: World, programs: Programs):
        tree = programs.tree(NEWEST, ENGINE[:2])
        self.folder = world.work / "engine"
        self.folder.mkdir()
        self.socket = self.folder / "s"
        path = f"{tree}/usr/bin:{tree}/usr/sbin:{os.environ['PATH']}"
        command = ["unshare", "-m", "--propagation", "private", "--kill-child", "dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec",
                   "--pidfile", self.folder / "pid", "-H", f"unix://{self.socket}", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
        child = world.start(command, "engine.log", env={**os.environ, "PATH": path})
        world.wait_for("docker's engine", self.socket.exists, child)


def files(folder: pathlib.Path, count):
    """A context of many small files; no two contexts have the same."""
    folder.mkdir(parents=True)
    word = uuid.uuid4().hex
    for number in range(count):
        place = folder / f"d{number // 100}"
        if number % 100 == 0:
            place.mkdir()
        (place / f"f{number}").write_text(f"{word} {number}\n" * (1 + number % 40))
    (folder / "Dockerfile").write_text("FROM busybox\nCOPY . /f\n")
    return folder


def seconds(client, host, context, *words):
    start = time.monotonic()
    client.build(context, "--network", "host", "-t", "speed", *words, env={**client.environment, "DOCKER_HOST": host}, timeout=900)
    return time.monotonic() - start


def resident(process):
    text = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def check(world: World, client, programs: Programs):
    """Measures. Returns lines for people; a figure that is missed is a failure."""
    server = world.serve()
    hosts = {"distill": world.environment["DOCKER_HOST"], "buildkit": f"unix://{Engine(world, programs).socket}"}
    archive = world.work / "bases.tar"
    client.docker("pull", "busybox")
    client.docker("save", "-o", archive, "busybox", "ubuntu")
    client.docker("load", "-i", archive, env={**client.environment, "DOCKER_HOST": hosts["buildkit"]}, timeout=900)
    lines, missed = [f"load of the machine: {os.getloadavg()[0]:.1f}"], []
    for name, make in [("calculator", lambda host: ROOT / "Examples/calculator"), ("20,000 files", lambda host: files(world.work / f"files-{host}", 20_000))]:
        first, again = {}, {}
        contexts = {host: make(host) for host in hosts}
        for host, address in hosts.items():
            first[host] = seconds(client, address, contexts[host], "--no-cache")
        times = {host: [] for host in hosts}
        for _ in range(ROUNDS):
            for host, address in hosts.items():
                times[host].append(seconds(client, address, contexts[host]))
        again = {host: statistics.median(values) for host, values in times.items()}
        lines.append(f"{name}: first {first['distill']:.1f} s, BuildKit {first['buildkit']:.1f} s; unchanged {again['distill']:.2f} s, BuildKit {again['buildkit']:.2f} s")
        if first["distill"] > first["buildkit"] * 1.1:
            missed.append(f"{name}: the first build is slower")
        if again["distill"] > again["buildkit"] / 2:
            missed.append(f"{name}: the unchanged build takes more than half of BuildKit's time")
    # What is not needed is given back when nothing was to do for two seconds.
    time.sleep(5)
    busy = resident(server.pid)
    fresh = subprocess.Popen(
        [world.distill, "serve", "--socket", world.work / "idle", "--idle", "6"], env=world.environment, stdout=subprocess.DEVNULL)
    world.wait_for("the server", (world.work / "idle").exists, fresh)
    start = time.monotonic()
    begun = resident(fresh.pid)
    time.sleep(3)
    idle = resident(fresh.pid)
    status = fresh.wait(30)
    lines.append(f"idle server: {begun:.1f} MiB as it starts, {idle:.1f} MiB three seconds later (VmRSS); after all these builds {busy:.1f} MiB; ended by itself after {time.monotonic() - start:.0f} s")
    if idle * 1.048576 > 15 or status:
        missed.append("the idle server")
    lines.append(f"load at the end: {os.getloadavg()[0]:.1f}")
    if missed:
        raise Failure("\n".join(lines + missed))
    return "\n".join(lines)

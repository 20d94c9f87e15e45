#!/usr/bin/env python3
"""Measures Distill beside other builders: whole processes, interleaved runs, medians, ratios.

Called by scripts/bench. Every command is a fresh bash that sources the builder's file; its wall time is taken around
the whole process, its CPU time from the kernel's account of it and its children, and the memory from the highest VmHWM
of the builder's own processes while it runs (children such as compilers do not count).
"""
import argparse, os, random, re, shutil, statistics, subprocess, sys, threading, time

import growth

HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    pass


class Builder:
    def __init__(self, name, work, distill):
        self.name, self.work = name, os.path.join(work, name)
        self.environment = dict(os.environ, WORK=self.work, DISTILL=distill)
        os.makedirs(self.work, exist_ok=True)
        self.file = os.path.join(HERE, "builders", name + ".sh")
        self.log = os.path.join(self.work, "log")
        # Where its programs have their root: those of another suite are in a tree of their own.
        self.root = os.environ.get("BENCH_NEWEST", "") if name.endswith("-newest") else "/"

    def argv(self, function, *arguments):
        return ["bash", "-c", '. "$0"; "$@"', self.file, function, *arguments]

    def call(self, function, *arguments):
        done = subprocess.run(self.argv(function, *arguments), env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Failed(f"{self.name} {function}: {done.stdout[-2000:]}")
        return done.stdout.strip()

    def measure(self, *calls):
        """Wall seconds, CPU seconds and bytes of memory of function calls one after the other."""
        return self.measured('. "$0"; ' + " && ".join(" ".join(quote(word) for word in call) for call in calls))

    def measured(self, script):
        """The same of a script, which finds the builder's file as $0."""
        watcher = MemoryWatcher(self.call("processes").split(), self.root)
        with open(self.log, "a") as log:
            log.write(script + "\n")
            log.flush()
            daemon = daemon_cpu(watcher.names, self.root)
            start = time.monotonic()
            pid = os.posix_spawnp("bash", ["bash", "-c", script, self.file], self.environment,
                                  file_actions=[(os.POSIX_SPAWN_DUP2, log.fileno(), 1), (os.POSIX_SPAWN_DUP2, log.fileno(), 2)])
            _, status, usage = os.wait4(pid, 0)
            wall = time.monotonic() - start
        memory = watcher.stop()
        if status:
            raise Failed(f"{self.name}: {script}: exit {status}; see {self.log}")
        cpu = usage.ru_utime + usage.ru_stime + (daemon_cpu(watcher.names, self.root) - daemon if daemon else 0)
        return wall, cpu, memory


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def processes(names, root):
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/comm") as file:
                    if file.read().strip() in names and os.readlink(f"/proc/{entry}/root") == root:
                        yield entry
            except OSError:
                pass


def daemon_cpu(names, root):
    """CPU seconds that processes of these names, and those they waited for, have used; for daemons."""
    total = 0
    for pid in processes([name for name in names if name.endswith("d")], root):
        try:
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            total += sum(int(field) for field in fields[11:15])
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


class MemoryWatcher(threading.Thread):
    def __init__(self, names, root):
        super().__init__(daemon=True)
        self.names, self.root, self.peak, self.done = names, root, {}, threading.Event()
        self.start()

    def run(self):
        while not self.done.wait(0.02):
            for pid in processes(self.names, self.root):
                try:
                    found = re.search(r"VmHWM:\s+(\d+) kB", open(f"/proc/{pid}/status").read())
                    if found:
                        self.peak[pid] = int(found.group(1)) * 1024
                except OSError:
                    pass

    def stop(self):
        self.done.set()
        self.join()
        return sum(self.peak.values()) if len({p for p in self.peak}) and any(n.endswith("d") for n in self.names) else max(self.peak.values(), default=0)


# Workloads: what is made before, and what is measured.

def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def small_files(directory, count=20000):
    source = random.Random(1)
    os.makedirs(directory)
    for index in range(count):
        folder = f"{directory}/files/{index // 200:03}"
        if index % 200 == 0:
            os.makedirs(folder)
        with open(f"{folder}/{index}.txt", "wb") as file:
            file.write(source.randbytes(source.randint(100, 3000)).hex().encode()[: source.randint(100, 4000)])
    write(f"{directory}/Dockerfile", "FROM scratch\nCOPY files /files\n")


def mixed_data(directory, megabytes=1024):
    """Libraries and programs of this machine, repeated with a changed head until the size is reached: as compressible
    as what images hold."""
    os.makedirs(f"{directory}/data")
    pool = []
    for root in ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/bin", "/usr/lib"]:
        for path, _, names in sorted(os.walk(root)):
            pool += [os.path.join(path, name) for name in sorted(names)]
    written, index = 0, 0
    while written < megabytes << 20:
        path = pool[index % len(pool)]
        index += 1
        try:
            if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > 64 << 20:
                continue
            data = open(path, "rb").read()
        except OSError:
            continue
        with open(f"{directory}/data/{index}", "wb") as file:
            file.write(index.to_bytes(8, "big") + data)
        written += len(data)
    write(f"{directory}/Dockerfile", "FROM scratch\nCOPY data /data\n")


def calculator(directory, example):
    shutil.copytree(example, directory)
    write(f"{directory}/Dockerfile",
          "FROM localhost/go-base AS build\nWORKDIR /src\nCOPY calculator.go .\n"
          "RUN CGO_ENABLED=0 GO111MODULE=off go build -o /calculator calculator.go\nFROM scratch\nCOPY --from=build /calculator /calculator\nENTRYPOINT [\"/calculator\"]\n")


def run_steps(directory, count=50):
    write(f"{directory}/Dockerfile", "FROM localhost/small-base\n" + "".join(f"RUN echo {n} > /file-{n}\n" for n in range(count)))


def parallel_stages(directory):
    stages = "".join(
        f"FROM localhost/small-base AS s{n}\nRUN sleep 3 && dd if=/dev/urandom of=/data-{n} bs=1M count=50 2>/dev/null\n" for n in range(4))
    write(f"{directory}/Dockerfile", stages + "FROM scratch\n" + "".join(f"COPY --from=s{n} /data-{n} /\n" for n in range(4)))


def eight_layers(directory):
    """500 MB in 8 layers."""
    mixed_data(directory, 500)
    names = sorted(os.listdir(f"{directory}/data"))
    for index, name in enumerate(names):
        os.makedirs(f"{directory}/{index % 8}", exist_ok=True)
        os.rename(f"{directory}/data/{name}", f"{directory}/{index % 8}/{name}")
    os.rmdir(f"{directory}/data")
    write(f"{directory}/Dockerfile", "FROM scratch\n" + "".join(f"COPY {n} /{n}\n" for n in range(8)))


class Registry:
    """Debian's registry on the loopback interface, if it is installed."""

    def __init__(self, directory):
        self.process, self.address = None, None
        self.directory = f"{directory}/registry"
        if not shutil.which("docker-registry"):
            return
        write(f"{directory}/registry.yml", "version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\n"
              f"storage: {{filesystem: {{rootdirectory: {self.directory}}}}}\nhttp: {{addr: '127.0.0.1:0'}}\n")
        self.process = subprocess.Popen(["docker-registry", "serve", f"{directory}/registry.yml"], stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, text=True)
        for line in self.process.stderr:
            found = re.search(r"listening on (127\.0\.0\.1:\d+)", line)
            if found:
                self.address = found.group(1)
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def empty(self):
        """Forgets all that it has; its answers come from its files."""
        shutil.rmtree(self.directory, ignore_errors=True)
        os.sync()

    def stop(self):
        if self.process:
            self.process.kill()


class Bench:
    def __init__(self, options, builders):
        self.options, self.builders, self.rows = options, builders, []
        self.contexts = os.path.join(options.directory, "contexts")
        os.makedirs(self.contexts, exist_ok=True)
        self.serial = 0

    def fresh(self, make, *arguments):
        """A context that no builder has seen: new files with the same content."""
        template = os.path.join(self.contexts, make.__name__)
        if not os.path.exists(template):
            make(template, *arguments)
        self.serial += 1
        copy = os.path.join(self.contexts, f"{make.__name__}-{self.serial}")
        subprocess.run(["cp", "-a", template, copy], check=True)
        os.sync()
        return copy

    def workload(self, title, function, runs=None):
        """`function` gets a builder and the run's number, and returns wall, CPU, memory."""
        if self.options.only and not any(word in title for word in self.options.only):
            return
        results = {builder.name: [] for builder in self.builders}
        for run in range(runs or self.options.runs):
            for builder in self.builders:
                if results[builder.name] is None:
                    continue
                try:
                    results[builder.name].append(function(builder, run))
                except Failed as failure:
                    print(f"bench: {failure}", file=sys.stderr)
                    results[builder.name] = None
        row = {name: tuple(statistics.median(column) for column in zip(*runs)) if runs else None for name, runs in results.items()}
        self.rows.append((title, row))
        self.write_report()
        # What was removed is given back, or the file below grows by everything that was ever written.
        subprocess.run(["fstrim", self.options.directory], stderr=subprocess.DEVNULL)
        ours = row.get("distill")
        others = [(figures[0], name) for name, figures in row.items() if figures and name != "distill"]
        line = "  ".join(f"{name} {figures[0]:.3f} s ({figures[1]:.2f}) {figures[2] / 1e6:.0f} MB" for name, figures in row.items() if figures)
        verdict = ""
        if ours and others:
            best, name = min(others)
            verdict = f"  -> {best / ours[0]:.1f} times as fast as {name}" if best >= ours[0] else f"  -> LOSES to {name}: {ours[0] / best:.1f} times as long"
        print(f"{title}: {line}{verdict}", flush=True)

    def remove(self, *paths):
        for path in paths:
            shutil.rmtree(path, ignore_errors=True)
            if os.path.isfile(path):
                os.unlink(path)

    def run(self):
        example = self.options.example
        seen = {}

        def once(key, make):
            if key not in seen:
                seen[key] = make()
            return seen[key]

        def archive(builder):
            return os.path.join(builder.work, "archive.tar")

        def cold(make, tag, *arguments, saved=False):
            def measure(builder, run):
                context = self.fresh(make, *arguments)
                calls = [("build_cold", context, f"localhost/{tag}")]
                if saved:
                    self.remove(archive(builder))
                    calls.append(("save", f"localhost/{tag}", archive(builder)))
                result = builder.measure(*calls)
                self.remove(context, archive(builder))
                return result
            return measure

        def kept(builder, make, tag, *arguments):
            """A context that this builder has built."""
            def build():
                context = self.fresh(make, *arguments)
                # Times of files that are younger than two seconds are trusted by nobody.
                time.sleep(3)
                builder.call("build_warm", context, f"localhost/{tag}")
                return context
            return once((builder.name, make.__name__), build)

        def unchanged(make, tag, *arguments):
            return lambda builder, run: builder.measure(("build_warm", kept(builder, make, tag, *arguments), f"localhost/{tag}"))

        def changed(make, tag, name, *arguments):
            def measure(builder, run):
                context = kept(builder, make, tag, *arguments)
                with open(os.path.join(context, name), "a") as file:
                    file.write(f"// {run} {time.time_ns()}\n")
                return builder.measure(("build_warm", context, f"localhost/{tag}"))
            return measure

        self.workload("calculator on a ready Go base, cold", cold(calculator, "calculator", example))
        self.workload("calculator, nothing changed", unchanged(calculator, "calculator", example))
        self.workload("calculator, one line changed", changed(calculator, "calculator", "calculator.go", example))
        self.workload("20,000 small files into scratch, cold", cold(small_files, "files"))
        self.workload("20,000 small files, cold, saved as an archive", cold(small_files, "files", saved=True))
        self.workload("20,000 small files, nothing changed", unchanged(small_files, "files"))
        self.workload("20,000 small files, one changed", changed(small_files, "files", "files/003/700.txt"))
        self.workload("50 RUN steps, cold", cold(run_steps, "steps"), runs=max(1, self.options.runs // 2))
        self.workload("50 RUN steps, nothing changed", unchanged(run_steps, "steps"))
        self.workload("4 parallel stages, cold", cold(parallel_stages, "stages"), runs=max(1, self.options.runs // 2))
        self.workload("1 GiB of mixed data into scratch, saved as an archive", cold(mixed_data, "data", saved=True),
                      runs=max(1, self.options.runs // 2))

        def tag_many(builder):
            context = os.path.join(self.contexts, "labels")
            for index in range(200):
                write(f"{context}/Dockerfile", f"FROM scratch\nLABEL n={index}\nCOPY Dockerfile /\n")
                builder.call("build_warm", context, f"localhost/image-{index}")
            return True

        def listing(builder, run):
            once((builder.name, "images"), lambda: tag_many(builder))
            return builder.measure(("list",))

        self.registry_work(once)
        # Last, because the other builders need minutes to make the images.
        self.workload("list 200 images", listing)

    def registry_work(self, once):
        titles = ["500 MB in 8 layers, pushed to an empty registry", "500 MB in 8 layers, pushed to where they are",
                  "500 MB in 8 layers, pulled from a registry"]
        wanted = not self.options.only or any(word in title for word in self.options.only for title in titles)
        registry = Registry(self.options.directory) if wanted else None
        if registry is None or registry.address is None:
            return
        archive = os.path.join(self.options.directory, "eight.tar")
        maker = next(builder for builder in self.builders if builder.name == "distill")
        context = self.fresh(eight_layers)
        maker.call("build_warm", context, "localhost/eight")
        maker.call("save_docker", "localhost/eight", archive)
        self.remove(context)
        pulled = f"{registry.address}/pulled:1"

        def ready(builder):
            builder.call("prepare", archive, "localhost/eight")
            # Archives that a builder keeps of its layers are made now.
            builder.call("tag", "localhost/eight", pulled)
            builder.call("push", "localhost/eight", pulled)
            return True

        def push_all(builder, run):
            once((builder.name, "eight"), lambda: ready(builder))
            registry.empty()
            builder.call("tag", "localhost/eight", pulled)
            return builder.measure(("push", "localhost/eight", pulled))

        def push_again(builder, run):
            once((builder.name, "eight"), lambda: ready(builder))
            name = f"{registry.address}/{builder.name}-{run}:1"
            builder.call("tag", "localhost/eight", name)
            return builder.measure(("push", "localhost/eight", name))

        def pull(builder, run):
            once((builder.name, "eight"), lambda: ready(builder))
            builder.call("forget_pulled")
            return builder.measure(("pull", pulled))

        try:
            self.workload(titles[0], push_all)
            self.workload(titles[1], push_again)
            self.workload(titles[2], pull)
        finally:
            registry.stop()
            self.remove(archive)

    def grow(self):
        """Measures how time and memory grow, and writes a page of its own with a picture."""
        newest = [builder for builder in self.builders if builder.name.endswith("-newest")]
        self.builders = [builder for builder in self.builders if builder.name == "distill"] + newest or self.builders
        registry = Registry(self.options.directory)
        curves = growth.Growth(self, sys.modules[__name__], registry)
        try:
            curves.run()
        finally:
            registry.stop()
        self.text = (
            "# As the work grows\n\nWritten by `scripts/bench --growth`; do not edit. Each cell: wall seconds, in brackets the builder's peak memory in\n"
            "MB (client and daemon; commands that it runs do not count); one run a cell, all on one ext4 file system with a journal. A builder that\n"
            f"needed longer than a minute is not asked for more. {self.circumstances()}\n\n"
            "![Seconds as the work grows](images/growth.svg)\n\n" + curves.report())
        if self.options.output:
            page = os.path.join(os.path.dirname(self.options.output), "growth.md")
            write(page, self.text)
            curves.draw(os.path.join(os.path.dirname(page), "images/growth.svg"))

    def circumstances(self):
        with open("/proc/cpuinfo") as file:
            model = re.search(r"model name\s*: (.*)", file.read())
        versions = "; ".join(f"{builder.name}: {builder.call('version').splitlines()[0]}" for builder in self.builders)
        return (f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores ({model.group(1) if model else os.uname().machine}), "
                f"Linux {os.uname().release}, load {os.getloadavg()[1]:.1f}; {versions}.")

    def write_report(self):
        """After every workload, so that an interrupted run leaves what it measured."""
        lost = [title for title, row in self.rows if row.get("distill") and any(
            figures and name != "distill" and figures[0] < row["distill"][0] for name, figures in row.items())]
        self.text = (
            "# Benchmarks\n\nWritten by `scripts/bench`; do not edit. Each cell: wall seconds, in brackets CPU seconds of all processes, then the\n"
            "builder's peak memory in MB (client and daemon; commands that it runs do not count). Medians of "
            f"{self.options.runs} interleaved runs (half as many\nfor the long ones), all on one ext4 file system with a journal. "
            "Archives are packed with gzip, but docker's, which are not packed.\n\n"
            f"{self.circumstances()}\n\n"
            + ("Distill is not the fastest at what stands first: " + "; ".join(lost) + ".\n\n" if lost else "Distill is the fastest at all of these.\n\n")
            + self.report(lost) + "\n\n![How many times as long other builders take](images/benchmarks.svg)\n")
        if self.options.output:
            write(self.options.output, self.text)
            picture = os.path.join(os.path.dirname(self.options.output), "images/benchmarks.svg")
            subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "plot.py"), self.options.output, picture], check=True)

    def report(self, lost):
        names = [builder.name for builder in self.builders]
        cell = lambda figures: f"{figures[0]:.3f} ({figures[1]:.2f}) {figures[2] / 1e6:.0f}" if figures and figures[2] else f"{figures[0]:.3f} ({figures[1]:.2f})" if figures else "–"
        lines = ["| work | " + " | ".join(names) + " | fastest other ÷ distill |", "|---" * (len(names) + 2) + "|"]
        for title, row in sorted(self.rows, key=lambda row: row[0] not in lost):
            ours, others = row.get("distill"), [f[0] for n, f in row.items() if f and n != "distill"]
            ratio = f"{min(others) / ours[0]:.1f}" if ours and others else "–"
            lines.append(f"| {title} | " + " | ".join(cell(row[name]) for name in names) + f" | {ratio} |")
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", required=True)
    parser.add_argument("--distill", required=True)
    parser.add_argument("--builders", default="distill,buildah,buildah-newest,podman,docker,docker-newest,skopeo,skopeo-newest")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", action="append")
    parser.add_argument("--example", required=True)
    parser.add_argument("--base", action="append", default=[], help="NAME=docker archive")
    parser.add_argument("--growth", action="store_true", help="how time and memory grow, in the place of the table")
    parser.add_argument("--output")
    options = parser.parse_args()
    builders = []
    for name in options.builders.split(","):
        builder = Builder(name, options.directory, options.distill)
        try:
            builder.call("present")
            for base in options.base:
                tag, archive = base.split("=", 1)
                builder.call("prepare", archive, tag)
            builders.append(builder)
        except Failed as failure:
            print(f"bench: without {failure}", file=sys.stderr)
    bench = Bench(options, builders)
    try:
        bench.grow() if options.growth else bench.run()
        print(bench.text)
    finally:
        for builder in builders:
            builder.call("finish")


main()

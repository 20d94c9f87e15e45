"""The language's cases, built by `distill build` and by docker's client: both must come to one image, or to one refusal.

Each has a store of its own, so that neither takes what the other made; the files' times are those of SOURCE_DATE_EPOCH.
"""
import concurrent.futures, os, shutil, subprocess

from world import LINKS, ROOT, Failure, World, run

CASES = ROOT / "Tests/EndToEndTests/Fixtures/language"
EPOCH = "1700000000"
PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\nother:x:1002:1002::/:/bin/sh\n"
BASE = """FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY passwd group hosts resolv.conf hostname /etc/
COPY empty /
RUN ["/bin/busybox", "chmod", "1777", "/tmp"]
ENV BASE=yes
CMD ["base-command"]
"""
# What cannot come to one image, and why.
DIFFERENT = {
    "special-files: names that are not UTF-8": "names are texts in the client's protocol",
}


def cases():
    """Name and sections of each case, as TestSupport's LanguageCase reads them."""
    for path in sorted(CASES.glob("*.txt")):
        name, sections, lines = None, {}, None
        # Not splitlines: carriage returns are part of what is written there.
        for line in path.read_bytes().decode(errors="surrogateescape").removesuffix("\n").split("\n"):
            if line.startswith("=== "):
                if name:
                    yield f"{path.stem}: {name}", sections
                name, sections, lines = line[4:], {}, None
            elif line.startswith("--- "):
                lines = sections.setdefault(line[4:].split(" ")[0], [])
            elif lines is not None:
                lines.append(line)
        if name:
            yield f"{path.stem}: {name}", sections


def make_base(world: World, client, other):
    """The image `base`, in both stores with one ID."""
    context = world.work / "base"
    for name in ("tmp", "dev", "proc", "sys", "run", "root", "home/app", "data/sub"):
        (context / "empty" / name).mkdir(parents=True)
        (context / "empty" / name / ("file" if "data" in name else "keep")).write_text("sub\n" if "data" in name else "")
    (context / "empty/data/file").write_text("data\n")
    shutil.copy(shutil.which("busybox"), context / "busybox")
    for name, text in {"passwd": PASSWD, "group": "root:x:0:\napp:x:1001:\nstaff:x:50:app\n", "hosts": "", "resolv.conf": "", "hostname": "", "Dockerfile": BASE}.items():
        (context / name).write_text(text)
    world.command([world.distill, "build", "-q", "-t", "base", context], env=other)
    archive = world.work / "base.tar"
    world.command([world.distill, "save", "-o", archive, "base"], env=other)
    client.docker("load", "-i", archive)


class Case:
    def __init__(self, number, name, sections, world, client, other):
        self.name, self.world, self.client, self.other = name, world, client, other
        self.options = " ".join(sections.get("options", [])).split()
        self.error = (sections.get("error") or [None])[0]
        self.folder, self.image = world.work / f"case-{number}", f"localhost/case-{number}"
        context = self.folder / "context"
        context.mkdir(parents=True)
        setup = "\n".join(sections.get("setup", [])) + "\n"
        if "setup" in sections:
            run(["sh", "-euc", setup], cwd=context)
        self.file = context / "Dockerfile"
        if not self.file.exists():
            self.file = self.folder / "Dockerfile"
            self.file.write_bytes(("\n".join(sections["Dockerfile"]) + "\n").encode(errors="surrogateescape"))

    def build(self, words, environment, id_file):
        output = f"type=image,name={self.image},rewrite-timestamp=true"
        words = [*words, *self.options, "-f", self.file, "--iidfile", self.folder / id_file, "-o", output, self.folder / "context"]
        done = self.world.command(words, check=False, env=environment, stdin=subprocess.DEVNULL)
        return (self.folder / id_file).read_text().strip() if done.returncode == 0 else None, done.stdout

    def compare(self):
        """What is not the same; None where all is."""
        epoch = {"SOURCE_DATE_EPOCH": EPOCH}
        theirs, heard = self.build([self.client.program, "buildx", "build"], {**self.client.environment, **epoch}, "there")
        ours, text = self.build([self.world.distill, "build", "--progress", "plain"], {**self.other, **epoch}, "ours")
        if self.error and not ours and not theirs:
            # BuildKit's form of it, which tools look for.
            return None if self.error in heard or self.error.replace("exit code ", "exit code: ") in heard else f"the client is not told '{self.error}':\n{heard[-1500:]}"
        if ours == theirs and ours:
            return None
        if ours and theirs:
            return f"{ours} and {theirs}\n" + self.differences()
        return f"only {'distill build' if ours else 'the client'} builds it:\n{(heard if ours else text)[-1500:]}"

    def differences(self):
        """Where two images differ."""
        tool = ROOT / "Tests/EndToEndTests/Fixtures/image.py"
        for name, environment in (("ours", self.other), ("there", self.world.environment)):
            self.world.command([self.world.distill, "save", "--format", "docker", "-o", self.folder / f"{name}.tar", self.image], env=environment)
            text = self.world.command(["python3", "-B", tool, self.folder / f"{name}.tar"]).stdout
            image = self.world.command([self.world.distill, "image", "inspect", self.image], env=environment).stdout
            times = self.world.command(f"tar -xOf '{self.folder}/{name}.tar' --wildcards '*.tar' '*/layer.tar' 2>/dev/null | tar -tvi --full-time -f - || true").stdout
            (self.folder / f"{name}.txt").write_text(text + image + times)
        return self.world.command(["diff", self.folder / "ours.txt", self.folder / "there.txt"], check=False).stdout[:3000]


def check(world: World, client, only=None, verbose=False):
    """Builds all. Returns a line for people."""
    world.serve()
    other = {**world.environment, "DISTILL_ROOT": str(world.work / "other")}
    make_base(world, client, other)
    wanted = [(number, *case) for number, case in enumerate(cases()) if not only or any(part in case[0] for part in only)]
    wrong, done = [], 0

    def difference(it):
        case = Case(*it, world, client, other)
        try:
            return it[1], case.compare()
        except Exception as failure:  # whatever it is, the other cases are tried
            return it[1], str(failure)
        finally:
            shutil.rmtree(case.folder, ignore_errors=True)

    # Programs wait for each other more than they work.
    with concurrent.futures.ThreadPoolExecutor(2 * os.cpu_count()) as pool:
        for name, found in pool.map(difference, wanted):
            done += 1
            if (found is None) == (name in DIFFERENT):
                wrong.append(f"{name}: {found or 'is the same, and is said not to be'}")
                print(f"     {wrong[-1]}", flush=True)
            elif verbose:
                print(f"     ok {done} {name}", flush=True)
    different = sum(name in DIFFERENT for _, name, _ in wanted)
    line = f"{len(wanted) - len(wrong) - different} of {len(wanted)} are the same with buildx as with distill build"
    if wrong:
        raise Failure("\n".join([line, *wrong]))
    return line

"""What each client builds, and what must come of it. A case takes a client and gives nothing, or raises a failure."""
import json, os, pathlib, re, signal, subprocess, time, uuid

from world import ROOT, Failure

BASE = "busybox"


def same(found, wanted, what=""):
    if found != wanted:
        raise Failure(f"{what or 'the outcome'} is {found!r}, not {wanted!r}")


def has(text, *parts):
    for part in parts:
        if part not in text:
            raise Failure(f"'{part}' is not in:\n{text}")


def runs(client, image, wanted, **options):
    """The image is known to the client, and what it is to do it does."""
    documents = json.loads(client.docker("image", "inspect", image).stdout)
    same(documents[0]["Os"], "linux", "the image's system")
    done = client.world.command([client.world.distill, "run", "--rm", "-i", image], stderr=subprocess.PIPE, **options)
    same(done.stdout, wanted, f"what {image} writes")


def calculator(client):
    client.build(ROOT / "Examples/calculator", "-t", "calculator")
    first = client.docker("image", "inspect", "-f", "{{.Id}} {{.Config.Entrypoint}}", "calculator").stdout
    has(first, "[/app]")
    runs(client, "calculator", "3\n2\n", input="1 + 2\n6 / 3\nexit\n")
    client.build(ROOT / "Examples/calculator", "-t", "calculator")
    same(client.docker("image", "inspect", "-f", "{{.Id}} {{.Config.Entrypoint}}", "calculator").stdout, first, "the image of the second build")


def secrets(client):
    word = uuid.uuid4().hex
    secret = client.file("secret", word)
    context = client.context({"Dockerfile": f'FROM {BASE}\nRUN --mount=type=secret,id=s,required wc -c </run/secrets/s >/size\nCMD ["cat", "/size"]\n'})
    client.build(context, "-t", "secret", "--secret", f"id=s,src={secret}")
    runs(client, "secret", "32\n")
    client.docker("save", "-o", client.folder / "secret.tar", "secret")
    if word.encode() in (client.folder / "secret.tar").read_bytes():
        raise Failure("the secret is in the image")
    failed = client.build(client.context({"Dockerfile": f"FROM {BASE}\nRUN --mount=type=secret,id=other,required cat /run/secrets/other\n"}), check=False)
    same(failed.returncode, 1, "the status of a build without its secret")


def ssh(client):
    address = client.folder / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", address], stdout=subprocess.DEVNULL)
    try:
        client.world.wait_for("ssh-agent", address.exists, agent)
        key = client.folder / "key"
        client.world.command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "comment", "-f", key])
        environment = {**client.environment, "SSH_AUTH_SOCK": str(address)}
        client.world.command(["ssh-add", "-q", key], env=environment)
        wanted = client.world.command(["ssh-add", "-l"], env=environment).stdout
        context = client.context({"Dockerfile": """FROM ubuntu
RUN --mount=type=ssh ssh-add -l >/keys
CMD ["cat", "/keys"]
"""})
        client.build(context, "-t", "ssh", "--ssh", "default", env=environment)
        runs(client, "ssh", wanted)
    finally:
        agent.terminate()
        agent.wait()


def cache_mounts(client):
    number = uuid.uuid4().hex
    text = f'FROM {BASE}\nARG N\nRUN --mount=type=cache,id={number},target=/c echo "$N" >>/c/n; cp /c/n /n\nCMD ["cat", "/n"]\n'
    for count in (1, 2):
        client.build(client.context({"Dockerfile": text}), "-t", "cached", "--build-arg", f"N={count}")
    runs(client, "cached", "1\n2\n")


def named_contexts(client):
    other = client.context({"f": "from elsewhere\n", ".dockerignore": "g\n", "g": ""})
    context = client.context({"Dockerfile": 'FROM base\nCOPY --from=other . /o/\nCMD ["sh", "-c", "ls /o; cat /o/f"]\n'})
    client.build(context, "-t", "named", "--build-context", f"other={other}", "--build-context", f"base=docker-image://{BASE}")
    runs(client, "named", "f\nfrom elsewhere\n")


def two_platforms(client):
    context = client.context({"Dockerfile": f'FROM --platform=$BUILDPLATFORM {BASE} AS b\nARG TARGETARCH\nRUN echo $TARGETARCH >/arch\n'
                              f'FROM scratch\nCOPY --from=b /bin /bin\nCOPY --from=b /arch /\nCMD ["cat", "/arch"]\n'})
    client.build(context, "-t", "both", "--platform", "linux/amd64,linux/arm64")
    runs(client, "both", "amd64\n")
    name = f"{client.world.registry}/both:{uuid.uuid4().hex}"
    client.build(context, "-t", name, "--platform", "linux/amd64,linux/arm64", "--push")
    index = json.loads(client.world.command([client.world.distill, "manifest", "inspect", name]).stdout)
    same(sorted(entry["platform"]["architecture"] for entry in index["manifests"] if entry["platform"]["os"] == "linux"), ["amd64", "arm64"], "the index")


BAKE = """
group "default" { targets = ["a", "b", "c", "d"] }
target "base" { context = "shared" }
target "a" {
  inherits = ["base"]
  tags = ["bake-a"]
  dockerfile-inline = "FROM busybox\\nCOPY f /a\\nCMD [\\"cat\\", \\"/a\\"]\\n"
}
target "b" {
  inherits = ["base"]
  tags = ["bake-b"]
  contexts = { up = "target:a" }
  dockerfile-inline = "FROM up\\nCOPY f /b\\nCMD [\\"cat\\", \\"/a\\", \\"/b\\"]\\n"
}
target "c" {
  inherits = ["base"]
  tags = ["bake-c"]
  contexts = { up = "target:a" }
  dockerfile-inline = "FROM busybox\\nCOPY --from=up /a /c\\nCMD [\\"cat\\", \\"/c\\"]\\n"
}
target "d" {
  inherits = ["base"]
  tags = ["bake-d"]
  dockerfile-inline = "FROM busybox\\nCOPY f /d\\nCMD [\\"cat\\", \\"/d\\"]\\n"
}
"""


def bake(client):
    context = client.context({"docker-bake.hcl": BAKE, "shared/f": "shared\n", "shared/big": "x" * 300_000})
    client.docker("buildx", "bake", cwd=context)
    for name, times in (("a", 1), ("b", 2), ("c", 1), ("d", 1)):
        runs(client, f"bake-{name}", "shared\n" * times)


def failing_command(client):
    context = client.context({"Dockerfile": f"FROM {BASE}\nRUN echo before; exit 7\n"})
    done = client.build(context, check=False)
    same(done.returncode, client.status(7), "the client's status")
    if client.is_classic:
        has(done.stdout, "before", "The command '/bin/sh -c echo before; exit 7' returned a non-zero code: 7")
    else:
        has(done.stdout, 'process "/bin/sh -c echo before; exit 7" did not complete successfully: exit code: 7', "before")
        if client.buildx:  # what the client is told by BuildKit's first way has no place for an excerpt
            has(done.stdout, ">>> RUN echo before; exit 7")


def syntax_error(client):
    context = client.context({"Dockerfile": f"FROM {BASE}\nRUNN x\n"})
    done = client.build(context, check=False)
    same(done.returncode, 1, "the client's status")
    # As docker's engine 28 tells it, but for a proposal that it has with BuildKit alone.
    has(done.stdout, "dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)")
    if client.buildx:
        rule = "-" * 20
        has(done.stdout, f"Dockerfile:2\n{rule}\n   1 |     FROM {BASE}\n   2 | >>> RUNN x\n   3 |     \n{rule}\n", "failed to solve: dockerfile parse error")


def outline(client):
    text = f"FROM {BASE} AS one\n# WHO is greeted\nARG WHO=world\nRUN --mount=type=secret,id=token true\n"
    context = client.context({"Dockerfile": text})
    words = client.outline + ["--target", "one"]
    done = client.build(context, *words, env={**client.environment, "BUILDX_EXPERIMENTAL": "1"})
    has(done.stdout, "TARGET", "one", "BUILD ARG", "WHO", "world", "SECRET", "token")


def is_word_of_a_process(word):
    """Whether a command that runs has this argument; no command of this function's own has it."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes().split(b"\0"):
                return True
        except OSError:
            pass  # it has ended
    return False


def cancelled(client):
    seconds = str(1_000_000 + uuid.uuid4().int % 1_000_000)
    context = client.context({"Dockerfile": f"FROM {BASE}\nRUN sleep {seconds}\n"})
    build = subprocess.Popen(
        client.words(context), env=client.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True)
    runs_now = lambda: is_word_of_a_process(seconds)
    client.world.wait_for("the step", runs_now, build)
    build.send_signal(signal.SIGINT)
    try:
        output, _ = build.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        build.kill()
        raise
    # docker 28 was heard beside docker's engine; earlier ones do not catch the signal, and leave it to their plugin.
    wanted = (130,) if client.name == "buildx-0.29" else (1, 130, -signal.SIGINT)
    same(build.returncode in wanted, True, f"the client's status ({build.returncode}: {output[-300:]})")
    if build.returncode == 130 and client.buildx:
        has(output, "CANCELED", "context canceled")
    client.world.wait_for("the step's end", lambda: not runs_now())
    has(client.docker("version", "-f", "{{.Server.Version}}").stdout, ".")


def tagged(client):
    """Names, the quiet form, arguments, labels, an ignore file, standard input."""
    context = client.context({
        "Dockerfile": f'FROM {BASE}\nARG WHO=world\nRUN echo "hello $WHO" >/out\nCOPY . /c/\nCMD ["sh", "-c", "cat /out; ls /c"]\n', ".dockerignore": "no*\nDockerfile\n.dockerignore\n",
        "yes": "", "no1": ""})
    done = client.build(context, "-q", "-t", "one:1", "-t", "two:2", "--build-arg", "WHO=you", "--label", "a=b")
    identifier = client.docker("image", "inspect", "-f", "{{.Id}}", "two:2").stdout.strip()
    same(done.stdout.strip().splitlines()[-1], identifier, "the quiet form")
    has(client.docker("image", "inspect", "-f", "{{json .Config.Labels}}", "one:1").stdout, '"a":"b"')
    runs(client, "one:1", "hello you\nyes\n")
    client.build("-", "-t", "stdin", input=f'FROM {BASE}\nCMD ["echo", "stdin"]\n')
    runs(client, "stdin", "stdin\n")


def outputs(client):
    context = client.context({"Dockerfile": f'FROM {BASE}\nRUN echo made >/made\nFROM scratch\nCOPY --from=0 /made /made\nCOPY --from={BASE} /bin /bin\nCMD ["cat", "/made"]\n'})
    folder = client.folder / "out"
    client.build(context, "-o", folder)
    same((folder / "made").read_text(), "made\n", "the file")
    client.build(context, "-o", f"type=tar,dest={client.folder}/out.tar")
    has(client.world.command(["tar", "-tf", client.folder / "out.tar"]).stdout, "made")
    if client.buildx:
        for kind in ("oci", "docker"):
            archive = client.folder / f"{kind}.tar"
            client.build(context, "-o", f"type={kind},dest={archive},name=archive-{kind}:1")
            if kind == "docker":
                client.docker("load", "-i", archive)
                runs(client, "archive-docker:1", "made\n")
            else:
                client.world.command(["skopeo", "inspect", "--raw", f"oci-archive:{archive}"])


def registry_cache(client):
    """What one build leaves in a registry another takes, whose store was emptied of it."""
    for kind in ("registry", "inline"):
        name = f"{client.world.registry}/cache-{kind}:{uuid.uuid4().hex}"
        word = uuid.uuid4().hex
        context = client.context({"Dockerfile": f'FROM {BASE}\nRUN echo {word} >/w; date +%s%N >/when\nCMD ["cat", "/when"]\n'})
        to = f"type=registry,ref={name}-cache,mode=max" if kind == "registry" else "type=inline"
        client.build(context, "-t", name, "--push", "--cache-to", to)
        client.docker("pull", name)
        first = client.world.command([client.world.distill, "run", "--rm", name]).stdout
        client.docker("rmi", name)
        client.docker("builder", "prune", "-af")
        done = client.build(context, "-t", "again", "--cache-from", f"type=registry,ref={name}" + ("-cache" if kind == "registry" else ""))
        has(done.stdout, "CACHED")
        runs(client, "again", first)


def push(client):
    name = f"{client.world.registry}/pushed:{uuid.uuid4().hex}"
    context = client.context({"Dockerfile": f'FROM {BASE}\nCMD ["echo", "pushed"]\n'})
    client.build(context, "-t", name)
    has(client.docker("push", name).stdout, "digest: sha256:")
    client.docker("rmi", name)
    client.docker("pull", name)
    runs(client, name, "pushed\n")
    if client.buildx:
        other = name.replace("pushed", "pushed2")
        client.build(context, "-t", other, "--push", "--metadata-file", client.folder / "metadata")
        digest = json.loads((client.folder / "metadata").read_text())["containerimage.digest"]
        same(client.world.command(["skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", f"docker://{other}"]).stdout.strip(), digest, "the digest")
        has(client.docker("buildx", "imagetools", "inspect", other).stdout, digest)


def local_cache(client):
    place, word = client.folder / "cache", uuid.uuid4().hex
    context = client.context({"Dockerfile": f'FROM {BASE}\nRUN echo {word} >/w; date +%s%N >/when\nCMD ["cat", "/when"]\n'})
    client.build(context, "-t", "local", "--cache-to", f"type=local,dest={place},mode=max")
    first = client.world.command([client.world.distill, "run", "--rm", "local"]).stdout
    client.docker("rmi", "local")
    client.docker("builder", "prune", "-af")
    client.build(context, "-t", "again", "--cache-from", f"type=local,src={place}")
    runs(client, "again", first)


def usage(client):
    client.build(client.context({"Dockerfile": f"FROM {BASE}\nRUN echo {uuid.uuid4().hex} >/f\n"}))
    has(client.docker("system", "df").stdout, "Images", "Build Cache")
    client.docker("system", "df", "-v")
    if client.buildx:
        has(client.docker("buildx", "du").stdout, "Total")
        has(client.docker("buildx", "prune", "-af").stdout, "Total")
        has(client.docker("buildx", "ls").stdout, "linux/amd64")
        has(client.docker("buildx", "inspect").stdout, "running")
    has(client.docker("builder", "prune", "-af").stdout, "Total")


def at_once(client):
    """Six builds at a time, two of them the same."""
    builds = []
    for number in (0, 0, 1, 2, 3, 4):
        context = client.context({"Dockerfile": f'FROM {BASE}\nRUN sleep 1; echo {number} >/n\nCMD ["cat", "/n"]\n'})
        builds.append((number, subprocess.Popen(
            client.words(context, "-t", f"many:{number}", "--no-cache" if number else "-q"), env=client.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)))
    for number, build in builds:
        output, _ = build.communicate(timeout=120)
        same(build.returncode, 0, f"the status of a build ({output[-1000:]})")
    for number in range(5):
        runs(client, f"many:{number}", f"{number}\n")


def attestations(client):
    name = f"{client.world.registry}/attested:{uuid.uuid4().hex}"
    context = client.context({"Dockerfile": f"FROM {BASE}\n"})
    client.build(context, "-t", name, "--push", "--provenance", "mode=max", "--sbom", "true")
    index = json.loads(client.world.command([client.world.distill, "manifest", "inspect", name]).stdout)
    same(sum(entry.get("annotations", {}).get("vnd.docker.reference.type") == "attestation-manifest" for entry in index["manifests"]), 1, "attestations")


COMPOSE = """
services:
  one:
    image: composed-one
    build:
      context: shared
      dockerfile_inline: |
        FROM busybox
        RUN --mount=type=secret,id=token wc -c </run/secrets/token >/size
        COPY f /f
        CMD ["cat", "/f", "/size"]
      secrets: [token]
  two:
    image: composed-two
    build:
      context: shared
      additional_contexts: {other: ./other}
      args: {WHO: you}
      dockerfile_inline: |
        FROM busybox
        ARG WHO
        COPY --from=other g /g
        RUN echo "$$WHO" >>/g
        CMD ["cat", "/g"]
secrets:
  token: {file: ./token}
"""


def compose(client):
    context = client.context({"compose.yaml": COMPOSE, "shared/f": "f\n", "other/g": "g\n", "token": "12345"})
    client.docker("compose", "build", cwd=context)
    runs(client, "composed-one", "f\n5\n")
    runs(client, "composed-two", "g\nyou\n")
    client.docker("compose", "build", cwd=context)


def compose_calculator(client):
    context = client.context({"compose.yaml": f"services:\n  calculator:\n    image: composed-calculator\n    build: {ROOT}/Examples/calculator\n"})
    client.docker("compose", "build", cwd=context)
    runs(client, "composed-calculator", "3\n", input="1 + 2\nexit\n")


def compose_fails(client):
    context = client.context({"compose.yaml": "services:\n  bad:\n    build:\n      dockerfile_inline: |\n        FROM busybox\n        RUN exit 7\n"})
    done = client.docker("compose", "build", cwd=context, check=False)
    same(done.returncode in (1, 17), True, f"the client's status ({done.returncode})")
    has(done.stdout, "exit code: 7")


def compose_classic(client):
    context = client.context({
        "compose.yaml": "services:\n  old:\n    image: composed-old\n    build: shared\n", "shared/Dockerfile": 'FROM busybox\nCOPY f /f\nCMD ["cat", "/f"]\n', "shared/f": "f\n"})
    client.docker("compose", "build", cwd=context, env={**client.environment, "DOCKER_BUILDKIT": "0"})
    runs(client, "composed-old", "f\n")


COMMON = [tagged, calculator, failing_command, syntax_error, cancelled, push, at_once]
SESSION = COMMON + [secrets, ssh, cache_mounts, outputs]
BUILDX = SESSION + [named_contexts, two_platforms, bake, outline, attestations, registry_cache, local_cache]
# What frees the cache comes last.
COMMON, SESSION, BUILDX = COMMON + [usage], SESSION + [usage], BUILDX + [usage]
COMPOSED = [compose, compose_calculator, compose_fails, compose_classic]

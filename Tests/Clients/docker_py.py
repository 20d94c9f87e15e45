"""docker-py's own integration tests against the socket, with the outcome that each is to have."""
import pathlib, re, shutil, sys, tarfile

from world import Failure, World, run

# The tests are in the source of this version alone; the library that they test is the newer one.
TESTS, LIBRARY = "docker==7.0.0", "docker==7.1.0"
MODULES = ["api_build", "api_image", "api_client", "models_images"]
REFERENCE = {"api_build": 22, "api_image": 16, "api_client": 5, "models_images": 14}
# What does not pass, and why. The engine that docker ships passes the first kind.
NOT_OURS = {
    "api_build::test_build_with_network_mode": "a container in a network that the test makes",
    "api_image::test_commit": "commits a container",
    "api_image::test_commit_with_changes": "commits a container",
    "api_image::test_remove": "commits a container",
}
ELSEWHERE = {"models_images::test_pull_with_sha": "one image of docker.io, by its digest"}
SKIPPED = {
    "api_build::test_build_squash": "needs an experimental engine", "api_build::test_build_invalid_platform": "needs an experimental engine",
    "api_image::test_pull_invalid_platform": "needs an experimental engine", "api_image::test_import_from_url": "skipped by its authors",
}


def environment(folder):
    """A Python with the library, and the tests beside it."""
    python = folder / "bin/python"
    if not python.exists():
        run([sys.executable, "-m", "venv", folder])
        run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", LIBRARY, "pytest", "pytest-timeout", "paramiko"])
    tests = folder / "tests"
    if not tests.exists():
        run([python, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--no-binary", "docker", "-d", folder, TESTS])
        with tarfile.open(next(folder.glob("docker-*.tar.gz"))) as archive:
            wanted = [member for member in archive.getmembers() if "/tests/" in member.name and member.isfile()]
            archive.extractall(folder / "unpacked", wanted)
        shutil.move(next((folder / "unpacked").glob("*/tests")), tests)
    return python


def check(world: World, folder: pathlib.Path, verbose=False):
    """Runs the tests, and compares. Returns a line for people."""
    python = environment(folder)
    world.make_standins()
    world.serve()
    for name in ("alpine:3.10", "alpine:latest", "busybox:latest"):
        world.command(["curl", "-sf", "--unix-socket", world.socket, "-X", "POST", f"http://d/images/create?fromImage={name}"])
    done = world.command(
        [python, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-p", "containers_by_distill", "--timeout", "120", "--tb", "short"]
        + [f"tests/integration/{module}_test.py" for module in MODULES],
        check=False, cwd=folder,
        env={**world.environment, "PYTHONPATH": str(pathlib.Path(__file__).parent), "DISTILL": world.distill, "DOCKER_TEST_API_VERSION": "1.45"})
    if verbose:
        print(done.stdout)
    outcomes = {}
    for kind, module, name in re.findall(r"^(PASSED|FAILED|ERROR|XPASS|XFAIL) tests/integration/(\w+)_test\.py::\w+::(\w+)", done.stdout, re.M):
        outcomes[f"{module}::{name}"] = kind in ("PASSED", "XPASS")
    passed = {name for name, good in outcomes.items() if good}
    failed = set(outcomes) - passed
    counts = {module: sum(name.startswith(module + "::") for name in passed) for module in MODULES}
    wrong = sorted(failed - set(NOT_OURS) - set(ELSEWHERE))
    better = sorted(passed & (set(NOT_OURS) | set(ELSEWHERE)))
    for module in MODULES:
        lost = sum(name.startswith(module + "::") for name in NOT_OURS)
        if counts[module] < REFERENCE[module] - lost and not wrong:
            wrong.append(f"{module}: {counts[module]} tests, not {REFERENCE[module] - lost}")
    line = ", ".join(f"{module} {counts[module]} of {REFERENCE[module]}" for module in MODULES)
    if wrong or better:
        raise Failure(
            f"{line}\nfail, and should not: {wrong}\npass, and are said not to: {better}\n" + ("" if verbose else done.stdout[-12000:]))
    return line

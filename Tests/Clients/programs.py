"""docker's own programs, as this machine's Debian release, the next and the newest have them."""
import pathlib, shutil, subprocess

from world import Failure, run

NEXT, NEWEST = "trixie", "sid"
PACKAGES = ["docker-cli", "docker-buildx", "docker-compose"]
ENGINE = ["docker.io", "containerd", "runc"]


def mirror():
    found = run("apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian'", stderr=subprocess.DEVNULL).stdout.split()
    if not found:
        raise Failure("this machine's apt knows no Debian mirror")
    return found[0]


class Programs:
    """Programs in folders of their own, fetched and checked by apt: they are not installed."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        lists = folder / "lists"
        lists.mkdir(exist_ok=True)
        (folder / "sources").write_text("".join(
            f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror()} {suite} main\n" for suite in (NEXT, NEWEST)))
        self.apt = [
            "apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={folder}/sources", "-o", "Dir::Etc::sourceparts=/dev/null", "-o",
            f"Dir::State::lists={lists}", "-o", f"Dir::Cache={folder}/cache", "-o", "Dir::State::status=/dev/null", "-o",
            "APT::Sandbox::User=root", "-o", "Acquire::Languages=none",
            # A mirror that stands still for a while is as good: what it has is signed.
            "-o", "Acquire::Check-Valid-Until=false"]

    def tree(self, suite, packages=PACKAGES):
        tree = self.folder / f"{suite}-{packages[0]}"
        if not (tree / "usr").exists():
            (self.folder / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
            if not any((self.folder / "lists").glob("*_Packages*")):
                run(self.apt + ["update"])
            debs = self.folder / f"{suite}-debs"
            shutil.rmtree(debs, ignore_errors=True)
            debs.mkdir()
            run(self.apt + ["download"] + [f"{package}/{suite}" for package in packages], cwd=debs)
            for deb in debs.glob("*.deb"):
                run(["dpkg-deb", "-x", deb, tree])
        return tree

    def docker(self, suite):
        return "/usr/bin/docker" if suite is None else self.tree(suite) / "usr/bin/docker"

    def plugin(self, suite, name):
        found = list(self.tree(suite).glob(f"usr/lib*/docker/cli-plugins/docker-{name}"))
        if not found:
            raise Failure(f"the package of {name} in {suite} has no program")
        return found[0]

"""What an image of `docker save` holds, as text: its files, one line a path, and its config.

    image.py ARCHIVE

Written for comparing what two builders made of one Dockerfile. Layers are applied as the OCI image specification's
layer.md says; Python's tarfile is the reader. Times are left out, and so is what builders may name as they like.
"""
import hashlib, io, json, posixpath, sys, tarfile


class Node:
    def __init__(self, entry, data):
        self.entry, self.data = entry, data


def clean(name):
    return posixpath.normpath("/" + name).lstrip("/")


def apply(tree, layer):
    fresh = set()
    for entry in layer:
        path = clean(entry.name)
        if not path:
            continue
        parent, name = posixpath.split(path)
        if name == ".wh..wh..opq":
            for other in [p for p in tree if p.startswith(parent + "/") and p not in fresh]:
                del tree[other]
            continue
        if name.startswith(".wh."):
            gone = posixpath.join(parent, name[4:])
            for other in [p for p in tree if p == gone or p.startswith(gone + "/")]:
                del tree[other]
            continue
        if entry.islnk():
            tree[path] = tree[clean(entry.linkname)]
        else:
            old = tree.get(path)
            if old is not None and old.entry.isdir() and not entry.isdir():
                for other in [p for p in tree if p.startswith(path + "/")]:
                    del tree[other]
            tree[path] = Node(entry, layer.extractfile(entry).read() if entry.isreg() else b"")
        fresh.add(path)


def attributes(entry):
    found = {key.split(".", 2)[2]: value for key, value in entry.pax_headers.items() if key.startswith("SCHILY.xattr.")}
    return "".join(f" {key}={value.encode('utf-8', 'surrogateescape').hex()}" for key, value in sorted(found.items()))


def lines(tree):
    names = {}
    for path, node in sorted(tree.items()):
        names.setdefault(id(node), []).append(path)
    for path, node in sorted(tree.items()):
        entry = node.entry
        kind = ("dir" if entry.isdir() else "link" if entry.issym() else "char" if entry.ischr() else
                "block" if entry.isblk() else "fifo" if entry.isfifo() else "file")
        text = f"{path!a} {kind}"
        if kind != "link":
            text += f" {entry.mode & 0o7777:04o}"
        text += f" {entry.uid}:{entry.gid}"
        if kind == "file":
            text += f" {len(node.data)} {hashlib.sha256(node.data).hexdigest()[:12]}"
            if len(names[id(node)]) > 1:
                text += f" is {names[id(node)][0]!a}"
        elif kind == "link":
            text += f" -> {entry.linkname}"
        elif kind in ("char", "block"):
            text += f" {entry.devmajor}:{entry.devminor}"
        yield text + attributes(entry)


PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def config(document):
    container = document.get("config") or {}
    labels = {key: value for key, value in (container.get("Labels") or {}).items() if not key.startswith("io.buildah.")}
    result = {
        "user": container.get("User") or "", "env": [entry for entry in container.get("Env") or [] if entry != PATH],
        "entrypoint": container.get("Entrypoint"), "cmd": container.get("Cmd"),
        "workdir": container.get("WorkingDir") or "/", "ports": sorted(container.get("ExposedPorts") or {}),
        "volumes": sorted(container.get("Volumes") or {}), "labels": labels, "stopsignal": container.get("StopSignal"),
        "healthcheck": container.get("Healthcheck"), "onbuild": container.get("OnBuild"), "shell": container.get("Shell"),
        "author": document.get("author"), "platform": document["os"] + "/" + document["architecture"],
    }
    for key, value in sorted(result.items()):
        if value not in (None, "", [], {}):
            yield key + " " + json.dumps(value, sort_keys=True)


def read(archive):
    """The tree of an image, by path, and its config document."""
    manifest = json.load(archive.extractfile("manifest.json"))[0]
    tree = {}
    for name in manifest["Layers"]:
        member = archive.getmember(name)
        while member.issym() or member.islnk():
            target = member.linkname if member.islnk() else posixpath.join(posixpath.dirname(member.name), member.linkname)
            member = archive.getmember(clean(target))
        with tarfile.open(fileobj=io.BytesIO(archive.extractfile(member).read()), errors="surrogateescape") as layer:
            apply(tree, layer)
    return tree, json.load(archive.extractfile(manifest["Config"]))


if __name__ == "__main__":
    with tarfile.open(sys.argv[1]) as archive:
        tree, document = read(archive)
        for line in [*lines(tree), *config(document)]:
            print(line)

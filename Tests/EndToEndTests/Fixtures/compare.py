"""Compares what two builders made of one project, as image.py tells it.

    compare.py OURS THEIRS EXEMPTIONS…

Exemptions are lines `KIND PATTERN # reason`, with shell patterns of absolute paths:

    content   size and bytes may differ
    absent    the path may be missing in either image
    any       everything may differ
    config    a member of the config may differ; the pattern is its name

Prints what differs for a reason of the project's own, which stands in the files behind the first, and what differs for none;
ends with 1 if there is any of these.
"""
import fnmatch, json, re, sys, tarfile

import image


class Exemption:
    def __init__(self, line, own):
        what, _, self.reason = line.partition("#")
        self.kind, self.pattern = what.split()
        if self.kind not in ("content", "absent", "any", "config") or not self.reason.strip():
            sys.exit(f"not an exemption with a reason: {line}")
        self.own = own

    def covers(self, key, differs):
        if not fnmatch.fnmatchcase(key, self.pattern) or (self.kind == "config") != (not key.startswith("/")):
            return False
        return self.kind in ("any", "config", differs)


def exemptions(paths):
    for number, path in enumerate(paths):
        with open(path) as file:
            yield from (Exemption(line.strip(), number > 0) for line in file if line.strip() and not line.startswith("#"))


def body(path, data):
    """The bytes that count: compiled Python begins with the time and size of its source (PEP 552), which pip sets anew."""
    return data[16:] if path.endswith(".pyc") else data


def describe(archive):
    with tarfile.open(archive) as file:
        tree, document = image.read(file)
        for path, node in tree.items():
            node.data = body(path, node.data)
        found = {}
        for line, path in zip(image.lines(tree), sorted(tree)):
            found["/" + path] = line
        for line in image.config(document):
            name, value = line.split(" ", 1)
            # The order of variables means nothing; a variable that is set anew moves to the end in buildah.
            found[name] = f"{name} {json.dumps(sorted(json.loads(value)))}" if name == "env" else line
        return found


def kind_of(ours, theirs):
    if ours is None or theirs is None:
        return "absent"
    # What is left when size and digest are taken away.
    bare = [re.sub(r" \d+ [0-9a-f]{12}(?= is |$| )", "", line) for line in (ours, theirs)]
    return "content" if bare[0] == bare[1] else "other"


ours, theirs = describe(sys.argv[1]), describe(sys.argv[2])
rules = list(exemptions(sys.argv[3:]))
failed = False
for key in sorted(ours.keys() | theirs.keys()):
    a, b = ours.get(key), theirs.get(key)
    if a == b:
        continue
    rule = next((rule for rule in rules if rule.covers(key, kind_of(a, b))), None)
    if rule is None:
        failed = True
        print(f"  ours:   {a or 'nothing'}\n  theirs: {b or 'nothing'}\n    of {key}")
    elif rule.own:
        print(f"argued: {key}:{rule.reason}")
sys.exit(1 if failed else 0)

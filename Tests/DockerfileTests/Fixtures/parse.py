# Reads a JSON list of Dockerfiles from a file and writes, for each, what the reference's own parser makes of it.
# The module is the Python package "dockerfile": the reference's parser, in Go, behind Python.
import json
import sys

import dockerfile


def instructions(text):
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError as error:
        return {"error": str(error)}
    except UnicodeDecodeError:
        # The parser cuts characters of flags into bytes, and the package cannot hand those over.
        return {"skipped": True}
    return [
        {
            "keyword": (command.cmd or "").upper(),
            "nested": (command.sub_cmd or "").upper(),
            "json": bool(command.json),
            "lines": [command.start_line, command.end_line],
            "flags": list(command.flags),
            "value": list(command.value),
            "heredocs": [[doc.name, doc.content] for doc in command.heredocs],
        }
        for command in commands
    ]


with open(sys.argv[1], encoding="utf-8", newline="") as source:
    texts = json.load(source)
with open(sys.argv[2], "w", encoding="utf-8", newline="") as target:
    json.dump([instructions(text) for text in texts], target)

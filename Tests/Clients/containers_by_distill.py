"""A plugin of pytest: containers that docker-py's tests start are `distill run`, so that what was built is run, not only looked at.

A container starts when it is told to, and is over when `start` returns; what it wrote is its log. Nothing can be done inside.
"""
import os, subprocess, uuid

import docker
import pytest

BASE = "alpine:3.10"
known = {}


class Container(dict):
    pass


def identifier(container):
    return container["Id"] if isinstance(container, dict) else container


def create(self, image, command=None, **_):
    container = {"Id": uuid.uuid4().hex * 2, "Warnings": []}
    words = command.split() if isinstance(command, str) else list(command or [])
    known[container["Id"]] = {"image": self.inspect_image(image)["Id"], "command": words, "output": b"", "status": None}
    return container


def start(self, container, **_):
    it = known[identifier(container)]
    done = subprocess.run(
        [os.environ["DISTILL"], "run", "--rm", it["image"], *it["command"]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=60)
    it.update(status=done.returncode, output=done.stdout)


def run_container(self, image, command=None, **_):
    api = self.client.api
    container = create(api, image.id if hasattr(image, "id") else image, command)
    start(api, container)
    return known[container["Id"]]["output"]


docker.APIClient.create_container = create
docker.APIClient.start = start
docker.APIClient.wait = lambda self, container, **_: {"StatusCode": known[identifier(container)]["status"]}
docker.APIClient.logs = lambda self, container, **_: known[identifier(container)]["output"]
docker.APIClient.remove_container = lambda self, container, **_: known.pop(identifier(container), None)
docker.models.containers.ContainerCollection.run = run_container


@pytest.fixture(autouse=True)
def base_is_there():
    """A container that was created would have kept its image from being pruned."""
    client = docker.APIClient(version="auto", **docker.utils.kwargs_from_env())
    try:
        client.inspect_image(BASE)
    except docker.errors.NotFound:
        client.pull(BASE)
    client.close()

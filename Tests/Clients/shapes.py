"""Compares every JSON answer of the server with the published description of API 1.51: members, their types, which must be there.

usage: shapes.py SOCKET [REGISTRY/NAME]     an image 'bb:1' must be in the store; the name, if one is given, in a registry
"""
import http.client, json, re, socket, sys

STRING, NUMBER, FLAG = "string", "integer", "boolean"
ANY = "anything"


class Maybe:
    """A member that need not be there."""

    def __init__(self, shape):
        self.shape = shape


class Nothing:
    """A member that may be null as well."""

    def __init__(self, shape):
        self.shape = shape


class MapOf:
    def __init__(self, shape):
        self.shape = shape


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}$")
STRINGS = [STRING]
ERROR = {"message": STRING}
DESCRIPTOR = {
    "mediaType": STRING, "digest": DIGEST, "size": NUMBER, "urls": Maybe(STRINGS), "annotations": Maybe(MapOf(STRING)),
    "data": Maybe(STRING), "platform": Maybe(ANY), "artifactType": Maybe(STRING)}
PLATFORM = {"architecture": STRING, "os": STRING, "os.version": Maybe(STRING), "os.features": Maybe(STRINGS), "variant": Maybe(STRING)}
HEALTH = {"Test": Maybe(STRINGS), "Interval": Maybe(NUMBER), "Timeout": Maybe(NUMBER), "Retries": Maybe(NUMBER), "StartPeriod": Maybe(NUMBER), "StartInterval": Maybe(NUMBER)}
CONFIG = {
    "User": Maybe(STRING), "ExposedPorts": Maybe(MapOf({})), "Env": Maybe(STRINGS), "Cmd": Maybe(STRINGS), "Healthcheck": Maybe(HEALTH), "ArgsEscaped": Maybe(FLAG),
    "Volumes": Maybe(MapOf({})), "WorkingDir": Maybe(STRING), "Entrypoint": Maybe(STRINGS), "OnBuild": Maybe(STRINGS), "Labels": Maybe(MapOf(STRING)),
    "StopSignal": Maybe(STRING), "Shell": Maybe(STRINGS)}
# What versions before 1.50 have besides.
OLD_CONFIG = {
    **CONFIG, "Hostname": STRING, "Domainname": STRING, "AttachStdin": FLAG, "AttachStdout": FLAG, "AttachStderr": FLAG, "Tty": FLAG, "OpenStdin": FLAG,
    "StdinOnce": FLAG, "Image": STRING}
SUMMARY = {
    "Id": DIGEST, "ParentId": STRING, "RepoTags": STRINGS, "RepoDigests": STRINGS, "Created": NUMBER, "Size": NUMBER, "SharedSize": NUMBER,
    "Labels": MapOf(STRING), "Containers": NUMBER, "Manifests": Maybe([ANY]), "Descriptor": Maybe(DESCRIPTOR)}
INSPECT = {
    "Id": DIGEST, "Descriptor": Maybe(DESCRIPTOR), "Manifests": Maybe([ANY]), "RepoTags": STRINGS, "RepoDigests": STRINGS, "Parent": Maybe(STRING),
    "Comment": Maybe(STRING), "Created": Maybe(TIME), "DockerVersion": Maybe(STRING), "Author": Maybe(STRING), "Config": CONFIG, "Architecture": STRING,
    "Variant": Maybe(STRING), "Os": STRING, "OsVersion": Maybe(STRING), "Size": NUMBER, "GraphDriver": {"Name": STRING, "Data": MapOf(STRING)},
    "RootFS": {"Type": STRING, "Layers": Maybe([DIGEST])}, "Metadata": {"LastTagTime": Maybe(Nothing(TIME))}}
HISTORY = {"Id": re.compile(r"<missing>$|sha256:[0-9a-f]{64}$"), "Created": NUMBER, "CreatedBy": STRING, "Tags": STRINGS, "Size": NUMBER, "Comment": STRING}
CACHE = {
    "ID": STRING, "Parents": Maybe(STRINGS), "Type": re.compile("internal$|frontend$|source.local$|source.git.checkout$|exec.cachemount$|regular$"),
    "Description": STRING, "InUse": FLAG, "Shared": FLAG, "Size": NUMBER, "CreatedAt": TIME, "LastUsedAt": Maybe(Nothing(TIME)), "UsageCount": NUMBER}
COMMIT = {"ID": STRING}
VERSION = {
    "Platform": {"Name": STRING}, "Components": [{"Name": STRING, "Version": STRING, "Details": Maybe(MapOf(STRING))}], "Version": STRING, "ApiVersion": STRING,
    "MinAPIVersion": STRING, "GitCommit": STRING, "GoVersion": STRING, "Os": STRING, "Arch": STRING, "KernelVersion": STRING, "Experimental": Maybe(FLAG),
    "BuildTime": STRING}
INFO = {
    "ID": STRING, "Containers": NUMBER, "ContainersRunning": NUMBER, "ContainersPaused": NUMBER, "ContainersStopped": NUMBER, "Images": NUMBER, "Driver": STRING,
    "DriverStatus": [[STRING]], "DockerRootDir": STRING, "Plugins": {"Volume": STRINGS, "Network": STRINGS, "Authorization": STRINGS, "Log": STRINGS},
    "MemoryLimit": FLAG, "SwapLimit": FLAG, "KernelMemoryTCP": Maybe(FLAG), "CpuCfsPeriod": FLAG, "CpuCfsQuota": FLAG, "CPUShares": FLAG, "CPUSet": FLAG,
    "PidsLimit": FLAG, "OomKillDisable": FLAG, "IPv4Forwarding": FLAG, "BridgeNfIptables": Maybe(FLAG), "BridgeNfIp6tables": Maybe(FLAG), "Debug": FLAG, "NFd": NUMBER,
    "NGoroutines": NUMBER, "SystemTime": TIME, "LoggingDriver": STRING, "CgroupDriver": re.compile("cgroupfs$|systemd$|none$"), "CgroupVersion": re.compile("1$|2$"),
    "NEventsListener": NUMBER, "KernelVersion": STRING, "OperatingSystem": STRING, "OSVersion": STRING, "OSType": STRING, "Architecture": STRING, "NCPU": NUMBER,
    "MemTotal": NUMBER, "IndexServerAddress": STRING,
    "RegistryConfig": {"InsecureRegistryCIDRs": STRINGS, "IndexConfigs": MapOf(ANY), "Mirrors": STRINGS, "AllowNondistributableArtifactsCIDRs": Maybe(STRINGS),
                       "AllowNondistributableArtifactsHostnames": Maybe(STRINGS)},
    "GenericResources": [ANY], "HttpProxy": STRING, "HttpsProxy": STRING, "NoProxy": STRING, "Name": STRING, "Labels": STRINGS, "ExperimentalBuild": FLAG,
    "ServerVersion": STRING, "Runtimes": MapOf({"path": Maybe(STRING), "runtimeArgs": Maybe(STRINGS), "status": Maybe(MapOf(STRING))}), "DefaultRuntime": STRING,
    "Swarm": {"NodeID": STRING, "NodeAddr": STRING, "LocalNodeState": re.compile("inactive$"), "ControlAvailable": FLAG, "Error": STRING, "RemoteManagers": [ANY]},
    "LiveRestoreEnabled": FLAG, "Isolation": STRING, "InitBinary": STRING, "ContainerdCommit": COMMIT, "RuncCommit": COMMIT, "InitCommit": COMMIT,
    "SecurityOptions": STRINGS, "ProductLicense": Maybe(STRING), "DefaultAddressPools": Maybe([ANY]), "FirewallBackend": Maybe(ANY), "DiscoveredDevices": Maybe([ANY]),
    "Warnings": STRINGS, "CDISpecDirs": Maybe(STRINGS), "Containerd": Maybe(ANY)}
DISK = {"LayersSize": NUMBER, "Images": [SUMMARY], "Containers": [ANY], "Volumes": [ANY], "BuildCache": [CACHE]}
REMOVED = [{"Untagged": Maybe(STRING), "Deleted": Maybe(STRING)}]
EVENT = {
    "Type": re.compile("builder$|container$|daemon$|image$|network$|plugin$|volume$"), "Action": STRING, "Actor": {"ID": STRING, "Attributes": MapOf(STRING)},
    "scope": re.compile("local$|swarm$"), "time": NUMBER, "timeNano": NUMBER, "status": Maybe(STRING), "id": Maybe(STRING), "from": Maybe(STRING)}
PROGRESS = {"current": Maybe(NUMBER), "total": Maybe(NUMBER), "start": Maybe(NUMBER), "hidecounts": Maybe(FLAG), "units": Maybe(STRING)}
LINE = {
    "stream": Maybe(STRING), "status": Maybe(STRING), "id": Maybe(STRING), "error": Maybe(STRING), "errorDetail": Maybe({"code": Maybe(NUMBER), "message": STRING}),
    "progress": Maybe(STRING), "progressDetail": Maybe(PROGRESS), "aux": Maybe(ANY)}
DISTRIBUTION = {"Descriptor": DESCRIPTOR, "Platforms": [PLATFORM]}


def differences(value, shape, place="$"):
    """What is not as described, a line each."""
    if shape == ANY:
        return []
    if isinstance(shape, Nothing):
        return [] if value is None else differences(value, shape.shape, place)
    if isinstance(shape, (dict, list, MapOf)) and value is None:
        return []  # a list or an object without members
    if isinstance(shape, str):
        kinds = {STRING: str, NUMBER: int, FLAG: bool}
        good = isinstance(value, kinds[shape]) and (shape == FLAG or not isinstance(value, bool))
        return [] if good else [f"{place} is {value!r}, not of type {shape}"]
    if isinstance(shape, re.Pattern):
        return [] if isinstance(value, str) and shape.match(value) else [f"{place} is {value!r}, which {shape.pattern} does not allow"]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{place} is {value!r}, no list"]
        return [line for index, item in enumerate(value) for line in differences(item, shape[0], f"{place}[{index}]")]
    if not isinstance(value, dict):
        return [f"{place} is {value!r}, no object"]
    if isinstance(shape, MapOf):
        return [line for key, item in value.items() for line in differences(item, shape.shape, f"{place}.{key}")]
    found = [f"{place}.{key} is not described" for key in value if key not in shape]
    for key, part in shape.items():
        if key not in value:
            found += [] if isinstance(part, Maybe) else [f"{place}.{key} is missing"]
        else:
            found += differences(value[key], part.shape if isinstance(part, Maybe) else part, f"{place}.{key}")
    return found


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("d", timeout=60)
        self.place = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.place)


def ask(path, method, target, body=None, kind=None):
    connection = Connection(path)
    connection.request(method, target, body, {"Content-Type": kind} if kind else {})
    answer = connection.getresponse()
    if "json" not in (answer.headers["Content-Type"] or "") and answer.status not in (201, 204):
        raise SystemExit(f"{method} {target}: the answer is {answer.headers['Content-Type']}")
    return answer.status, answer.read()


def cases(named):
    """Method, target, body and its type, status, shape; a list of lines for a stream."""
    new, old = "/v1.51", "/v1.41"
    yield "GET", "/version", None, None, 200, VERSION
    yield "GET", new + "/info", None, None, 200, INFO
    yield "GET", new + "/images/json", None, None, 200, [SUMMARY]
    yield "GET", old + "/images/json?all=1", None, None, 200, [{**SUMMARY, "VirtualSize": NUMBER}]
    yield "GET", new + "/images/bb:1/json", None, None, 200, INSPECT
    yield "GET", old + "/images/bb:1/json", None, None, 200, {
        **INSPECT, "VirtualSize": NUMBER, "Container": STRING, "ContainerConfig": OLD_CONFIG, "Config": OLD_CONFIG}
    yield "GET", new + "/images/bb:1/history", None, None, 200, [HISTORY]
    yield "GET", new + "/system/df", None, None, 200, DISK
    recipe = tar({"Dockerfile": b"FROM bb:1\nLABEL a=b\nRUN echo out; echo err >&2\n"})
    yield "POST", new + "/build?t=shape:1", recipe, "application/x-tar", 200, "lines"
    yield "POST", new + "/build?t=shape:2", tar({"Dockerfile": b"FROM bb:1\nRUN exit 3\n"}), "application/x-tar", 200, "lines"
    yield "POST", new + "/images/create?fromSrc=-&repo=shape&tag=3", tar({"f": b"f"}), "application/x-tar", 200, "lines"
    yield "POST", new + "/images/load", b"no archive", "application/x-tar", 200, "lines"
    yield "POST", new + "/images/bb:1/tag?repo=shape&tag=4", None, None, 201, None
    if named:
        name, tag = named.rsplit(":", 1)
        yield "POST", f"{new}/images/create?fromImage={name}&tag={tag}", None, None, 200, "lines"
        yield "GET", f"{new}/distribution/{named}/json", None, None, 200, DISTRIBUTION
    yield "DELETE", new + "/images/shape:4", None, None, 200, REMOVED
    yield "DELETE", new + "/images/shape:1", None, None, 200, REMOVED
    yield "GET", new + "/events?since=0&until=1", None, None, 200, "nothing"
    yield "GET", new + "/events?since=1&until=" + str(now()), None, None, 200, "events"
    yield "POST", new + "/images/prune", None, None, 200, {"ImagesDeleted": REMOVED, "SpaceReclaimed": NUMBER}
    yield "POST", new + "/build/prune", None, None, 200, {"CachesDeleted": STRINGS, "SpaceReclaimed": NUMBER}
    for method, target, status in [
            ("GET", "/nothing", 404), ("GET", new + "/images/none/json", 404), ("GET", new + "/images/none/history", 404), ("DELETE", new + "/images/none", 404),
            ("POST", new + "/images/none/push", 404), ("GET", new + "/images/json?filters={", 400), ("GET", new + "/images/search?term=a", 500),
            ("GET", new + "/containers/json", 501), ("POST", new + "/containers/create", 501), ("GET", new + "/containers/none/json", 404),
            ("GET", new + "/networks", 501), ("GET", new + "/volumes", 501), ("GET", new + "/nodes", 503), ("GET", new + "/plugins", 501), ("GET", "/v1.99/info", 400),
            ("POST", new + "/commit", 501), ("POST", new + "/auth", 400)]:
        yield method, target.replace("{", "%7B"), None, None, status, ERROR


def now():
    import time
    return int(time.time())


def tar(files):
    import io, tarfile
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def check(path, named=None):
    """Returns how many answers were compared, and what is not as described."""
    found, count = [], 0
    for method, target, body, kind, status, shape in cases(named):
        got, answer = ask(path, method, target, body, kind)
        count += 1
        if got != status:
            found.append(f"{method} {target}: the status is {got}, not {status}: {answer[:300]!r}")
            continue
        if shape is None:
            continue
        if isinstance(shape, str):
            documents = [json.loads(line) for line in answer.split(b"\n") if line.strip()]
            if (shape == "nothing") != (not documents):
                found.append(f"{method} {target}: {len(documents)} objects")
            pairs = [(document, EVENT if shape == "events" else LINE) for document in documents]
        else:
            pairs = [(json.loads(answer), shape)]
        found += [f"{method} {target}: {line}" for document, part in pairs for line in differences(document, part)]
    return count, found


if __name__ == "__main__":
    number, wrong = check(*sys.argv[1:3])
    print(f"{number} answers, {len(wrong)} differences")
    for text in wrong:
        print(text)
    sys.exit(1 if wrong else 0)

#!/usr/bin/env python3
"""A registry in memory that takes the OCI distribution specification by the word: each place of an upload is good for one request,
pieces must fit one another, a manifest's blobs must be there. What came of a piece before its connection broke is kept.

usage: strict-registry.py PORT [CHUNK [ADDRESS]]     CHUNK: the least bytes of a piece, as OCI-Chunk-Min-Length says
"""
import hashlib, http.server, json, re, socket, socketserver, sys, threading, urllib.parse, uuid

LEAST = int(sys.argv[2]) if __name__ == "__main__" and len(sys.argv) > 2 else 0
NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
ROUTE = re.compile(rf"/v2/({NAME})/(manifests|blobs|tags)/(.+)$")
blobs, manifests, uploads, lock = {}, {}, {}, threading.Lock()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Upload:
    def __init__(self, name):
        self.name, self.data, self.turn, self.lock, self.hasEnded = name, bytearray(), uuid.uuid4().hex, threading.Lock(), False


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version, timeout = "HTTP/1.1", 60

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code):
        # A body that nobody has read would be the next request.
        self.close_connection = True
        self.answer(status, json.dumps({"errors": [{"code": code, "message": code.lower()}]}).encode(), Content_Type="application/json", Connection="close")

    def pieces(self):
        left = int(self.headers["Content-Length"])
        while left:
            data = self.rfile.read1(min(left, 65536))
            if not data:
                raise ConnectionError
            left -= len(data)
            yield data

    def serve(self):
        if "Transfer-Encoding" in self.headers:
            return self.error(411, "SIZE_INVALID")
        self.address = urllib.parse.urlsplit(self.path)
        self.query = urllib.parse.parse_qs(self.address.query)
        if self.address.path == "/v2/":
            return self.answer(200, b"{}", Content_Type="application/json")
        route = ROUTE.match(self.address.path)
        if not route:
            route = re.match(rf"/v2/({NAME})/(blobs)/(uploads/)$", self.address.path)
        if not route:
            return self.error(404, "NAME_INVALID")
        name, kind, rest = route.groups()
        if kind == "manifests":
            return self.manifest(name, rest)
        if kind == "blobs":
            return self.upload(name, rest.removeprefix("uploads/")) if rest.startswith("uploads/") else self.blob(name, rest)
        return self.answer(200, json.dumps({"name": name, "tags": sorted(t for n, t in manifests if n == name and ":" not in t)}).encode())

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def blob(self, name, key):
        data = blobs.get((name, key))
        if data is None:
            return self.error(404, "BLOB_UNKNOWN")
        headers = {"Content_Type": "application/octet-stream", "Docker_Content_Digest": key, "Accept_Ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked:
            return self.answer(200, data, **headers)
        first, last = int(asked[1]), min(int(asked[2] or len(data) - 1), len(data) - 1)
        if first > last:
            return self.error(416, "RANGE_INVALID")
        self.answer(206, data[first:last + 1], Content_Range=f"bytes {first}-{last}/{len(data)}", **headers)

    def manifest(self, name, reference):
        if self.command != "PUT":
            found = manifests.get((name, reference))
            if not found:
                return self.error(404, "MANIFEST_UNKNOWN")
            return self.answer(200, found[1], Content_Type=found[0], Docker_Content_Digest=digest(found[1]))
        data, kind = b"".join(self.pieces()), self.headers.get("Content-Type", "")
        document = json.loads(data)
        if document.get("mediaType", kind) != kind or (":" in reference and reference != digest(data)):
            return self.error(400, "MANIFEST_INVALID")
        wanted = [document["config"], *document["layers"]] if "config" in document else []
        if any(len(blobs.get((name, d["digest"]), b"")) != d["size"] for d in wanted):
            return self.error(404, "MANIFEST_BLOB_UNKNOWN")
        if any((name, d["digest"]) not in manifests for d in document.get("manifests", [])):
            return self.error(404, "MANIFEST_UNKNOWN")
        manifests[name, reference] = manifests[name, digest(data)] = (kind, data)
        self.answer(201, Location=f"/v2/{name}/manifests/{digest(data)}", Docker_Content_Digest=digest(data))

    def upload(self, name, key):
        if not key:
            if self.command != "POST":
                return self.error(405, "UNSUPPORTED")
            mounted = blobs.get((self.query.get("from", [""])[0], self.query.get("mount", [""])[0]))
            if mounted is not None:
                blobs[name, self.query["mount"][0]] = mounted
                return self.answer(201, Location=f"/v2/{name}/blobs/{self.query['mount'][0]}")
            key = uuid.uuid4().hex
            uploads[key] = Upload(name)
            return self.place(202, name, key)
        upload = uploads.get(key)
        if upload is None or upload.name != name:
            return self.error(404, "BLOB_UPLOAD_UNKNOWN")
        if self.command == "GET":
            with upload.lock:
                return self.place(204, name, key)
        if self.command == "DELETE":
            del uploads[key]
            return self.answer(204)
        with upload.lock:
            if self.query.get("turn") != [upload.turn]:
                return self.error(416, "BLOB_UPLOAD_INVALID")
            length = int(self.headers.get("Content-Length", -1))
            if length < 0:
                return self.error(411, "SIZE_INVALID")
            if self.command == "PATCH" and upload.hasEnded:
                return self.error(416, "SIZE_INVALID")
            if self.command == "PATCH" and self.headers.get("Content-Range") != f"{len(upload.data)}-{len(upload.data) + length - 1}":
                return self.error(416, "RANGE_INVALID")
            upload.turn = uuid.uuid4().hex
            try:
                for data in self.pieces():
                    upload.data += data
            except (ConnectionError, OSError):
                self.close_connection = True
                return
            if self.command == "PATCH":
                # Only the last piece may be smaller.
                upload.hasEnded = length < LEAST
                return self.place(202, name, key)
            data, wanted = bytes(upload.data), self.query.get("digest", [""])[0]
            if digest(data) != wanted:
                return self.error(400, "DIGEST_INVALID")
            blobs[name, wanted] = data
            uploads.pop(key, None)
        self.answer(201, Location=f"/v2/{name}/blobs/{wanted}", Docker_Content_Digest=wanted)

    def place(self, status, name, key):
        upload, headers = uploads[key], {"OCI_Chunk_Min_Length": str(LEAST)} if LEAST and status == 202 else {}
        last = max(len(upload.data) - 1, 0)
        self.answer(status, Location=f"/v2/{name}/blobs/uploads/{key}?turn={upload.turn}", Range=f"0-{last}", **headers)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address, handler):
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, handler)

    def handle_error(self, *arguments):
        pass


if __name__ == "__main__":
    server = Server((sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1", int(sys.argv[1])), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()

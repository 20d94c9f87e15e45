"""Serves the repositories below a directory over HTTP on a free port of the loopback interface.

usage: git-server.py DIRECTORY smart|dumb [USER:PASSWORD]

A smart server lets git's own http-backend answer; a dumb one gives files. The port is told on standard error:
`listening on 127.0.0.1:PORT`.
"""

import base64
import os
import socketserver
import subprocess
import sys
import wsgiref.simple_server

root = os.path.realpath(sys.argv[1])
is_smart = sys.argv[2] == "smart"
login = sys.argv[3] if len(sys.argv) > 3 else None


def is_let_in(environ):
    if login is None:
        return True
    kind, _, text = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return kind.lower() == "basic" and text == base64.b64encode(login.encode()).decode()


def backend(environ, start):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    given = {name: value for name, value in environ.items() if isinstance(value, str)}
    given.update(
        GIT_PROJECT_ROOT=root, GIT_HTTP_EXPORT_ALL="1", GIT_PROTOCOL=environ.get("HTTP_GIT_PROTOCOL", ""),
        GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
    answer = subprocess.run(["git", "http-backend"], input=environ["wsgi.input"].read(length), env=given, stdout=subprocess.PIPE).stdout
    head, _, body = answer.partition(b"\r\n\r\n")
    fields = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if ": " in line]
    status = dict(fields).get("Status", "200 OK")
    start(status, [field for field in fields if field[0] != "Status"] + [("Content-Length", str(len(body)))])
    return [body]


def application(environ, start):
    if not is_let_in(environ):
        # What a server says stands in git's error: it must not tell the credentials.
        said = environ.get("HTTP_AUTHORIZATION", "nothing").encode()
        start("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="git"'), ("Content-Length", str(len(said))), ("Content-Type", "text/plain")])
        return [said]
    if is_smart:
        return backend(environ, start)
    path = os.path.realpath(root + environ["PATH_INFO"])
    if not path.startswith(root + "/") or not os.path.isfile(path):
        start("404 Not Found", [("Content-Length", "0")])
        return [b""]
    with open(path, "rb") as file:
        content = file.read()
    start("200 OK", [("Content-Length", str(len(content))), ("Content-Type", "application/octet-stream")])
    return [content]


class Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class Handler(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_):
        pass


server = wsgiref.simple_server.make_server("127.0.0.1", 0, application, server_class=Server, handler_class=Handler)
print("listening on 127.0.0.1:%d" % server.server_port, file=sys.stderr, flush=True)
server.serve_forever()

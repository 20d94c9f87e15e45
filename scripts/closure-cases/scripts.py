"""Scripts, wrappers, entry scripts, users' rights and what surrounds them."""

bases = {"shell": lambda: packaged("dash", "bash", "coreutils", "tini", "gosu", "dumb-init", "util-linux", "grep", "sed", "hostname",
                                   links={"usr/bin/sh": "dash"})}
OK = "#!/bin/sh\necho READY\n"
WRAPPERS = {
    "tini": ["tini", "--"], "tini -g": ["/usr/bin/tini", "-g", "-v", "--"], "dumb-init": ["dumb-init"], "dumb-init --": ["/usr/bin/dumb-init", "--"],
    "dumb-init -c": ["dumb-init", "-c", "--rewrite", "15:3", "--"],
    "env": ["env"], "env -i": ["/usr/bin/env", "-i", "A=b", "PATH=/usr/bin:/bin"], "env -u": ["env", "-u", "FOO", "X=1"], "nice": ["nice", "-n", "5"],
    "nohup": ["nohup"], "timeout": ["timeout", "-s", "TERM", "60"], "timeout -k": ["timeout", "--kill-after=5", "60s"],
    "stdbuf": ["stdbuf", "-oL"], "setpriv": ["setpriv", "--reuid=1000", "--regid", "1000", "--clear-groups"],
    "gosu": ["gosu", "app"], "gosu id": ["gosu", "1000:1000"], "setsid": ["setsid", "-w"], "ionice": ["ionice", "-c", "3"],
    "env -S": ["env", "-S", "A=1 nice"], "taskset": ["taskset", "-c", "0"], "tini env": ["tini", "--", "env", "A=b", "nice"],
    "sh -c exec": ["/bin/sh", "-c", 'exec "$@"', "sh"], "sh -c $0": ["/bin/sh", "-c", 'exec "$0" "$@"'],
    "bash -c": ["bash", "-c", "exec \"$0\" \"$@\""], "loader": ["/lib64/ld-linux-x86-64.so.2"], "chroot": ["chroot", "/"],
    "sh -eu": ["sh", "-eu"], "bash -l": ["bash", "--norc"],
}


def case(name, files, entry=None, cmd=None, family="wrappers", **more): return Case(family, name, "shell", files, entry, cmd, **more)


def cases():
    for name, words in WRAPPERS.items():
        script = words[0] in ("sh", "bash") and "-c" not in words
        target = ["/app"] if not name == "loader" else ["/bin/echo", "READY"]
        yield case(f"{name} whole", {"app": "echo READY\n" if script else OK}, words, target)
        gone = "/opt/gone/app" if name != "loader" else "/bin/gone"
        yield case(f"{name} of what is not there", {"app": OK}, words, [gone], blame="gone")
    yield case("gosu unknown user", {"app": OK}, ["gosu", "nobodyhere", "/app"], blame="nobodyhere")
    yield case("gosu missing", {"app": OK, "usr/sbin/gosu": GONE}, ["gosu", "app", "/app"], blame="gosu")
    yield case("tini missing", {"app": OK, "usr/bin/tini": GONE}, ["/usr/bin/tini", "--", "/app"], blame="tini")
    yield from heads()
    yield from entries()
    yield from shell_forms()
    yield from rights()


def heads():
    def head(name, text, **more):
        return case(name, {"app": Mode(text, 0o755), **more.pop("files", {})}, ["/app"], family="scripts", **more)
    yield head("plain", OK)
    yield head("CR in the first line", OK.replace("\n", "\r\n"), blame="CR")
    yield head("BOM", "\ufeff" + OK, blame="/app")
    yield head("no first line", "echo READY\n", blame="/app")
    yield head("blank before first line", "\n" + OK, blame="/app")
    yield head("bash", OK.replace("sh", "bash"))
    yield head("zsh", OK.replace("/sh", "/zsh"), blame="zsh")
    yield head("env bash", OK.replace("/bin/sh", "/usr/bin/env bash"))
    yield head("env zsh", OK.replace("/bin/sh", "/usr/bin/env zsh"), blame="zsh")
    yield head("env -S", OK.replace("/bin/sh", "/usr/bin/env -S bash -e"))
    yield head("env without -S", OK.replace("/bin/sh", "/usr/bin/env bash -e"), blame="bash -e")
    yield head("env, env gone", OK.replace("/bin/sh", "/usr/bin/env bash"), files={"usr/bin/env": GONE}, blame="env")
    yield head("env with a CR", OK.replace("/bin/sh", "/usr/bin/env bash").replace("\n", "\r\n"), blame="CR")
    yield head("space after #!", OK.replace("#!", "#! "))
    yield head("options and trailing spaces", OK.replace("/bin/sh", "/bin/sh -e  "))
    yield head("two options in one", OK.replace("/bin/sh", "/bin/sh -e -u"), blame="-e -u")
    yield head("interpreter is a script", "#!/run\n", files={"run": "#!/bin/sh\necho READY\n"})
    yield head("interpreter is a script without interpreter", "#!/run\n", files={"run": "#!/bin/gone\n"}, blame="/bin/gone")
    yield head("interpreter not executable", "#!/run\n", files={"run": Mode(OK, 0o644)}, blame="/run")
    yield head("interpreter is a directory", "#!/usr\n", blame="/usr")
    yield head("relative interpreter", "#!bin/sh\necho READY\n", workdir="/")
    yield head("relative interpreter elsewhere", "#!bin/sh\necho READY\n", workdir="/srv", blame="bin/sh")
    yield head("last line has no end", "#!/bin/sh\necho READY")
    yield head("awk missing", "#!/usr/bin/awk -f\nBEGIN{print 1}\n", blame="awk")


def entries():
    def entry(name, text, cmd=("/srv/app",), files=None, **more):
        return case(name, {"entry.sh": text, "srv/app": OK, **(files or {})}, ["/entry.sh"], list(cmd), family="entry scripts", **more)
    simple = '#!/bin/sh\nset -e\nexec "$@"\n'
    yield entry("exec", simple)
    yield entry("exec of nothing there", simple, ["/srv/gone"], blame="/srv/gone")
    yield entry("exec by PATH", simple, ["env", "true"])
    yield entry("exec by PATH, gone", simple, ["myserver"], blame="myserver")
    yield entry("exec without set -e", '#!/bin/sh\nexec "$@"\n', ["gone-one"], blame="gone-one")
    yield entry("no exec", '#!/bin/sh\n"$@"\n', ["gone-one"], blame="gone-one")
    yield entry("flags are prepended", '#!/bin/sh\nif [ "${1#-}" != "$1" ]; then\n  set -- /srv/app "$@"\nfi\nexec "$@"\n', ["-v"])
    yield entry("flags are prepended, gone", '#!/bin/sh\nif [ "${1#-}" != "$1" ]; then\n  set -- /srv/gone "$@"\nfi\nexec "$@"\n', ["-v"], blame="/srv/gone")
    yield entry("case over $1", '#!/bin/sh\ncase "$1" in\n  serve) shift; exec /srv/app "$@" ;;\n  *) exec "$@" ;;\nesac\n', ["serve"])
    yield entry("case over $1, gone", '#!/bin/sh\ncase "$1" in\n  serve) shift; exec /srv/gone "$@" ;;\n  *) exec "$@" ;;\nesac\n', ["serve"], blame="/srv/gone")
    yield entry("case that is not taken", '#!/bin/sh\ncase "$1" in\n  serve) exec /srv/gone ;;\n  *) exec "$@" ;;\nesac\n')
    yield entry("variable with a default", '#!/bin/sh\nexec "${APP:-/srv/app}"\n')
    yield entry("variable of the image", '#!/bin/sh\nexec "$APP"\n', env=["APP=/srv/app"])
    yield entry("variable of the image, gone", '#!/bin/sh\nexec "$APP"\n', env=["APP=/srv/gone"], blame="/srv/gone")
    yield entry("computed program", '#!/bin/sh\nexec "$(echo /srv/app)"\n')
    yield entry("set -e and a tool that is gone", '#!/bin/sh\nset -e\nenvsubst </dev/null\nexec "$@"\n', blame="envsubst")
    yield entry("a tool that is gone without set -e", '#!/bin/sh\nenvsubst </dev/null\nexec "$@"\n')
    yield entry("set -e and a tool behind ||", '#!/bin/sh\nset -e\nenvsubst </dev/null || true\nexec "$@"\n')
    yield entry("set -e and a tool in a condition", '#!/bin/sh\nset -e\nif envsubst </dev/null; then echo x; fi\nexec "$@"\n')
    yield entry("command -v guards", '#!/bin/sh\nset -e\nif command -v envsubst >/dev/null; then envsubst </dev/null; fi\nexec "$@"\n')
    yield entry("sourced file", '#!/bin/sh\n. /lib.sh\nrun "$@"\n', files={"srv/lib.sh": "", "lib.sh": 'x=1\n'} and {"opt/lib.sh": 'run() { exec "$@"; }\n'},
                blame="/lib.sh")
    yield entry("sourced file there", '#!/bin/sh\n. /opt/lib.sh\nrun "$@"\n', files={"opt/lib.sh": 'run() { exec "$@"; }\n'})
    yield entry("function", '#!/bin/bash\nset -euo pipefail\nmain() {\n  exec "$@"\n}\nmain "$@"\n')
    yield entry("function, gone", '#!/bin/bash\nset -euo pipefail\nmain() {\n  exec "$@"\n}\nmain "$@"\n', ["/srv/gone"], blame="/srv/gone")
    yield entry("function that nobody calls", '#!/bin/bash\nother() { exec /srv/gone; }\nexec "$@"\n')
    yield entry("loop over files", '#!/bin/sh\nset -e\nfor f in /docker-entrypoint.d/*; do [ -x "$f" ] && "$f"; done\nexec "$@"\n')
    yield entry("here-document", '#!/bin/sh\nset -e\ncat >/tmp/x <<EOF\ngone $HOME\nEOF\nexec "$@"\n')
    yield entry("unset variable with set -u", '#!/bin/sh\nset -eu\necho "$DATABASE_URL"\nexec "$@"\n', blame="DATABASE_URL")
    yield entry("required variable", '#!/bin/sh\n: "${DATABASE_URL:?is needed}"\nexec "$@"\n', blame="DATABASE_URL")
    yield entry("required variable set", '#!/bin/sh\n: "${DATABASE_URL:?is needed}"\nexec "$@"\n', env=["DATABASE_URL=x"])
    yield entry("gosu for root only", '#!/bin/sh\nset -e\nif [ "$(id -u)" = 0 ]; then exec gosu app "$0" "$@"; fi\nexec "$@"\n')
    yield entry("gosu for root only, gosu gone", '#!/bin/sh\nset -e\nif [ "$(id -u)" = 0 ]; then exec gosu app "$0" "$@"; fi\nexec "$@"\n',
                files={"usr/sbin/gosu": GONE}, blame="gosu")
    yield entry("gosu for root only, another user", '#!/bin/sh\nset -e\nif [ "$(id -u)" = 0 ]; then exec gosu app "$0" "$@"; fi\nexec "$@"\n',
                files={"usr/sbin/gosu": GONE}, user="app")
    yield entry("pipeline", '#!/bin/sh\necho a | cat\nexec "$@"\n')
    yield entry("cd first", '#!/bin/sh\ncd /srv\nexec ./app\n')
    yield entry("cd first, gone", '#!/bin/sh\ncd /srv\nexec ./gone\n', blame="gone")
    yield entry("PATH is set", '#!/bin/sh\nPATH=/srv:$PATH\nexport PATH\nexec app\n')
    yield entry("background and wait", '#!/bin/sh\n/srv/app &\nwait\n')
    yield entry("last command of a list", '#!/bin/sh\necho a && exec /srv/gone\n', blame="/srv/gone")
    yield entry("or else", '#!/bin/sh\nfalse || exec "$@"\n')
    yield entry("bash syntax in sh", '#!/bin/sh\nif [[ "$1" == /* ]]; then exec "$@"; fi\nexec "$@"\n')
    yield entry("arrays", '#!/bin/bash\nargs=(/srv/app -a "b c")\nexec "${args[@]}"\n')
    yield entry("arrays, gone", '#!/bin/bash\nargs=(/srv/gone -a "b c")\nexec "${args[@]}"\n', blame="/srv/gone")
    yield entry("nested script", '#!/bin/sh\nexec /second.sh "$@"\n', files={"second.sh": '#!/bin/sh\nexec "$@"\n'})
    yield entry("nested script, gone", '#!/bin/sh\nexec /second.sh "$@"\n', ["gone-one"], files={"second.sh": '#!/bin/sh\nexec "$@"\n'}, blame="gone-one")
    yield entry("not executable entry", Mode(simple, 0o644), blame="/entry.sh")
    yield entry("dirname of $0", '#!/bin/sh\nDIR=$(dirname "$0")\nexec "$DIR/srv/app"\n')
    yield entry("exit before", '#!/bin/sh\necho READY\nexit 0\nexec /srv/gone\n')
    yield entry("Windows ends in the body", '#!/bin/sh\nset -e\r\nexec "$@"\r\n', blame="CR")


def shell_forms():
    def form(name, text, shell=("/bin/sh", "-c"), **more):
        return case(name, {"srv/app": OK, **more.pop("files", {})}, None, [*shell, text], family="shell form", **more)
    yield form("plain", "/srv/app")
    yield form("plain, gone", "/srv/gone", blame="/srv/gone")
    yield form("exec", "exec /srv/app --port $PORT", env=["PORT=80"])
    yield form("exec, gone", "exec /srv/gone --port $PORT", env=["PORT=80"], blame="/srv/gone")
    yield form("by PATH", "env true")
    yield form("by PATH, gone", "uvicorn app:app --port ${PORT:-80}", blame="uvicorn")
    yield form("and", "cd /srv && ./app")
    yield form("and, gone", "cd /srv && ./gone", blame="gone")
    yield form("and, directory gone", "cd /nowhere && ./app", blame="/nowhere")
    yield form("quoted", "'/srv/app' \"a b\"")
    yield form("assignment before", "A=b exec /srv/app")
    yield form("assignment before, gone", "A=b exec /srv/gone", blame="/srv/gone")
    yield form("semicolon", "echo a; /srv/app")
    yield form("first is gone, last is there", "gone; /srv/app")
    yield form("redirect", "/srv/app >/tmp/log 2>&1; cat /tmp/log")
    yield form("bash", "/srv/app", shell=("/bin/bash", "-o", "pipefail", "-c"))
    yield form("bash, gone", "/srv/gone", shell=("/bin/bash", "-o", "pipefail", "-c"), blame="/srv/gone")
    yield form("no shell", "/srv/app", files={"usr/bin/sh": GONE}, blame="/bin/sh")
    yield form("powershell", "x", shell=("pwsh", "-Command"), blame="pwsh")


def rights():
    def case(name, files, entry=("/srv/app",), **more):
        return Case("rights", name, "shell", files, list(entry), **more)
    for user in ("app", "1000", "1000:1000", "app:staff"):
        yield case(f"0755 for {user}", {"srv/app": OK}, user=user)
        yield case(f"0700 of root for {user}", {"srv/app": Mode(OK, 0o700)}, user=user, blame="/srv/app")
        yield case(f"0744 of root for {user}", {"srv/app": Mode(OK, 0o744)}, user=user, blame="/srv/app")
        yield case(f"0700 of its own for {user}", {"srv/app": Mode(OK, 0o700, 1000)}, user=user)
        yield case(f"closed directory for {user}", {"srv": Mode(None, 0o700), "srv/app": OK}, user=user, blame="/srv")
    yield case("below /root", {"root/app": OK}, ["/root/app"], user="app", blame="/root")
    yield case("below /root, for root", {"root/app": OK}, ["/root/app"])
    yield case("0600 for root", {"srv/app": Mode(OK, 0o600)}, blame="/srv/app")
    yield case("0711 script", {"srv/app": Mode(OK, 0o711)}, user="app", blame="/srv/app")
    yield case("0711 program", {"srv/app": Mode(Host("/usr/bin/true"), 0o711)}, user="app")
    yield case("group may", {"srv/app": Mode(OK, 0o750, 33)}, user="1000:33")
    yield case("group may, member", {"srv/app": Mode(Host("/usr/bin/true"), 0o710, 50)}, user="app")
    yield case("group may not", {"srv/app": Mode(OK, 0o750, 33)}, user="app", blame="/srv/app")
    yield case("interpreter closed", {"srv/app": "#!/opt/sh\necho READY\n", "opt/sh": Mode(Host("/usr/bin/dash"), 0o700)}, user="app", blame="/opt/sh")
    yield case("sourced file closed", {"srv/app": "#!/bin/sh\n. /opt/lib.sh\necho READY\n", "opt/lib.sh": Mode("x=1\n", 0o600)}, user="app", blame="/opt/lib.sh")
    yield case("what it execs is closed", {"srv/app": "#!/bin/sh\nexec /opt/run\n", "opt/run": Mode(OK, 0o700)}, user="app", blame="/opt/run")
    yield case("gosu opens", {"srv/app": "#!/bin/sh\nexec gosu app /opt/run\n", "opt/run": Mode(OK, 0o700, 1000)})
    yield case("gosu closes", {"srv/app": "#!/bin/sh\nexec gosu app /opt/run\n", "opt/run": Mode(OK, 0o700)}, blame="/opt/run")
    yield case("working directory closed", {"srv/app": OK, "data": Mode(None, 0o700)}, user="app", workdir="/data", blame="/data")
    yield case("working directory is a file", {"srv/app": OK, "data": "x"}, workdir="/data", blame="/data")
    yield case("working directory not there", {"srv/app": OK}, user="app", workdir="/made/later")
    yield case("unknown user", {"srv/app": OK}, user="ghost", blame="ghost")
    yield case("unknown group", {"srv/app": OK}, user="app:ghosts", blame="ghosts")
    yield case("no passwd, number", {"srv/app": OK, "etc/passwd": GONE}, user="1000")
    yield case("no passwd, name", {"srv/app": OK, "etc/passwd": GONE}, user="app", blame="app")
    yield case("volume over the program", {"srv/app": OK}, volumes=["/srv"])
    yield case("no /tmp", {"srv/app": OK, "tmp": GONE})
    yield case("writes to its directory", {"srv/app": "#!/bin/sh\nset -e\necho READY\ntouch /srv/x\n"}, user="app")
    yield case("first on PATH is closed, second open", {"opt/a/run": Mode(OK, 0o700), "opt/b/run": OK}, ["run"], user="app", env=["PATH=/opt/a:/opt/b:/bin"])
    yield case("only one on PATH is closed", {"opt/a/run": Mode(OK, 0o700)}, ["run"], user="app", env=["PATH=/opt/a:/bin"], blame="run")

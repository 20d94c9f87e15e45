"""Supervisors, chains of programs, other shells and other C libraries; entry scripts as official images have them."""
import os, subprocess

OK = "#!/bin/sh\necho READY\n"
LOADER = "/lib/ld-musl-x86_64.so.1"
USERS = {"etc/passwd": "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n", "etc/group": "root:x:0:\napp:x:1000:\n"}


def boxed(*applets):
    files = {"bin/busybox": Host("/usr/bin/busybox"), "tmp": Mode(None, 0o1777), **USERS}
    for name in ("sh", *applets): files["bin/" + name] = Link("busybox")
    return files


bases = {"tools": lambda: {**packaged("dash", "bash", "mksh", "coreutils", "s6", "execline", "runit", "grep", "sed", "mawk", "make", "util-linux", "tini", "procps", links={"usr/bin/sh": "dash", "usr/bin/awk": "mawk"}), **USERS},
         "boxed": lambda: boxed("env", "cat", "ls"), "box": lambda: {"busybox": Host("/usr/bin/busybox"), **USERS}}


def musl(name, source, *options):
    path = f"{work}/{name}"
    if not os.path.exists(path):
        with open(path + ".c", "w") as file: file.write(source)
        subprocess.run(["musl-gcc", "-o", path, path + ".c", *options], check=True)
    return Host(path)


def case(name, base, entry, files=None, cmd=None, **more):
    return Case("supervision", name, base, files or {}, list(entry), list(cmd) if cmd else None, seconds=40, **more)


def cases():
    yield from chains()
    yield from small()
    yield from shells()
    yield from official()
    yield from odd()


def chains():
    yield case("execlineb", "tools", ["/run1"], {"run1": Mode("#!/usr/bin/execlineb -P\nforeground { /bin/echo x }\n/srv/app\n", 0o755), "srv/app": OK})
    yield case("execlineb, program gone", "tools", ["/run1"], {"run1": Mode("#!/usr/bin/execlineb -P\n/srv/gone\n", 0o755)}, blame="/srv/gone")
    yield case("execlineb, program gone at the end", "tools", ["/run1"], {"run1": Mode("#!/usr/bin/execlineb -P\nexport A b\ncd /srv\n./gone\n", 0o755), "srv": DIRECTORY}, blame="gone")
    yield case("execlineb -c", "tools", ["execlineb", "-c", "/srv/app"], {"srv/app": OK})
    yield case("execlineb -c gone", "tools", ["execlineb", "-c", "/srv/gone"], blame="/srv/gone")
    yield case("s6-setuidgid", "tools", ["s6-setuidgid", "app", "/srv/app"], {"srv/app": OK})
    yield case("s6-setuidgid unknown", "tools", ["s6-setuidgid", "ghost", "/srv/app"], {"srv/app": OK}, blame="ghost")
    yield case("s6-setuidgid closed", "tools", ["s6-setuidgid", "app", "/srv/app"], {"srv/app": Mode(OK, 0o700)}, blame="/srv/app")
    yield case("s6-svscan", "tools", ["s6-svscan", "/etc/s6"], {"etc/s6/web/run": OK})
    yield case("s6-svscan, directory gone", "tools", ["s6-svscan", "/etc/s6"], blame="/etc/s6")
    yield case("s6-supervise, directory gone", "tools", ["s6-supervise", "/etc/s6/web"], blame="/etc/s6/web")
    yield case("runsvdir", "tools", ["runsvdir", "/etc/service"], {"etc/service/web/run": OK})
    yield case("runsvdir, directory gone", "tools", ["runsvdir", "-P", "/etc/gone"], blame="")
    yield case("chpst", "tools", ["chpst", "-u", "app", "/srv/app"], {"srv/app": OK})
    yield case("chpst gone", "tools", ["chpst", "-u", "app", "-/", "/", "/srv/gone"], blame="gone")
    yield case("chpst unknown", "tools", ["chpst", "-u", "ghost", "/srv/app"], {"srv/app": OK}, blame="ghost")
    yield case("tini -s in a chain", "tools", ["tini", "-s", "-w", "--", "nice", "/srv/gone"], blame="/srv/gone")
    yield case("make", "tools", ["make", "-C", "/srv", "run"], {"srv/Makefile": "run:\n\t@echo READY\n"})
    yield case("make, file gone", "tools", ["make", "-C", "/srv", "run"], {"srv": DIRECTORY}, blame="")
    yield case("make, directory gone", "tools", ["make", "-C", "/gone"], blame="/gone")
    yield case("awk -f", "tools", ["awk", "-f", "/srv/a.awk"], {"srv/a.awk": "BEGIN { print \"READY\" }\n"})
    yield case("awk -f gone", "tools", ["awk", "-f", "/srv/gone.awk"], blame="gone.awk")
    yield case("xargs", "tools", ["sh", "-c", "echo /srv/gone | xargs sh"], blame="")
    yield case("find -exec", "tools", ["sh", "-c", "sleep 0 && exec env PATH=/none /srv/app"], {"srv/app": OK})


def small():
    yield case("busybox applet", "box", ["/busybox", "echo", "READY"])
    yield case("busybox httpd", "box", ["/busybox", "httpd", "-f", "-p", "127.0.0.1:8000"])
    yield case("busybox applet gone", "box", ["/busybox", "goneapplet"], blame="goneapplet")
    yield case("busybox link to no applet", "boxed", ["goneapplet"], {"bin/goneapplet": Link("busybox")}, blame="goneapplet")
    yield case("busybox sh -c", "box", ["/busybox", "sh", "-c", "/busybox echo READY"])
    yield case("busybox sh -c gone", "box", ["/busybox", "sh", "-c", "exec /srv/gone"], blame="/srv/gone")
    script = "#!/bin/sh\nset -e\nmkdir -p /tmp/x\ncat /etc/passwd | head -n 1\nsleep 0\necho READY\n"
    yield case("busybox sh has its applets", "boxed", ["/entry"], {"entry": script})
    yield case("busybox sh, program gone", "boxed", ["/entry"], {"entry": "#!/bin/sh\nset -e\nmkdir -p /tmp/x\nexec nginx\n"}, blame="nginx")
    yield case("busybox env", "boxed", ["/entry"], {"entry": "#!/bin/env sh\necho READY\n"})
    yield case("busybox env is elsewhere", "boxed", ["/entry"], {"entry": "#!/usr/bin/env sh\necho READY\n"}, blame="/usr/bin/env")
    yield case("busybox has no bash", "boxed", ["/entry"], {"entry": "#!/bin/bash\necho READY\n"}, blame="bash")
    hello = '#include <stdio.h>\nint main(void) { puts("READY"); return 0; }\n'
    dynamic, static = musl("musl-dynamic", hello), musl("musl-static", hello, "-static")
    libc = Host(os.path.realpath(LOADER))
    yield case("musl static", None, ["/app"], {"app": static})
    yield case("musl", None, ["/app"], {"app": dynamic, LOADER[1:]: libc})
    yield case("musl without its loader", None, ["/app"], {"app": dynamic}, blame="ld-musl")
    yield case("musl on glibc", "tools", ["/app"], {"app": dynamic}, blame="ld-musl")
    inner = musl("libmuslone.so", "int f(void) { return 1; }\n", "-shared", "-fPIC", "-Wl,-soname,libmuslone.so")
    user = musl("musl-user", '#include <stdio.h>\nint f(void);\nint main(void) { f(); puts("READY"); return 0; }\n', f"{work}/libmuslone.so")
    yield case("musl with a library", None, ["/app"], {"app": user, LOADER[1:]: libc, "usr/lib/libmuslone.so": inner})
    yield case("musl with a library gone", None, ["/app"], {"app": user, LOADER[1:]: libc}, blame="libmuslone.so")
    yield case("musl with a library by its path file", None, ["/app"], {"app": user, LOADER[1:]: libc, "etc/ld-musl-x86_64.path": "/opt/lib\n", "opt/lib/libmuslone.so": inner})
    yield case("musl does not look where glibc does", None, ["/app"], {"app": user, LOADER[1:]: libc, "usr/lib/x86_64-linux-gnu/libmuslone.so": inner}, blame="libmuslone.so")
    yield case("musl by LD_LIBRARY_PATH", None, ["/app"], {"app": user, LOADER[1:]: libc, "opt/lib/libmuslone.so": inner}, env=["LD_LIBRARY_PATH=/opt/lib"])


def shells():
    def script(name, text, files=None, **more): return case(name, "tools", ["/entry"], {"entry": Mode(text, 0o755), "srv/app": OK, **(files or {})}, **more)
    yield script("mksh", "#!/bin/mksh\nexec /srv/app\n")
    yield script("mksh, program gone", "#!/bin/mksh\nset -e\nexec /srv/gone\n", blame="/srv/gone")
    yield script("ksh gone", "#!/bin/ksh\nexec /srv/app\n", blame="ksh")
    yield script("env -S with options", "#!/usr/bin/env -S -i A=b /bin/sh -e\nexec /srv/app\n")
    yield script("env -S of what is gone", "#!/usr/bin/env -S A=b gonesh -e\nexec /srv/app\n", blame="gonesh")
    yield script("env -vS", "#!/usr/bin/env -vS sh -e\nexec /srv/app\n")
    yield script("env -S with quotes", "#!/usr/bin/env -S sh -c 'exec /srv/app'\n")
    yield script("env -S with quotes, gone", "#!/usr/bin/env -S sh -c 'exec /srv/gone'\n", blame="/srv/gone")
    yield script("env -S with a variable", "#!/usr/bin/env -S ${SHELL1} -e\nexec /srv/app\n", env=["SHELL1=/bin/sh"])
    yield script("awk script", "#!/usr/bin/awk -f\nBEGIN { print \"READY\" }\n")
    yield script("make script", "#!/usr/bin/make -f\nall:\n\t@echo READY\n")
    yield script("bash in posix", "#!/bin/bash -p\nset -Eeo pipefail\nshopt -s nullglob\ndeclare -A m=([a]=1)\nif [[ ${m[a]} == 1 ]]; then exec /srv/app; fi\n")
    yield script("bash in posix, gone", "#!/bin/bash -p\nset -Eeo pipefail\nshopt -s nullglob\ndeclare -A m=([a]=1)\nif [[ ${m[a]} == 1 ]]; then exec /srv/gone; fi\n", blame="/srv/gone")
    yield script("bash, function with local", "#!/bin/bash\nset -e\nmain() {\n  local target=\"${1:-/srv/app}\"\n  exec \"$target\"\n}\nmain \"$@\"\n")
    yield script("bash, function with local, gone", "#!/bin/bash\nset -e\nmain() {\n  local target=\"${1:-/srv/gone}\"\n  exec \"$target\"\n}\nmain \"$@\"\n", blame="/srv/gone")
    yield script("source", "#!/bin/bash\nset -e\nsource /srv/env.sh\nexec $RUN\n", {"srv/env.sh": "RUN=/srv/app\n"})
    yield script("source, gone", "#!/bin/bash\nset -e\nsource /srv/env.sh\nexec $RUN\n", blame="/srv/env.sh")
    yield script("source, names what is gone", "#!/bin/bash\nset -e\nsource /srv/env.sh\nexec $RUN\n", {"srv/env.sh": "RUN=/srv/gone\n"}, blame="/srv/gone")
    yield script("set -a", "#!/bin/sh\nset -a\n. /srv/.env\nset +a\nexec \"$APP\"\n", {"srv/.env": "# c\nAPP=/srv/app\nOTHER='x y'\n"})
    yield script("if there", "#!/bin/sh\nif [ -f /srv/.env ]; then . /srv/.env; fi\nexec /srv/app\n")
    yield script("command -v", "#!/bin/sh\nif command -v gonetool >/dev/null 2>&1; then exec gonetool; fi\nexec /srv/app\n")
    yield script("command -v or exit", "#!/bin/sh\ncommand -v gonetool >/dev/null || { echo no >&2; exit 1; }\nexec /srv/app\n", blame="gonetool")
    yield script("command -v and", "#!/bin/sh\nset -e\ncommand -v gonetool && gonetool\nexec /srv/app\n")
    yield script("which", "#!/bin/sh\nT=$(command -v env)\nexec \"$T\" /srv/app\n")
    yield script("while read", "#!/bin/sh\nwhile read -r line; do echo \"$line\"; done < /etc/passwd\nexec /srv/app\n")
    yield script("while read of what is gone", "#!/bin/sh\nset -e\nwhile read -r line; do echo \"$line\"; done < /etc/gone\nexec /srv/app\n", blame="/etc/gone")
    yield script("here document", "#!/bin/sh\ncat > /tmp/x <<EOF\nexec /srv/gone\nEOF\nexec /srv/app\n")
    yield script("trap and wait", "#!/bin/sh\ntrap 'kill $p' TERM\n/srv/app &\np=$!\nwait $p\n")
    yield script("trap and wait, gone", "#!/bin/sh\ntrap 'kill $p' TERM\n/srv/gone &\np=$!\nwait $p\n", blame="/srv/gone")
    yield script("last command counts", "#!/bin/sh\n/srv/gone || true\n/srv/app\n")
    yield script("eval", "#!/bin/sh\neval \"exec /srv/app\"\n")
    yield script("eval, gone", "#!/bin/sh\neval \"exec /srv/gone\"\n", blame="/srv/gone")
    yield script("exec through a link to a directory", "#!/bin/sh\nexec /current/app\n", {"current": Link("srv")})
    yield script("exec through a dangling link", "#!/bin/sh\nexec /current/app\n", {"current": Link("releases/7")}, blame="/current/app")
    yield script("cd and relative", "#!/bin/sh\nset -e\ncd \"$(dirname \"$0\")\"/srv\nexec ./app\n")
    yield script("cd and relative, gone", "#!/bin/sh\nset -e\ncd \"$(dirname \"$0\")\"/srv\nexec ./gone\n", blame="gone")
    yield script("mode checks", "#!/bin/sh\n[ -x /srv/gone ] && exec /srv/gone\nexec /srv/app\n")
    yield script("required variable", "#!/bin/sh\n: \"${DATABASE_URL:?must be set}\"\nexec /srv/app\n", blame="DATABASE_URL")
    yield script("required variable by test", "#!/bin/sh\nif [ -z \"$DATABASE_URL\" ]; then echo no >&2; exit 1; fi\nexec /srv/app\n", blame="")
    yield script("sleep and loop", "#!/bin/sh\ni=0\nwhile [ $i -lt 3 ]; do i=$((i + 1)); done\nexec /srv/app\n")


def official():
    postgres = "#!/usr/bin/env bash\nset -Eeo pipefail\nfile_env() {\n\tlocal var=\"$1\"\n\tlocal def=\"${2:-}\"\n\tlocal val=\"$def\"\n\tif [ \"${!var:-}\" ]; then val=\"${!var}\"; fi\n\texport \"$var\"=\"$val\"\n}\n_main() {\n\tif [ \"${1:0:1}\" = '-' ]; then\n\t\tset -- %s \"$@\"\n\tfi\n\tfile_env X 5\n\texec \"$@\"\n}\nif ! [ \"${#FUNCNAME[@]}\" -ge 2 ]; then _main \"$@\"; fi\n"
    yield case("as postgres", "tools", ["/entry"], {"entry": postgres % "/srv/app", "srv/app": OK}, cmd=["-x"])
    yield case("as postgres, gone", "tools", ["/entry"], {"entry": postgres % "/srv/gone", "srv/app": OK}, cmd=["-x"], blame="/srv/gone")
    redis = "#!/bin/sh\nset -e\nif [ \"${1#-}\" != \"$1\" ] || [ \"${1%%.conf}\" != \"$1\" ]; then\n\tset -- %s \"$@\"\nfi\nif [ \"$1\" = 'x' -a \"$(id -u)\" = '0' ]; then\n\texec setpriv --reuid=app \"$0\" \"$@\"\nfi\num=\"$(umask)\"\nif [ \"$um\" = '0022' ]; then umask 0077; fi\nexec \"$@\"\n"
    yield case("as redis", "tools", ["/entry"], {"entry": redis % "/srv/app", "srv/app": OK}, cmd=["a.conf"])
    yield case("as redis, gone", "tools", ["/entry"], {"entry": redis % "/srv/gone", "srv/app": OK}, cmd=["--port"], blame="/srv/gone")
    nginx = "#!/bin/sh\nset -e\nentrypoint_log() {\n    if [ -z \"${Q:-}\" ]; then echo \"$@\"; fi\n}\nif [ \"$1\" = \"nginx\" ] || [ \"$1\" = \"/srv/app\" ]; then\n    if /usr/bin/find \"/docker-entrypoint.d/\" -mindepth 1 -maxdepth 1 -type f -print -quit 2>/dev/null | read v; then\n        entrypoint_log x\n        find \"/docker-entrypoint.d/\" -follow -type f -print | sort -V | while read -r f; do\n            case \"$f\" in\n                *.sh) if [ -x \"$f\" ]; then \"$f\"; fi ;;\n                *) entrypoint_log skip ;;\n            esac\n        done\n    fi\nfi\nexec \"$@\"\n"
    yield case("as nginx", "tools", ["/entry"], {"entry": nginx, "srv/app": OK}, cmd=["/srv/app"])
    yield case("as nginx, gone", "tools", ["/entry"], {"entry": nginx, "srv/app": OK}, cmd=["nginx", "-g", "daemon off;"], blame="nginx")
    mysql = "#!/bin/bash\nset -eo pipefail\nshopt -s nullglob\nfor i; do\n\tcase \"$i\" in\n\t\t-'?'|--help|--version) want=1; break ;;\n\tesac\ndone\nif [ \"$1\" = 'mysqld' ] && [ -z \"$want\" ]; then\n\tmysqld --verbose\nfi\nexec \"$@\"\n"
    yield case("as mysql", "tools", ["/entry"], {"entry": mysql, "srv/app": OK}, cmd=["/srv/app"])
    yield case("as mysql, gone", "tools", ["/entry"], {"entry": mysql}, cmd=["mysqld"], blame="mysqld")
    rails = "#!/bin/bash -e\nif [ \"${*}\" == \"./bin/rails server\" ]; then\n  ./bin/rails db:prepare\nfi\nexec \"${@}\"\n"
    yield case("as rails", "tools", ["/srv/entry"], {"srv/entry": Mode(rails, 0o755), "srv/bin/rails": OK}, cmd=["./bin/rails", "server"], workdir="/srv")
    yield case("as rails, gone", "tools", ["/srv/entry"], {"srv/entry": Mode(rails, 0o755)}, cmd=["./bin/rails", "server"], workdir="/srv", blame="bin/rails")
    node = "#!/bin/sh\nset -e\nif [ \"${1#-}\" != \"${1}\" ] || [ -z \"$(command -v \"${1}\")\" ] || { [ -f \"${1}\" ] && ! [ -x \"${1}\" ]; }; then\n  set -- %s \"$@\"\nfi\nexec \"$@\"\n"
    yield case("as node", "tools", ["/entry"], {"entry": node % "/srv/app", "srv/app": OK}, cmd=["server.js"])
    yield case("as node, gone", "tools", ["/entry"], {"entry": node % "node"}, cmd=["server.js"], blame="node")


def odd():
    yield case("WORKDIR that USER cannot enter", "tools", ["./app"], {"data": Mode(None, 0o700), "data/app": OK}, user="app", workdir="/data", blame="/data")
    yield case("WORKDIR that USER cannot enter, absolute", "tools", ["/srv/app"], {"data": Mode(None, 0o700), "srv/app": OK}, user="app", workdir="/data")
    yield case("volume over the program", "tools", ["/srv/app"], {"srv/app": OK}, volumes=["/srv"])
    yield case("USER by number, group by name", "tools", ["/srv/app"], {"srv/app": Mode(OK, 0o750, 1000)}, user="1000:app")
    yield case("USER by number, group unknown", "tools", ["/srv/app"], {"srv/app": OK}, user="1000:ghosts", blame="ghosts")
    yield case("PATH is empty", "tools", ["app"], {"srv/app": OK}, env=["PATH="], blame="app")
    yield case("PATH is relative", "tools", ["app"], {"srv/app": OK}, env=["PATH=srv:/usr/bin"], workdir="/")
    yield case("name with a space", "tools", ["/srv/my app"], {"srv/my app": OK})
    yield case("arguments in one word", "tools", ["/srv/app --port 80"], {"srv/app": OK}, blame="/srv/app --port 80")
    yield case("ENTRYPOINT of one shell word", "tools", ["sh -c", "/srv/app"], {"srv/app": OK}, blame="sh -c")
    yield case("CMD gives arguments", "tools", ["/bin/sh", "-c"], {"srv/app": OK}, cmd=["/srv/app"])
    yield case("CMD gives arguments, gone", "tools", ["/bin/sh", "-c"], cmd=["/srv/gone"], blame="/srv/gone")

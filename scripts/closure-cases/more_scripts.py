"""Entry scripts and wrappers of other shapes than those that the check was written by."""
import os

OK = "#!/bin/sh\necho READY\n"
bases = {"box2": lambda: packaged("dash", "bash", "coreutils", "tini", "gosu", "util-linux", "grep", "sed", "mawk", "findutils", "python3", "libpython3.11-stdlib", "procps", "login", "bsdutils",
                                  links={"usr/bin/sh": "dash", "usr/bin/awk": "mawk"}) | {f"etc/pam.d/{n}": Host(f"/etc/pam.d/{n}") for n in os.listdir("/etc/pam.d") if n.startswith("common-")} | {"etc/shadow": "root:*:19000:0:99999:7:::\nwww-data:*:19000:0:99999:7:::\napp:*:19000:0:99999:7:::\n"}}


def run(name, entry, files=None, cmd=None, **more):
    return Case("more scripts", name, "box2", {"srv/app": OK, **(files or {})}, list(entry), list(cmd) if cmd is not None else None, **more)


def script(name, text, cmd=("/srv/app",), files=None, **more): return run(name, ["/entry.sh"], {"entry.sh": Mode(text, 0o755), **(files or {})}, cmd, **more)


def cases():
    yield from wrapped()
    yield from scripts()
    yield from started()


def wrapped():
    pairs = {"su -c": ["su", "app", "-c", "{}"], "su - -s -c": ["su", "-", "app", "-s", "/bin/sh", "-c", "{}"], "su -s -c": ["su", "-s", "/bin/bash", "-c", "exec {}", "app"],
             "runuser -u": ["runuser", "-u", "app", "--", "{}"], "setpriv long": ["setpriv", "--reuid", "1000", "--init-groups", "--regid=1000", "{}"],
             "setarch": ["setarch", "x86_64", "{}"], "linux64": ["linux64", "{}"], "chrt": ["chrt", "-o", "0", "{}"],
             "xargs": ["xargs", "{}"], "flock": ["flock", "/tmp/lock", "{}"], "flock -c": ["flock", "-n", "/tmp/lock", "-c", "{}"],
             "env -C": ["env", "-C", "/srv", "./{base}"], "env --chdir": ["env", "--chdir=/srv", "A=1", "{}"], "env -u -i": ["env", "-u", "A", "-i", "{}"], "nice -5": ["nice", "-5", "{}"],
             "timeout long": ["timeout", "--signal=TERM", "--foreground", "50", "{}"], "stdbuf long": ["stdbuf", "--output=L", "-e0", "{}"], "tini -s": ["tini", "-s", "-v", "-e", "143", "--", "{}"],
             "tini bash -c": ["tini", "--", "bash", "-c", "exec {}"], "gosu sh -c": ["gosu", "app", "sh", "-c", "{} x"], "prlimit": ["prlimit", "--nofile=1024", "{}"], "ionice idle": ["ionice", "-c3", "{}"],
             "time": ["bash", "-c", "time {}"], "nohup sh": ["nohup", "sh", "-c", "{} & wait $!"], "script": ["script", "-qec", "{}", "/dev/null"], "bash -lc": ["bash", "-lc", "{}"], "bash -xec": ["bash", "-xec", "{}"],
             "sh -c with $@": ["sh", "-c", "\"$@\"", "--", "{}"], "sh -c with $0 and braces": ["sh", "-c", "exec ${0} ${1+\"$@\"}", "{}"], "bash -o": ["bash", "-o", "errexit", "-o", "pipefail", "-c", "{} | cat"],
             "find -exec": ["find", "/srv", "-maxdepth", "0", "-exec", "{}", ";"], "chroot": ["chroot", "--userspec=1000:1000", "/", "{}"]}
    for name, words in pairs.items():
        def fill(program): return [w.replace("{base}", program.split("/")[-1]).replace("{}", program) for w in words]
        yield run(name, fill("/srv/app"))
        yield run(name + ", gone", fill("/srv/gone"), blame="gone")
    yield run("su to nobody known", ["su", "ghost", "-c", "/srv/app"], blame="ghost")
    yield run("runuser to nobody known", ["runuser", "-u", "ghost", "--", "/srv/app"], blame="ghost")
    yield run("su of an account whose shell refuses", ["su", "www-data", "-c", "/srv/app"], blame="")
    yield run("setpriv closes", ["setpriv", "--reuid=1000", "--clear-groups", "--regid=1000", "/srv/app"], {"srv/app": Mode(OK, 0o700)}, blame="/srv/app")
    yield run("bash -lc with a PATH that the profile replaces", ["bash", "-lc", "tool"], {"opt/b/tool": OK, "etc/profile": "PATH=/usr/bin:/bin\nexport PATH\n"}, env=["PATH=/opt/b:/usr/bin:/bin"], blame="tool")
    yield run("bash -c with the same PATH", ["bash", "-c", "tool"], {"opt/b/tool": OK, "etc/profile": "PATH=/usr/bin:/bin\nexport PATH\n"}, env=["PATH=/opt/b:/usr/bin:/bin"])
    yield run("BASH_ENV gone", ["bash", "-c", "/srv/app"], env=["BASH_ENV=/etc/gone.sh"])
    yield run("BASH_ENV", ["bash", "-c", "run_it"], {"etc/more.sh": "run_it() { exec /srv/app; }\n"}, env=["BASH_ENV=/etc/more.sh"])


def scripts():
    yield script("default arguments", '#!/bin/bash\nset -euo pipefail\nif [[ $# -eq 0 ]]; then\n  set -- /srv/app\nfi\nexec "$@"\n', [])
    yield script("default arguments, gone", '#!/bin/bash\nset -euo pipefail\nif [[ $# -eq 0 ]]; then\n  set -- /srv/gone\nfi\nexec "$@"\n', [], blame="/srv/gone")
    yield script("array", '#!/bin/bash\ncmd=(/srv/app)\ncmd+=(--port "${PORT:-80}")\nexec "${cmd[@]}"\n')
    yield script("array, gone", '#!/bin/bash\ncmd=(/srv/gone)\ncmd+=(--port "${PORT:-80}")\nexec "${cmd[@]}" "$@"\n', blame="/srv/gone")
    yield script("associative", '#!/bin/bash\ndeclare -A run=([web]=/srv/app [job]=/srv/gone)\nexec "${run[$1]}"\n', ["web"])
    yield script("${@:2}", '#!/bin/bash\nexec "${@:2}"\n', ["x", "/srv/app"])
    yield script("${@:2}, gone", '#!/bin/bash\nexec "${@:2}"\n', ["x", "/srv/gone"], blame="/srv/gone")
    yield script("uppercase", '#!/bin/bash\nname=APP\nexec "/srv/${name,,}"\n')
    yield script("uppercase, gone", '#!/bin/bash\nname=GONE\nexec "/srv/${name,,}"\n', blame="/srv/gone")
    yield script("replace", '#!/bin/bash\nmode=srv-app\nexec "/${mode//-//}"\n')
    yield script("replace, gone", '#!/bin/bash\nmode=srv-gone\nexec "/${mode/-//}"\n', blame="/srv/gone")
    yield script("indirect", '#!/bin/bash\nWEB=/srv/app\nkind=WEB\nexec "${!kind}"\n')
    yield script("indirect, gone", '#!/bin/bash\nWEB=/srv/gone\nkind=WEB\nexec "${!kind}"\n', blame="/srv/gone")
    yield script("arithmetic", '#!/bin/sh\nn=$((1 + 1))\nif [ "$n" -eq 2 ]; then exec /srv/app; fi\nexec /srv/gone\n')
    yield script("arithmetic, gone", '#!/bin/sh\nn=$((1 + 1))\nif [ "$n" -eq 2 ]; then exec /srv/gone; fi\nexec /srv/app\n', blame="/srv/gone")
    yield script("getopts", '#!/bin/sh\nwhile getopts "p:v" o; do\n  case "$o" in\n    p) port=$OPTARG ;;\n    v) set -x ;;\n    *) exit 2 ;;\n  esac\ndone\nshift $((OPTIND - 1))\nexec "$@"\n', ["-p", "80", "/srv/app"])
    yield script("getopts, gone", '#!/bin/sh\nwhile getopts "p:v" o; do\n  case "$o" in\n    p) port=$OPTARG ;;\n    *) exit 2 ;;\n  esac\ndone\nshift $((OPTIND - 1))\nexec /srv/gone "$@"\n', ["-p", "80"], blame="/srv/gone")
    yield script("wait for a file", '#!/bin/sh\nuntil [ -e /srv/app ]; do sleep 1; done\nexec /srv/app\n')
    yield script("chown and gosu", '#!/bin/sh\nset -e\nmkdir -p /data\nchown -R app:app /data\nexec gosu app "$@"\n')
    yield script("chown to nobody known", '#!/bin/sh\nset -e\nmkdir -p /data\nchown -R ghost /data\nexec "$@"\n', blame="ghost")
    yield script("install -d -o", '#!/bin/sh\nset -e\ninstall -d -o app -g app /data\nexec "$@"\n')
    yield script("template by sed", '#!/bin/sh\nset -e\nsed "s/@PORT@/${PORT:-80}/" /etc/app.tmpl > /tmp/app.conf\nexec "$@"\n', files={"etc/app.tmpl": "port=@PORT@\n"})
    yield script("template by sed, gone", '#!/bin/sh\nset -e\nsed "s/@PORT@/${PORT:-80}/" /etc/app.tmpl > /tmp/app.conf\nexec "$@"\n', blame="/etc/app.tmpl")
    yield script("cp of what is gone", '#!/bin/sh\nset -e\ncp /etc/app.default /tmp/app.conf\nexec "$@"\n', blame="/etc/app.default")
    yield script("cp of what is gone, without set -e", '#!/bin/sh\ncp /etc/app.default /tmp/app.conf\nexec "$@"\n')
    yield script("cat of what is gone", '#!/bin/sh\nset -e\ntoken=$(cat /run/secrets/token)\nexec "$@"\n', blame="/run/secrets/token")
    yield script("cat of what may be gone", '#!/bin/sh\nset -e\ntoken=$(cat /run/secrets/token 2>/dev/null || true)\nexec "$@"\n')
    yield script("test and exit", '#!/bin/sh\n[ -f /etc/app.conf ] || { echo "no configuration" >&2; exit 1; }\nexec "$@"\n', blame="")
    yield script("test and exit, there", '#!/bin/sh\n[ -f /etc/app.conf ] || { echo "no configuration" >&2; exit 1; }\nexec "$@"\n', files={"etc/app.conf": "x\n"})
    yield script("die function", '#!/bin/sh\ndie() { echo "$*" >&2; exit 1; }\n[ -d /data ] || die "no /data"\nexec "$@"\n', blame="")
    yield script("which or exit", '#!/bin/sh\nwhich python3 >/dev/null || exit 1\nexec "$@"\n', blame="which")
    yield script("type or exit", '#!/bin/sh\nif ! type java >/dev/null 2>&1; then\n  echo "no java"\n  exit 1\nfi\nexec "$@"\n', blame="java")
    yield script("python by hash", '#!/bin/bash\nhash python3 2>/dev/null || exit 1\nexec "$@"\n')
    yield script("sub command with a pipe", '#!/bin/sh\nset -e\nVERSION=$(echo 1.2 | cut -d. -f1)\nexec "$@"\n')
    yield script("sub command with a tool that is gone", '#!/bin/sh\nset -e\nVERSION=$(jq -r .v /etc/passwd)\nexec "$@"\n', blame="jq")
    yield script("export of a sub command with a tool that is gone", '#!/bin/sh\nset -e\nexport VERSION=$(jq -r .v /etc/passwd)\nexec "$@"\n')
    yield script("pipe with a tool that is gone", '#!/bin/sh\nset -e\necho x | jq . | cat\nexec "$@"\n')
    yield script("pipe with a tool that is gone, pipefail", '#!/bin/bash\nset -eo pipefail\necho x | jq . | cat\nexec "$@"\n', blame="jq")
    yield script("ERR trap", '#!/bin/bash\nset -E\ntrap "echo failed" ERR\nfalse\nexec "$@"\n')
    yield script("exec with redirection", '#!/bin/sh\nexec 3>&1\nexec "$@" 2>&1\n')
    yield script("function of the same name", '#!/bin/sh\napp() { exec /srv/app "$@"; }\napp\n')
    yield script("recursion through CMD", '#!/bin/sh\nif [ -z "$DONE" ]; then DONE=1 exec "$0" "$@"; fi\nexec "$@"\n')
    yield script("heredoc into a shell", '#!/bin/sh\nsh <<EOF\necho READY\nEOF\n')
    yield script("process substitution", '#!/bin/bash\nwhile read -r l; do :; done < <(cat /etc/passwd)\nexec "$@"\n')
    yield script("coproc and others", '#!/bin/bash\n(( ${#@} > 0 )) || exit 3\nfor ((i = 0; i < 2; i++)); do :; done\nexec "$@"\n')
    yield script("case with patterns", '#!/bin/sh\ncase "${1:-}" in\n  -*|"") set -- /srv/app "$@" ;;\n  /*) ;;\n  *) set -- "/srv/$1" ;;\nesac\nexec "$@"\n', ["gone"], blame="/srv/gone")
    yield script("if grep", '#!/bin/sh\nif grep -q "^app:" /etc/passwd; then exec /srv/app; else exec /srv/gone; fi\n')
    yield script("if nothing is known", '#!/bin/sh\nif [ "$(date +%Y)" -gt 2000 ]; then exec /srv/app; fi\nexec /srv/gone\n')
    yield script("last command fails", '#!/bin/sh\necho x\n/srv/gone\n', blame="/srv/gone")
    yield script("last command is a test", '#!/bin/sh\n/srv/app\n[ -n "$DEBUG" ] && echo debug\n')
    yield script("syntax error", '#!/bin/sh\nif true; then\n  exec "$@"\n', blame="")
    yield script("bash syntax in sh", '#!/bin/sh\nset -e\nargs=(a b)\nexec "$@"\n', blame="")
    yield script("bash test in sh", '#!/bin/sh\nset -e\nif [[ "$1" == x* ]]; then echo y; fi\nexec "$@"\n')
    yield script("bash function in sh", '#!/bin/sh\nfunction go { exec /srv/app; }\ngo\n', blame="")
    yield script("source in sh", '#!/bin/sh\nset -e\nsource /etc/env.sh\nexec "$@"\n', files={"etc/env.sh": "A=1\n"}, blame="source")
    yield script("set -o pipefail in dash", '#!/bin/sh\nset -eo pipefail\nexec "$@"\n', blame="pipefail")
    yield script("pushd in sh", '#!/bin/sh\nset -e\npushd /srv\nexec ./app\n', blame="pushd")
    yield script("activate of a venv", '#!/bin/bash\nsource /venv/bin/activate\nexec python -c "print(\'READY\')"\n', files={"venv/bin/activate": "VIRTUAL_ENV=/venv\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\nexport PATH\n", "venv/bin/python": Link("/usr/bin/python3"), "venv/pyvenv.cfg": "home = /usr/bin\n"})
    yield script("activate of a venv that is gone", '#!/bin/bash\nset -e\nsource /venv/bin/activate\nexec python -m app\n', blame="/venv/bin/activate")


def started():
    yield run("script by sh", ["sh", "/srv/run.sh"], {"srv/run.sh": "exec /srv/app\n"})
    yield run("script by sh, gone", ["sh", "/srv/run.sh"], blame="/srv/run.sh")
    yield run("script by sh in WORKDIR", ["sh", "run.sh"], {"srv/run.sh": "exec ./app\n"}, workdir="/srv")
    yield run("script not executable, by its name", ["./run.sh"], {"srv/run.sh": Mode(OK, 0o644)}, workdir="/srv", blame="run.sh")
    yield run("env -S python", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env -S python3 -u\nprint('READY')\n", 0o755)})
    yield run("env -S python, module gone", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env -S python3 -u\nimport gone_one\nprint('READY')\n", 0o755)}, blame="gone_one")
    yield run("env -S with env", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env -S -u HOME PORT=1 bash -eu\necho READY $PORT\n", 0o755)})
    yield run("env -S with PATH", ["/srv/run"], {"opt/b/mysh": Host("/usr/bin/dash"), "srv/run": Mode("#!/usr/bin/env -S PATH=/opt/b:/usr/bin mysh\necho READY\n", 0o755)})
    yield run("env --split-string", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env --split-string=bash -e\necho READY\n", 0o755)})
    yield run("env with an assignment alone", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env A=1\necho READY\n", 0o755)}, blame="")
    yield run("UTF-16 script", ["/srv/run"], {"srv/run": Mode(OK.encode("utf-16"), 0o755)}, blame="/srv/run")
    yield run("byte order mark before env", ["/srv/run"], {"srv/run": Mode("\ufeff#!/usr/bin/env bash\necho READY\n", 0o755)}, blame="/srv/run")
    yield run("byte order mark, by sh", ["sh", "/srv/run"], {"srv/run": Mode("\ufeff#!/bin/sh\necho READY\n", 0o755)})
    yield run("CR in the body, by sh", ["sh", "/srv/run"], {"srv/run": Mode("#!/bin/sh\r\n/srv/app\r\nexit\r\n", 0o755)}, blame="")
    yield run("CR alone in a here-document", ["/srv/run"], {"srv/run": Mode("#!/bin/sh\ncat <<E\nx\r\nE\nexec /srv/app\n", 0o755)})
    yield run("first line of 200 characters", ["/srv/run"], {"srv/run": Mode("#!/" + "./" * 90 + "bin/sh\necho READY\n", 0o755)})
    yield run("first line of 300 characters", ["/srv/run"], {"srv/run": Mode("#!/" + "./" * 150 + "bin/sh\necho READY\n", 0o755)}, blame="/srv/run")
    yield run("python script with CR", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env python3\r\nprint('READY')\r\n", 0o755)}, blame="CR")
    yield run("python script with CR, by python", ["python3", "/srv/run"], {"srv/run": Mode("#!/usr/bin/env python3\r\nprint('READY')\r\n", 0o755)})
    yield run("python2 script", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/python\nprint 'x'\n", 0o755)}, blame="python")
    yield run("python2 script by python3", ["python3", "/srv/run"], {"srv/run": Mode("import sys\nprint 'x'\n", 0o755)}, blame="/srv/run")
    yield run("four scripts deep", ["/a"], {"a": Mode("#!/b\n", 0o755), "b": Mode("#!/c\n", 0o755), "c": Mode("#!/d\n", 0o755), "d": Mode("#!/bin/sh\necho READY\n", 0o755)})
    yield run("six scripts deep", ["/a"], {**{n: Mode(f"#!/{m}\n", 0o755) for n, m in zip("abcdef", "bcdefg")}, "g": Mode("#!/bin/sh\necho READY\n", 0o755)}, blame="")
    yield run("wrapper program as interpreter", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/nice sh\necho READY\n", 0o755)})
    yield run("CMD alone, by a bare name", ["app"], env=["PATH=/srv:/usr/bin:/bin"])
    yield run("CMD alone, a directory on PATH", ["srv"], env=["PATH=/:/usr/bin"], blame="srv")
    yield run("ENTRYPOINT with an empty word", ["", "/srv/app"], blame="")
    yield Case("more scripts", "shell form with quotes", "box2", {"srv/my app": OK}, ["/bin/sh", "-c", '"/srv/my app" --flag=\'a b\' && echo done'])
    yield Case("more scripts", "shell form with exec and a variable program, gone", "box2", {}, ["/bin/sh", "-c", "exec ${RUNTIME:-node} server.js"], blame="node")
    yield Case("more scripts", "shell form with a list", "box2", {"srv/app": OK}, ["/bin/sh", "-c", "mkdir -p /tmp/x; cd /tmp/x || exit 1; /srv/app"])
    yield Case("more scripts", "shell form, its own file by a link", "box2", {"srv/app": OK, "current": Link("/srv")}, ["/bin/sh", "-c", "/current/app"])

"""Programs for the fourth time, written from the issue's text alone: Debian's programs, static ones, names, users and places."""
import os, subprocess

LIB = "usr/lib/x86_64-linux-gnu/"
OK = "#!/bin/sh\necho READY\n"
HELLO = '#include <stdio.h>\nint main(void) { puts("READY"); return 0; }\n'
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
bases = {"unseen-tools": lambda: packaged("jq", "curl", "sqlite3", "rsync", "gpg", "wget", "libarchive-tools", "bind9-dnsutils", "zsh", "fish", "tmux", "bc", "time", "psmisc", "dash", "coreutils", "openssh-client", "libc-bin", links={"usr/bin/sh": "dash"})}


def made(name, source, *options, compiler="gcc", suffix=".c"):
    path = f"{work}/unseen-{name}"
    if not os.path.exists(path):
        with open(path + suffix, "w") as file: file.write(source)
        subprocess.run([compiler, "-o", path, path + suffix, *options], check=True)
    return Host(path)


def go(name, source, **env):
    path = f"{work}/unseen-{name}"
    if not os.path.exists(path):
        with open(path + ".go", "w") as file: file.write(source)
        subprocess.run(["go", "build", "-o", path, path + ".go"], check=True, env={**os.environ, "CGO_ENABLED": "0", "HOME": work, **env})
    return Host(path)


def case(name, files, entry=("/app/run",), base="etc", family="unseen native", **more): return Case(family, name, base, files, list(entry), seconds=10, **more)


def libc(): return {LOADER: Host("/lib64/ld-linux-x86-64.so.2"), LIB + "libc.so.6": Host(os.path.realpath("/" + LIB + "libc.so.6"))}


def bytes_of(path):
    with open(path, "rb") as file: return file.read()


def cases():
    yield from debian()
    yield from loader()
    yield from static()
    yield from names()
    yield from users()


def debian():
    def tool(name, entry, files=None, **more): return case(name, files or {}, entry, "unseen-tools", **more)
    yield tool("jq", ["jq", "-n", "1"])
    yield tool("jq without what its library needs", ["jq", "-n", "1"], {LIB + "libonig.so.5": GONE}, blame="libonig.so.5")
    yield tool("curl", ["curl", "--version"])
    yield tool("curl, link of a library leads nowhere", ["curl", "--version"], {LIB + "libnghttp2.so.14": Link("libnghttp2.so.14.99.0")}, blame="libnghttp2.so.14")
    yield tool("rsync for USER", ["rsync", "--version"], user="app")
    yield tool("rsync for USER, a library is closed", ["rsync", "--version"], {LIB + "libpopt.so.0": Mode(Host("/" + LIB + "libpopt.so.0"), 0o640)}, user="app", blame="libpopt.so.0")
    yield tool("gpg for USER without a home", ["gpg", "--version"], user="app")
    yield tool("sqlite3", ["sqlite3", ":memory:", "select 1"])
    yield tool("sqlite3, a library for another machine", ["sqlite3", "--version"], {LIB + "libreadline.so.8": Host("/usr/aarch64-linux-gnu/lib/libc.so.6")}, blame="libreadline.so.8")
    isc = next(n for n in sorted(os.listdir("/" + LIB)) if n.startswith("libisc-"))
    yield tool("dig without its own library", ["dig", "-v"], {LIB + isc: GONE}, blame=isc)
    yield tool("bsdtar", ["bsdtar", "--version"])
    yield tool("bsdtar without a library three steps away", ["bsdtar", "--version"], {LIB + "libicudata.so.72": GONE}, blame="libicudata.so.72")
    yield tool("zsh", ["zsh", "-c", "echo READY"])
    yield tool("zsh script", ["/srv/run"], {"srv/run": Mode("#!/usr/bin/env zsh\nsetopt errexit\nprint READY\n", 0o755)})
    yield tool("zsh script, program gone", ["/srv/run"], {"srv/run": Mode("#!/bin/zsh\nsetopt errexit\ngone-tool\nprint READY\n", 0o755)}, blame="gone-tool")
    yield tool("fish script", ["/srv/run.fish"], {"srv/run.fish": Mode("#!/usr/bin/fish\necho READY\n", 0o755)})
    yield tool("tmux", ["tmux", "-V"])
    yield tool("wget, closed directory of libraries", ["wget", "--version"], {"usr/lib/x86_64-linux-gnu": Mode(None, 0o750)}, user="app", blame="")
    yield tool("ssh-agent starts a program", ["ssh-agent", "/srv/app"], {"srv/app": OK})
    yield tool("ssh-agent starts a program that is gone", ["ssh-agent", "/srv/gone"], blame="/srv/gone")
    yield tool("time starts a program that is gone", ["/usr/bin/time", "-p", "/srv/gone"], blame="/srv/gone")


def loader():
    one = made("libuone.so.1", "int one(void) { return 1; }\n", "-shared", "-fPIC", "-Wl,-soname,libuone.so.1")
    main = '#include <stdio.h>\nint one(void);\nint main(void) { one(); puts("READY"); return 0; }\n'
    plain = made("plain", main, one)
    yield case("LD_LIBRARY_PATH with $ORIGIN", {"app/run": plain, "app/lib/libuone.so.1": one, **libc()}, env=["LD_LIBRARY_PATH=$ORIGIN/lib"])
    yield case("LD_LIBRARY_PATH of the build", {"app/run": plain, "app/lib/libuone.so.1": one, **libc()}, env=["LD_LIBRARY_PATH=/build/lib"], blame="libuone.so.1")
    yield case("LD_AUDIT gone", {"app/run": made("hello", HELLO), **libc()}, env=["LD_AUDIT=/opt/gone.so", "GLIBC_TUNABLES=glibc.malloc.check=1"])
    nodef = made("nodef", main, one, "-Wl,-z,nodefaultlib", "-Wl,-rpath,$ORIGIN")
    yield case("no usual directories", {"app/run": nodef, "app/libuone.so.1": one, **libc()}, blame="libc.so.6")
    yield case("no usual directories, all beside", {"app/run": nodef, "app/libuone.so.1": one, "app/libc.so.6": libc()[LIB + "libc.so.6"], LOADER: libc()[LOADER]})
    aux = made("libuaux.so.1", "int one(void) { return 1; }\n", "-shared", "-fPIC", "-Wl,-soname,libuaux.so.1", "-Wl,-f,libugone.so.7")
    yield case("library with a helper that is gone", {"app/run": made("aux", main, aux), LIB + "libuaux.so.1": aux, **libc()})
    filt = made("libufil.so.1", "int one(void) { return 1; }\n", "-shared", "-fPIC", "-Wl,-soname,libufil.so.1", "-Wl,-F,libugone.so.7")
    yield case("library that stands for one that is gone", {"app/run": made("fil", main, filt), LIB + "libufil.so.1": filt, **libc()}, blame="libugone.so.7")
    two = made("two", main, one, "-Wl,-rpath,/opt/closed:/opt/open", "-Wl,--enable-new-dtags")
    both = {"app/run": two, "opt/closed": Mode(None, 0o700), "opt/open/libuone.so.1": one, **libc()}
    yield case("closed run path before an open one", both, user="app")
    yield case("closed run path alone", {**both, "opt/open/libuone.so.1": GONE, "opt/closed/libuone.so.1": one}, user="app", blame="libuone.so.1")
    yield case("loader by a link that leads nowhere", {"app/run": plain, LIB + "libuone.so.1": one, LIB + "libc.so.6": libc()[LIB + "libc.so.6"], LOADER: Link("../lib/x86_64-linux-gnu/ld-2.36.so")}, blame="ld-linux-x86-64.so.2")
    yield case("name of a library in another case", {"app/run": plain, LIB + "LibUone.so.1": one, **libc()}, blame="libuone.so.1")
    yield case("library of the next major version alone", {"app/run": plain, LIB + "libuone.so.2": one, **libc()}, blame="libuone.so.1")
    yield case("library as a copy without its version", {"app/run": plain, LIB + "libuone.so": one, **libc()}, blame="libuone.so.1")
    pthread = made("pthread", '#include <pthread.h>\n#include <stdio.h>\n#include <math.h>\nint main(int n, char **v) { printf("%f READY\\n", pow(n, 0.5)); return pthread_self() == 0; }\n', "-lm")
    yield case("mathematics gone", {"app/run": pthread, **libc()}, blame="libm.so.6")
    yield case("mathematics there", {"app/run": pthread, LIB + "libm.so.6": Host("/" + LIB + "libm.so.6"), **libc()})


ZONE = 'package main\n\nimport (\n\t"fmt"\n\t"time"\n%s)\n\nfunc main() {\n\tif _, err := time.LoadLocation("Europe/Berlin"); err != nil {\n\t\tpanic(err)\n\t}\n\tfmt.Println("READY")\n}\n'
GO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("READY") }\n'


def static():
    def alone(name, files, entry=("/app/run",), base=None, **more): return case(name, files, entry, base, "unseen static", **more)
    plain = go("go", GO)
    yield alone("go, time zones gone", {"app/run": go("zone", ZONE % "")}, blame="zoneinfo")
    yield alone("go, time zones there", {"app/run": go("zone", ZONE % ""), "usr/share/zoneinfo/Europe/Berlin": Host(os.path.realpath("/usr/share/zoneinfo/Europe/Berlin"))})
    yield alone("go, time zones inside", {"app/run": go("zone-inside", ZONE % '\t_ "time/tzdata"\n')})
    yield alone("go for Windows", {"app/run": Mode(go("go.exe", GO, GOOS="windows"), 0o755)}, blame="/app/run")
    yield alone("go for a Mac", {"app/run": Mode(go("go-mac", GO, GOOS="darwin"), 0o755)}, blame="/app/run")
    yield alone("go for FreeBSD", {"app/run": Mode(go("go-bsd", GO, GOOS="freebsd"), 0o755)}, blame="")
    yield alone("go for arm64", {"app/run": go("go-arm", GO, GOARCH="arm64")}, blame="arm64")
    yield alone("go for i386", {"app/run": go("go-386", GO, GOARCH="386")})
    yield alone("go for riscv64", {"app/run": go("go-riscv", GO, GOARCH="riscv64")}, blame="riscv64")
    yield alone("go as position-independent", {"app/run": go("go-pie", GO, GOFLAGS="-buildmode=pie")})
    yield alone("go without symbols", {"app/run": go("go-s", GO, GOFLAGS="-ldflags=-s")}, user="65532:65532", workdir="/home/nonroot")
    yield alone("go by an account of distroless that is not there", {"app/run": plain}, user="nonroot:nonroot", blame="nonroot")
    yield alone("go named as its CMD", {"app/run": plain}, entry=["/app"], cmd=["run"], blame="/app")
    yield alone("go in a directory of the build", {"go/bin/run": plain}, entry=["/usr/local/bin/run"], blame="/usr/local/bin/run")
    yield alone("go by a shell that is not there", {"app/run": plain}, entry=["/bin/sh", "-c", "/app/run"], blame="/bin/sh")
    whole = bytes_of(made("static", HELLO, "-static"))
    yield alone("static without the table of its sections", {"app/run": Mode(whole[:-1500], 0o755)})
    yield alone("static, half of it", {"app/run": Mode(whole[:len(whole) // 2], 0o755)}, blame="/app/run")
    yield alone("static, with what a copy appended", {"app/run": Mode(whole + b"\n", 0o755)})
    yield alone("static-pie, closed for USER", {"app/run": Mode(made("spie", HELLO, "-static-pie"), 0o700, 1000)}, user="1001", blame="/app/run")
    yield alone("static-pie of USER's own", {"app/run": Mode(made("spie", HELLO, "-static-pie"), 0o500, 1001)}, user="1001")
    names = made("static-names", '#include <netdb.h>\n#include <pwd.h>\n#include <stdio.h>\nint main(void) { struct addrinfo *a; getpwnam("app"); getaddrinfo("localhost", "80", 0, &a); puts("READY"); return 0; }\n', "-static", "-w")
    yield alone("static, asks for names", {"app/run": names})
    yield alone("WORKDIR of a static program is a file", {"app/run": Mode(whole, 0o755), "data": "x"}, workdir="/data", blame="/data")


def names():
    def by(name, entry, files=None, base="names", **more): return case(name, files or {}, entry, base, "unseen names", **more)
    py = ["python3", "-c"]
    yield by("names by what is gone, then files", ["id", "app"], {"etc/nsswitch.conf": "passwd: sss files\ngroup: sss files\nhosts: files mymachines dns\n"})
    yield by("hosts by what is gone", ["getent", "hosts", "localhost"], {"etc/nsswitch.conf": "hosts: resolve [!UNAVAIL=return] files\n", "etc/hosts": "127.0.0.1 localhost\n"})
    yield by("python asks for a host, files gone", py + ["import socket\ntry:\n    socket.gethostbyname('db')\nexcept OSError:\n    pass\nprint('READY')"], {"etc/nsswitch.conf": GONE, LIB + "libnss_dns.so.2": GONE})
    yield by("iconv without tables", ["sh", "-c", "echo x | iconv -f latin1 -t utf-8 || true; echo READY"])
    yield by("iconv without tables, it matters", ["iconv", "-f", "CP437", "-t", "UTF-8", "/etc/passwd"], blame="")
    yield by("configuration of OpenSSL names what is gone", py + ["import ssl, hashlib; print('READY')"], {"etc/my.cnf": "openssl_conf = i\n[i]\nproviders = p\n[p]\nfips = f\n[f]\nmodule = /opt/fips.so\nactivate = 1\n"}, env=["OPENSSL_CONF=/etc/my.cnf"])
    yield by("engines gone", ["openssl", "version"], {LIB + "engines-3": GONE, LIB + "ossl-modules": GONE})
    yield by("plugins of Kerberos and SASL gone", ["curl", "--version"], {LIB + "sasl2": GONE, LIB + "krb5": GONE, LIB + "gconv": GONE}, "unseen-tools")
    yield by("modules of zsh gone", ["zsh", "-f", "-c", "echo READY"], {LIB + "zsh": GONE}, "unseen-tools")
    yield by("descriptions of terminals gone", ["tmux", "-V"], {"usr/share/terminfo": GONE, "usr/lib/terminfo": GONE, "etc/terminfo": GONE}, "unseen-tools", env=["TERM=xterm"])
    yield by("functions of fish gone", ["fish", "-c", "echo READY"], {"usr/share/fish/functions": GONE, "usr/share/fish/completions": GONE}, "unseen-tools")
    yield by("database of magic gone, not asked", ["file", "--version"], {"usr/lib/file": GONE, "usr/share/misc": GONE, "etc/magic": GONE})
    yield by("modules of PAM gone, root changes its account", ["su", "app", "-s", "/bin/sh", "-c", "echo READY"], {"etc/pam.d/su": "auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession optional pam_gone.so\n"})
    yield by("encodings of the library gone", py + ["import codecs\nprint('READY')"], {"usr/lib/python3.11/encodings/cp1252.py": GONE, "usr/lib/python3.11/encodings/idna.py": GONE})
    yield by("encoding that a program demands is gone", py + ["'x'.encode('cp1252')\nprint('READY')"], {"usr/lib/python3.11/encodings/cp1252.py": GONE}, blame="cp1252")
    yield by("library by ctypes.util", py + ["import ctypes.util\nctypes.util.find_library('gone')\nprint('READY')"])


def users():
    def place(name, entry, files=None, base="names", **more): return case(name, files or {}, entry, base, "unseen places", **more)
    sh, py = ["sh", "-c"], ["python3", "-c"]
    secret = {"etc/secret": Mode("x\n", 0o640, 50)}
    yield place("file of the account's second group", sh + ["set -e; cat /etc/secret >/dev/null; echo READY"], secret, user="app")
    yield place("file of the account's second group, group named", sh + ["set -e; cat /etc/secret >/dev/null; echo READY"], secret, user="app:app", blame="/etc/secret")
    yield place("removes what is another's from /tmp", sh + ["set -e; rm /tmp/lock; echo READY"], {"tmp/lock": "x"}, user="app", blame="/tmp/lock")
    yield place("removes what is its own from /tmp", sh + ["set -e; rm -f /tmp/lock; echo READY"], {"tmp/lock": Mode("x", 0o644, 1000)}, user="app")
    yield place("cache in its home", sh + ["set -e; mkdir -p ~/.cache/app; echo READY"], {"home/app": Mode(None, 0o755, 1000)}, user="app")
    yield place("cache in its home, which is not there", sh + ["set -e; mkdir -p ~/.cache/app; echo READY"], user="app", blame="/home")
    yield place("number without a home writes into it", sh + ["set -e; touch ~/x; echo READY"], user="65532", blame="/x")
    yield place("number with a home of the environment", sh + ["set -e; touch ~/x; echo READY"], user="65532", env=["HOME=/tmp"])
    yield place("number of its process in /run", sh + ["set -e; echo $$ > /run/app.pid; echo READY"], {"run": DIRECTORY}, user="app", blame="/run")
    yield place("number of its process in /run, for root", sh + ["set -e; echo $$ > /run/app.pid; echo READY"], {"run": DIRECTORY})
    yield place("writes for all", sh + ["set -e; echo x > /data/x; echo READY"], {"data": Mode(None, 0o777)}, user="1234")
    yield place("appends to a file that may be read alone", sh + ["set -e; echo x >> /data/log; echo READY"], {"data": Mode(None, 0o777), "data/log": "x"}, user="1234", blame="/data/log")
    yield place("file that may be written and not read", py + ["open('/data/log', 'a').write('x'); print('READY')"], {"data/log": Mode("x", 0o622)}, user="1234")
    yield place("file that may be written and not read, read", py + ["open('/data/log').read(); print('READY')"], {"data/log": Mode("x", 0o622)}, user="1234", blame="/data/log")
    yield place("bundle of certificates of a package gone", py + ["import ssl; ssl.create_default_context(cafile='/etc/ssl/certs/ca-certificates.crt'); print('READY')"], {"etc/ssl/certs/ca-certificates.crt": GONE}, blame="ca-certificates.crt")
    yield place("bundle of certificates by a variable, not used", py + ["import ssl; print('READY')"], env=["SSL_CERT_FILE=/gone.pem", "REQUESTS_CA_BUNDLE=/gone.pem", "CURL_CA_BUNDLE=/gone.pem"])
    yield place("zone by its file", ["date"], {"usr/share/zoneinfo": GONE}, env=["TZ=:/usr/share/zoneinfo/Europe/Gone"])
    yield place("zone that the program demands", py + ["from zoneinfo import ZoneInfo\nZoneInfo('Europe/Berlin')\nprint('READY')"], {"usr/share/zoneinfo": GONE}, blame="")
    yield place("volume below a closed directory", ["/srv/app"], {"srv": Mode(None, 0o700), "srv/app": OK}, user="app", volumes=("/srv/data",), blame="/srv")
    yield place("temporary files by the library", py + ["import tempfile; tempfile.NamedTemporaryFile(); print('READY')"], {"tmp": GONE}, workdir="/")
    yield place("temporary files by the library, none for USER", py + ["import tempfile; tempfile.NamedTemporaryFile(); print('READY')"], {"tmp": GONE}, user="app", workdir="/", blame="/tmp")
    yield place("WORKDIR of another, relative program", ["./app"], {"home/app/app": OK, "home/app": Mode(None, 0o700, 1000)}, user="app", workdir="/home/app")
    yield place("WORKDIR of another, closed", ["./app"], {"home/app/app": OK, "home/app": Mode(None, 0o700, 1000)}, user="1001", workdir="/home/app", blame="/home/app")
    yield place("program that only its group executes", ["/srv/app"], {"srv/app": Mode(OK, 0o654, 33)}, user="app", blame="/srv/app")
    yield place("USER with blanks", ["/srv/app"], {"srv/app": OK}, user="app ", blame="app")
    yield place("account whose shell is gone", ["/srv/app"], {"srv/app": OK, "etc/passwd": "root:x:0:0::/root:/bin/gone\napp:x:1000:1000::/:/bin/gone\n"}, user="app")
    yield place("links in a circle", ["/srv/app"], {"srv/app": Link("/srv/b"), "srv/b": Link("/srv/app")}, blame="/srv/app")

"""Programs of Debian with their libraries, and compiled ones with run paths, versions and odd files."""
import os, re, subprocess

LOADER = "usr/lib64/ld-linux-x86-64.so.2"
PROGRAMS = {"curl": "--version", "git": "--version", "openssl": "version", "gpg": "--version", "jq": "--version", "bash": "--version",
            "tar": "--version", "find": "--version", "grep": "--version", "python3.11": "--version", "perl": "--version",
            "make": "--version", "ssh": "-V", "sqlite3": "--version", "gawk": "--version", "rsync": "--version", "less": "--version"}
bases = {"etc": lambda: {"etc/passwd": "root:x:0:0::/root:\napp:x:1000:1000::/:\n", "etc/group": "root:x:0:\napp:x:1000:\n",
                         "etc/nsswitch.conf": "hosts: files\n", "lib64": Link("usr/lib64"), "lib": Link("usr/lib"), "bin": Link("usr/bin"),
                         "etc/ssl/certs/ca-certificates.crt": "x\n"}}


def loaded(program):
    """Libraries by name, as the loader finds them here."""
    text = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return dict(re.findall(r"(\S+) => (/\S+)", text))


def files(program, name=None):
    result = {f"usr/bin/{name or os.path.basename(program)}": Host(os.path.realpath(program)), LOADER: Host("/lib64/ld-linux-x86-64.so.2")}
    for library, path in loaded(program).items(): result["usr/lib/x86_64-linux-gnu/" + library] = Host(os.path.realpath(path))
    return result


def needed(program):
    return re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", program], capture_output=True, text=True).stdout)


def compiled(name, source, *options, libraries=()):
    path = f"{work}/{name}"
    if not os.path.exists(path):
        with open(path + ".c", "w") as file: file.write(source)
        subprocess.run(["gcc", "-o", path, path + ".c", *options], check=True)
    return Host(path)


def library(name, source, *options): return compiled(name, source, "-shared", "-fPIC", f"-Wl,-soname,{name}", *options)


def change(host, place, value):
    with open(host, "rb") as file: data = bytearray(file.read())
    data[place:place + len(value)] = value
    return Mode(bytes(data), 0o755)


def cases():
    where = "usr/lib/x86_64-linux-gnu/"
    for name, argument in PROGRAMS.items():
        program = f"/usr/bin/{name}"
        if not os.path.exists(program): continue
        whole = files(program)
        entry = [f"/usr/bin/{name}", argument]
        yield Case("native", f"{name} whole", "etc", whole, entry)
        direct = [n for n in needed(program) if n != "libc.so.6"]
        if direct:
            yield Case("native", f"{name} without {direct[-1]}", "etc", {p: v for p, v in whole.items() if p != where + direct[-1]}, entry,
                       blame=direct[-1])
        deep = [n for n in loaded(program) if n not in needed(program) and n != "libc.so.6"]
        if deep:
            yield Case("native", f"{name} without {deep[-1]}", "etc", {p: v for p, v in whole.items() if p != where + deep[-1]}, entry,
                       blame=deep[-1])
    yield from odd(where)
    yield from own(where)


def odd(where):
    whole, entry = files("/usr/bin/grep"), ["/usr/bin/grep", "--version"]
    pcre = next(p for p in whole if "pcre" in p)
    def case(name, changes, **more):
        all = {**whole, **changes}
        return Case("native", name, "etc", {p: v for p, v in all.items() if v is not None}, entry, **more)
    yield case("no loader", {LOADER: None}, blame="loader")
    yield case("no libc", {where + "libc.so.6": None}, blame="libc.so.6")
    yield case("dangling soname", {pcre: Link("libpcre-gone.so")}, blame="libpcre")
    yield case("soname through a link", {pcre: Link("real.so"), where + "real.so": whole[pcre]})
    yield case("library of another machine", {pcre: change(whole[pcre], 18, b"\xb7\0")}, blame="libpcre")
    yield case("library empty", {pcre: Mode(b"", 0o644)}, blame="libpcre")
    yield case("library is text", {pcre: Mode(b"INPUT(libx.so)\n" * 20, 0o644)}, blame="libpcre")
    yield case("library unreadable for user", {pcre: Mode(whole[pcre], 0o600)}, user="app", blame="libpcre")
    yield case("library unreadable, root reads", {pcre: Mode(whole[pcre], 0o600)})
    yield case("library in LD_LIBRARY_PATH", {pcre: None, "opt/lib/" + os.path.basename(pcre): whole[pcre]}, env=["LD_LIBRARY_PATH=/opt/lib"])
    yield case("library where nobody looks", {pcre: None, "opt/lib/" + os.path.basename(pcre): whole[pcre]}, blame="libpcre")
    yield case("loader not executable", {LOADER: Mode(whole[LOADER], 0o644)}, blame="ld-linux")
    yield case("program of another machine", {"usr/bin/grep": change(whole["usr/bin/grep"], 18, b"\xb7\0")}, blame="arm64")
    yield case("preload missing", {}, env=["LD_PRELOAD=/opt/none.so"])
    for name in ("C.UTF-8", "xx_YY"): yield case("locale " + name, {}, env=["LC_ALL=" + name])
    yield case("zone unknown", {}, env=["TZ=Europe/Nowhere"])
    yield case("no nsswitch", {"etc/nsswitch.conf": GONE})


def own(where):
    hello = '#include <stdio.h>\nint f(void);\nint main(void) { f(); puts("READY"); return 0; }\n'
    inner = library("libinner.so.1", "int g(void) { return 1; }\n")
    outer = library("libouter.so.1", "int g(void);\nint f(void) { return g(); }\n", inner, f"-Wl,-rpath-link,{work}")
    plain = library("libplain.so.1", "int f(void) { return 1; }\n")
    libc = {k: v for k, v in files("/usr/bin/env").items() if "bin/" not in k}
    def case(name, extra, **more): return Case("native", name, "etc", {**libc, **extra}, ["/app/bin/run"], **more)
    origin = compiled("run-origin", hello, plain, "-Wl,-rpath,$ORIGIN/../lib", "-Wl,--enable-new-dtags")
    yield case("origin", {"app/bin/run": origin, "app/lib/libplain.so.1": plain})
    yield case("origin, library elsewhere", {"app/bin/run": origin, "app/libs/libplain.so.1": plain}, blame="libplain.so.1")
    new = compiled("run-runpath", hello, outer, "-Wl,-rpath,/app/lib", "-Wl,--enable-new-dtags", f"-Wl,-rpath-link,{work}")
    old = compiled("run-rpath", hello, outer, "-Wl,-rpath,/app/lib", "-Wl,--disable-new-dtags", f"-Wl,-rpath-link,{work}")
    both = {"app/lib/libouter.so.1": outer, "app/lib/libinner.so.1": inner}
    # RUNPATH is not for what libraries need, RPATH is (ld.so(8)).
    yield case("runpath does not reach further", {"app/bin/run": new, **both}, blame="libinner.so.1")
    yield case("rpath reaches further", {"app/bin/run": old, **both})
    yield case("runpath, inner in place", {"app/bin/run": new, "app/lib/libouter.so.1": outer, where + "libinner.so.1": inner})
    versioned = compiled("run-2.34", '#include <stdio.h>\nint main(void) { puts("READY"); return 0; }\n')
    with open(versioned, "rb") as file: data = file.read()
    yield case("symbol version", {"app/bin/run": versioned})
    yield case("symbol version from the future", {"app/bin/run": Mode(data.replace(b"GLIBC_2.34\0", b"GLIBC_2.99\0"), 0o755)}, blame="GLIBC_2.99")
    weak = compiled("run-absolute", hello, plain, "-Wl,-rpath,/nowhere:/app/lib")
    yield case("second directory of run path", {"app/bin/run": weak, "app/lib/libplain.so.1": plain})
    loads = compiled("run-dlopen", '#include <dlfcn.h>\n#include <stdio.h>\nint main(void) { puts("READY"); return !dlopen("libzzz.so", 2); }\n')
    yield case("loads by name later", {"app/bin/run": loads})
    static = compiled("run-static", '#include <stdio.h>\nint main(void) { puts("READY"); return 0; }\n', "-static")
    pie = compiled("run-static-pie", '#include <stdio.h>\nint main(void) { puts("READY"); return 0; }\n', "-static-pie")
    go = golang()
    for name, program in [("static", static), ("static-pie", pie)] + ([("go", go)] if go else []):
        with open(program, "rb") as file: data = file.read()
        def alone(what, item, **more): return Case("static", f"{name} {what}", None, {"app": item}, more.pop("entry", ["/app"]), **more)
        yield alone("alone", program)
        yield alone("for a number", program, user="1000:1000")
        yield alone("for an unknown name", program, user="somebody", blame="somebody")
        yield alone("not executable", Mode(data, 0o644), blame="execut")
        yield alone("not for others", Mode(data, 0o750), user="1000", blame="1000")
        yield alone("of another machine", change(program, 18, b"\xb7\0"), blame="arm64")
        yield alone("other name", program, entry=["/App"], blame="/App")
        yield alone("by a bare name on PATH", program, entry=["app"], env=["PATH=/"])
        yield alone("by a bare name off PATH", program, entry=["app"], blame="app")
        yield alone("relative", program, entry=["./app"], workdir="/")
        yield alone("relative elsewhere", program, entry=["./app"], workdir="/srv", blame="app")
        yield alone("cut off", Mode(data[:60], 0o755), blame="/app")
    yield Case("static", "empty", None, {"app": Mode(b"", 0o755)}, ["/app"], blame="/app")
    yield Case("static", "text", None, {"app": Mode(b"hello\n", 0o755)}, ["/app"], blame="/app")
    yield Case("static", "directory", None, {"app": DIRECTORY}, ["/app"], blame="/app")
    yield Case("static", "link", None, {"app": Link("real"), "real": static}, ["/app"])
    yield Case("static", "dangling link", None, {"app": Link("gone")}, ["/app"], blame="/app")


def golang():
    path = work + "/run-go"
    if not os.path.exists(path):
        with open(path + ".go", "w") as file:
            file.write('package main\nimport ("fmt"; "net/http"; "os")\nfunc main() { if len(os.Args) > 1 { http.ListenAndServe(":1", nil) }; fmt.Println("READY") }\n')
        done = subprocess.run(["go", "build", "-o", path, path + ".go"], env={**os.environ, "CGO_ENABLED": "0"})
        if done.returncode: return None
    return Host(path)

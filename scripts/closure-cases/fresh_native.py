"""Programs for the third time: chains of run paths, versions of one's own libraries, machines, users, directories and volumes."""
import os, struct, subprocess

LIB = "usr/lib/x86_64-linux-gnu/"
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
OK = "#!/bin/sh\necho READY\n"
bases = {"musl": lambda: {"etc/passwd": "root:x:0:0::/root:\napp:x:1000:1000::/:\n", "lib": Link("usr/lib"), "bin": Link("usr/bin"), "usr/lib/ld-musl-x86_64.so.1": Host("/usr/lib/x86_64-linux-musl/libc.so"),
                          "usr/bin/busybox": Host("/bin/busybox"), "usr/bin/sh": Link("busybox"), "usr/bin/ls": Link("busybox"), "usr/bin/env": Link("/bin/busybox"), "usr/bin/id": Link("busybox")}}


def made(name, source, *options, compiler="gcc", suffix=".c"):
    path = f"{work}/fresh-{name}"
    if not os.path.exists(path):
        with open(path + suffix, "w") as file: file.write(source)
        subprocess.run([compiler, "-o", path, path + suffix, *options], check=True)
    return Host(path)


def library(name, source, *options): return made(name, source, "-shared", "-fPIC", f"-Wl,-soname,{name}", *options)


def case(name, files, entry=("/app/run",), base="etc", **more): return Case("fresh native", name, base, files, list(entry), seconds=10, **more)


def libc(): return {LOADER: Host("/lib64/ld-linux-x86-64.so.2"), LIB + "libc.so.6": Host(os.path.realpath("/" + LIB + "libc.so.6"))}


def cases():
    yield from chains()
    yield from symbols()
    yield from machines()
    yield from people()


def chains():
    b = library("libfb.so.1", "int b(void) { return 2; }\n")
    a = library("libfa.so.1", "int b(void);\nint a(void) { return b(); }\n", b)
    main = '#include <stdio.h>\nint a(void);\nint main(void) { a(); puts("READY"); return 0; }\n'
    link = [a, f"-Wl,-rpath-link,{work}"]
    subprocess.run(["ln", "-sf", b, f"{work}/libfb.so.1"], check=True)
    runpath = made("c-runpath", main, *link, "-Wl,-rpath,$ORIGIN/lib", "-Wl,--enable-new-dtags")
    rpath = made("c-rpath", main, *link, "-Wl,-rpath,$ORIGIN/lib", "-Wl,--disable-new-dtags")
    both = {"app/lib/libfa.so.1": a, "app/lib/libfb.so.1": b, **libc()}
    yield case("run path does not reach what a library needs", {"app/run": runpath, **both}, blame="libfb.so.1")
    yield case("old run path reaches it", {"app/run": rpath, **both})
    yield case("run path and LD_LIBRARY_PATH for the second", {"app/run": runpath, **both}, env=["LD_LIBRARY_PATH=/app/lib"])
    own = library("libfo.so.1", "int b(void);\nint a(void) { return b(); }\n", b, "-Wl,-rpath,$ORIGIN/../dep")
    other = made("c-own", main, own, f"-Wl,-rpath-link,{work}", "-Wl,-rpath,/app/lib")
    yield case("library with a run path of its own", {"app/run": other, "app/lib/libfo.so.1": own, "app/dep/libfb.so.1": b, **libc()})
    yield case("library with a run path of its own, moved", {"app/run": other, "app/lib/libfo.so.1": own, "app/deps/libfb.so.1": b, **libc()}, blame="libfb.so.1")
    yield case("program moved away from its libraries", {"usr/local/bin/run": runpath, **both}, ["run"], blame="libfa.so.1")
    yield case("program linked into PATH", {"usr/local/bin/run": Link("/app/run"), "app/run": rpath, **both}, ["run"])
    yield case("file of ld.so.conf.d, no cache", {"app/run": rpath, "etc/ld.so.conf.d/app.conf": "/opt/l\n", "etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n", "opt/l/libfa.so.1": a, "opt/l/libfb.so.1": b, **libc()}, blame="libfa.so.1")
    yield case("library in /usr/local/lib, no cache", {"app/run": rpath, "usr/local/lib/libfa.so.1": a, "usr/local/lib/libfb.so.1": b, **libc()}, blame="libfa.so.1")
    yield case("library in /usr/lib", {"app/run": rpath, "usr/lib/libfa.so.1": a, "usr/lib/libfb.so.1": b, **libc()})
    yield case("preloaded library is gone", {"app/run": rpath, **both}, env=["LD_PRELOAD=/opt/libjemalloc.so.2"])
    yield case("preloaded library lacks its own", {"app/run": made("alone", '#include <stdio.h>\nint main(void) { puts("READY"); return 0; }\n'), "opt/libfa.so.1": a, **libc()}, env=["LD_PRELOAD=/opt/libfa.so.1"])
    yield case("ld.so.preload names what is gone", {"app/run": rpath, "etc/ld.so.preload": "/opt/gone.so\n", **both})
    yield case("library of another machine before the right one", {"app/run": rpath, "opt/arm/libfa.so.1": Host("/usr/aarch64-linux-gnu/lib/libc.so.6"), **both}, env=["LD_LIBRARY_PATH=/opt/arm"], blame="")
    yield case("libc alone of musl beside", {"app/run": rpath, LIB + "libc.so.6": GONE, **{k: v for k, v in both.items() if "libc.so" not in k}}, blame="libc.so.6")
    yield case("link that goes in a circle", {"app/run": rpath, **both, "app/lib/libfb.so.1": Link("libfb.so.1.0"), "app/lib/libfb.so.1.0": Link("libfb.so.1")}, blame="libfb.so.1")


def symbols():
    def versioned(name, *versions):
        script = f"{work}/fresh-{name}.map"
        with open(script, "w") as file:
            for v in versions: file.write(f"{v} {{ global: {'a' if v == versions[0] else 'c'}; local: *; }};\n")
        return library(name, "int a(void) { return 1; }\nint c(void) { return 3; }\n", f"-Wl,--version-script={script}")
    os.makedirs(f"{work}/fresh-v1", exist_ok=True)
    new = versioned("libfv.so.1", "FV_1", "FV_2")
    use = made("v-use", '#include <stdio.h>\nint a(void), c(void);\nint main(void) { a(); c(); puts("READY"); return 0; }\n', new)
    if not os.path.exists(f"{work}/fresh-v1/libfv.so.1"):
        with open(f"{work}/fresh-v1/a.c", "w") as file: file.write("int a(void) { return 1; }\n")
        with open(f"{work}/fresh-v1/a.map", "w") as file: file.write("FV_1 { global: a; local: *; };\n")
        subprocess.run(["gcc", "-shared", "-fPIC", "-Wl,-soname,libfv.so.1", f"-Wl,--version-script={work}/fresh-v1/a.map", "-o", f"{work}/fresh-v1/libfv.so.1", f"{work}/fresh-v1/a.c"], check=True)
    old = Host(f"{work}/fresh-v1/libfv.so.1")
    yield case("own library of the right version", {"app/run": use, LIB + "libfv.so.1": new, **libc()})
    yield case("own library of an older version", {"app/run": use, LIB + "libfv.so.1": old, **libc()}, blame="FV_2")
    plain = library("libfp.so.1", "int a(void) { return 1; }\nint c(void) { return 2; }\n")
    less = made("libfp-less.so", "int a(void) { return 1; }\n", "-shared", "-fPIC", "-Wl,-soname,libfp.so.1")
    text = '#include <stdio.h>\nint a(void), c(void);\nint main(int n, char **v) { a(); if (%s) c(); puts("READY"); return 0; }\n'
    lazy = made("p-lazy", text % "n > 5", plain, "-Wl,-z,lazy")
    eager = made("p-now", text % "n > 5", plain, "-Wl,-z,now")
    called = made("p-called", text % "n > 0", plain, "-Wl,-z,lazy")
    yield case("function gone, never called, bound when used", {"app/run": lazy, LIB + "libfp.so.1": less, **libc()})
    yield case("function gone, never called, bound at once", {"app/run": eager, LIB + "libfp.so.1": less, **libc()}, blame="c")
    yield case("function gone, LD_BIND_NOW", {"app/run": lazy, LIB + "libfp.so.1": less, **libc()}, env=["LD_BIND_NOW=1"], blame="c")
    yield case("function there, bound at once", {"app/run": eager, LIB + "libfp.so.1": plain, **libc()})
    data = library("libfd.so.1", "int value = 3;\n")
    nodata = made("libfd-less.so", "int other = 3;\n", "-shared", "-fPIC", "-Wl,-soname,libfd.so.1")
    uses = made("d-use", '#include <stdio.h>\nextern int value;\nint main(void) { printf("%d READY\\n", value); return 0; }\n', data)
    yield case("variable of a library", {"app/run": uses, LIB + "libfd.so.1": data, **libc()})
    yield case("variable of a library is gone", {"app/run": uses, LIB + "libfd.so.1": nodata, **libc()}, blame="value")
    weak = made("w-use", '#include <stdio.h>\n__attribute__((weak)) int extra(void);\nint main(void) { if (extra) extra(); puts("READY"); return 0; }\n', "-Wl,-z,now")
    yield case("weak function is gone", {"app/run": weak, **libc()})
    plugin = made("dl-both", '#include <dlfcn.h>\n#include <stdio.h>\nint main(void) { if (!dlopen("libgone.so.3", RTLD_NOW)) fprintf(stderr, "without it\\n"); puts("READY"); return 0; }\n')
    yield case("plugin by dlopen, done without", {"app/run": plugin, **libc()})


def machines():
    arm = made("arm", 'int main(void) { return 0; }\n', compiler="aarch64-linux-gnu-gcc")
    yield case("program for arm64", {"app/run": arm, **libc()}, blame="arm64")
    asm = '.globl _start\n_start:\n mov $4, %eax\n mov $1, %ebx\n mov $m, %ecx\n mov $6, %edx\n int $0x80\n mov $1, %eax\n xor %ebx, %ebx\n int $0x80\n.data\nm: .ascii "READY\\n"\n'
    small = made("i386", asm, "-m32", "-nostdlib", "-static", suffix=".s")
    yield case("static program for i386", {"app/run": small})
    yield case("static-pie by musl", {"app/run": made("musl-spie", '#include <stdio.h>\nint main(void) { puts("READY"); return 0; }\n', "-static-pie", compiler="musl-gcc")})
    hello = '#include <stdio.h>\nint main(void) { puts("READY"); return 0; }\n'
    mlib = made("libmf.so", "int f(void) { return 1; }\n", "-shared", "-fPIC", "-Wl,-soname,libmf.so", compiler="musl-gcc")
    muse = made("musl-use", '#include <stdio.h>\nint f(void);\nint main(void) { f(); puts("READY"); return 0; }\n', mlib, compiler="musl-gcc")
    yield case("musl with a library", {"app/run": muse, "usr/lib/libmf.so": mlib}, base="musl")
    yield case("musl, library in /usr/local/lib", {"app/run": muse, "usr/local/lib/libmf.so": mlib}, base="musl")
    yield case("musl, library in /opt", {"app/run": muse, "opt/l/libmf.so": mlib}, base="musl", blame="libmf.so")
    yield case("musl, library in /opt by its path file", {"app/run": muse, "opt/l/libmf.so": mlib, "etc/ld-musl-x86_64.path": "/lib\n/opt/l\n"}, base="musl")
    yield case("musl, path file hides the usual", {"app/run": muse, "usr/lib/libmf.so": mlib, "etc/ld-musl-x86_64.path": "/opt/l\n"}, base="musl", blame="libmf.so")
    yield case("program of glibc on musl", {"app/run": made("alone", hello)}, base="musl", blame="ld-linux-x86-64.so.2")
    yield case("program of musl on glibc", {"app/run": made("musl-alone", hello, compiler="musl-gcc"), **libc()}, blame="ld-musl-x86_64.so.1")
    yield case("busybox sh with an applet", {"app/run": Mode("#!/bin/sh\nls / >/dev/null\necho READY\n", 0o755)}, base="musl")
    yield case("busybox env without the shell's link", {"app/run": Mode("#!/usr/bin/env bash\necho READY\n", 0o755)}, base="musl", blame="bash")
    yield case("applet by busybox itself", {}, ["busybox", "ls", "/etc"], base="musl")
    yield case("applet that is none", {}, ["busybox", "gone"], base="musl", blame="gone")
    yield case("bash's syntax for busybox", {"app/run": Mode("#!/bin/sh\nif [[ -n \"$1\" ]]; then echo x; fi\necho READY\n", 0o755)}, base="musl")
    yield case("bash's arrays for busybox", {"app/run": Mode("#!/bin/sh\nset -e\na=(1 2)\necho READY\n", 0o755)}, base="musl", blame="")
    cgo = made("own-interp", hello, "-Wl,--dynamic-linker=/opt/glibc/ld.so")
    yield case("own loader", {"app/run": cgo, "opt/glibc/ld.so": Host("/lib64/ld-linux-x86-64.so.2"), LIB + "libc.so.6": libc()[LIB + "libc.so.6"]})
    yield case("own loader is gone", {"app/run": cgo, **libc()}, blame="/opt/glibc/ld.so")
    rel = made("rel-interp", hello, "-Wl,--dynamic-linker=lib/ld.so")
    yield case("loader by a relative path", {"app/run": rel, "app/lib/ld.so": Host("/lib64/ld-linux-x86-64.so.2"), LIB + "libc.so.6": libc()[LIB + "libc.so.6"]}, workdir="/app")
    yield case("loader by a relative path, elsewhere", {"app/run": rel, "app/lib/ld.so": Host("/lib64/ld-linux-x86-64.so.2"), LIB + "libc.so.6": libc()[LIB + "libc.so.6"]}, blame="lib/ld.so")
    rust = f"{work}/fresh-rust"
    if not os.path.exists(rust):
        with open(rust + ".rs", "w") as file: file.write('fn main() { println!("READY"); }\n')
        subprocess.run([os.path.expanduser("~/.cargo/bin/rustc"), "-o", rust, rust + ".rs"], check=True)
    gcc = {LIB + "libgcc_s.so.1": Host(os.path.realpath("/" + LIB + "libgcc_s.so.1"))}
    yield case("rust", {"app/run": Host(rust), **libc(), **gcc})
    yield case("rust without libgcc_s", {"app/run": Host(rust), **libc()}, blame="libgcc_s.so.1")
    yield case("rust on nothing", {"app/run": Host(rust)}, base="", blame="ld-linux-x86-64.so.2")
    go = f"{work}/fresh-cgo"
    if not os.path.exists(go):
        with open(go + ".go", "w") as file: file.write('package main\n\n// int one(void) { return 1; }\nimport "C"\nimport "fmt"\n\nfunc main() { fmt.Println("READY", C.one()) }\n')
        subprocess.run(["go", "build", "-o", go, go + ".go"], check=True, env={**os.environ, "CGO_ENABLED": "1", "HOME": work})
    yield case("go with C", {"app/run": Host(go), **libc()})
    yield case("go with C on nothing", {"app/run": Host(go)}, base="", blame="ld-linux-x86-64.so.2")
    yield case("go with C on musl", {"app/run": Host(go)}, base="musl", blame="ld-linux-x86-64.so.2")
    yield case("empty file", {"app/run": Mode(b"", 0o755)})
    yield case("only the magic of ELF", {"app/run": Mode(b"\x7fELF", 0o755)}, blame="/app/run")
    yield case("text with no first line, as a program", {"app/run": Mode("echo READY\n", 0o755)}, base="musl", blame="/app/run")
    yield case("first line alone names nothing", {"app/run": Mode("#!\necho READY\n", 0o755)}, base="musl", blame="/app/run")
    yield case("directory as a program", {"app/run": DIRECTORY}, blame="/app/run")
    yield case("link to a directory as a program", {"app/run": Link("/app/d"), "app/d": DIRECTORY}, blame="/app/run")
    yield case("link to nothing as a program", {"app/run": Link("/build/target/run")}, blame="/app/run")
    yield case("link above the root", {"app/run": Link("../../../../usr/bin/busybox")}, ["/app/run", "true"], base="musl", blame="")


def people():
    def run(name, files=None, entry=("/srv/app",), **more): return case(name, {"srv/app": OK, **(files or {})}, list(entry), base="shell", **more)
    yield run("group that is not known", user="app:ghost", blame="ghost")
    yield run("group by its number", user="app:4711")
    yield run("group of its own", user="app:staff")
    yield run("nothing but a group", user=":1000")
    yield run("account that is not known", user="ghost", blame="ghost")
    yield run("number that is no account", user="54321")
    yield run("number and a group that is not known", user="54321:ghost", blame="ghost")
    yield run("no accounts, by a number", {"etc/passwd": GONE, "etc/group": GONE}, user="1000")
    yield run("no accounts, by name", {"etc/passwd": GONE}, user="app", blame="app")
    yield run("no accounts, root by name", {"etc/passwd": GONE}, user="root")
    yield run("accounts as a directory", {"etc/passwd": DIRECTORY}, user="app", blame="app")
    yield run("accounts with an odd line", {"etc/passwd": "# comment\n\nroot:x:0:0::/:/bin/sh\nbad line\napp:x:1000:1000::/:/bin/sh\n"}, user="app")
    yield run("account without a number", {"etc/passwd": "root:x:0:0::/:/bin/sh\napp:x:::/:/bin/sh\n"}, user="app")
    yield run("number too large", user="99999999999", blame="")
    yield run("program for the group alone, in it", {"srv/app": Mode(OK, 0o750)}, user="app:0")
    yield run("program for the group alone, not in it", {"srv/app": Mode(OK, 0o750)}, user="app", blame="/srv/app")
    yield run("program by a second group of the account", {"etc/group": "root:x:0:\nops:x:77:app\n", "srv/app": Mode(OK, 0o755), "srv": Mode(None, 0o700)}, user="app", blame="/srv")
    yield run("script that may be executed and not read", {"srv/app": Mode(OK, 0o711)}, user="app", blame="/srv/app")
    yield run("root without a right to execute", {"srv/app": Mode(OK, 0o644)}, blame="/srv/app")
    yield run("root and a closed directory of another", {"srv": Mode(None, 0o700, 1000)})
    yield run("interpreter closed for USER", {"usr/bin/dash": Mode(Host("/usr/bin/dash"), 0o700)}, user="app", blame="dash")
    yield run("loader closed for USER", {"usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2": Mode(Host("/lib64/ld-linux-x86-64.so.2"), 0o700)}, user="app", blame="")
    yield run("root directory of the program by a closed link", {"opt": Mode(None, 0o700), "opt/app": Mode(OK, 0o755), "srv/app": Link("/opt/app")}, user="app", blame="/opt")
    yield run("WORKDIR that is made", workdir="/made/for/it")
    yield run("WORKDIR that is a file", {"work": "x\n"}, workdir="/work", blame="/work")
    yield run("WORKDIR by a link", {"work": Link("/srv")}, ["./app"], workdir="/work")
    yield run("WORKDIR by a link that leads nowhere", {"work": Link("/gone/for/good")}, workdir="/work")
    yield run("WORKDIR closed for USER", {"work": Mode(None, 0o700)}, workdir="/work", user="app", blame="/work")
    yield run("WORKDIR below a file", {"work": "x\n"}, workdir="/work/below", blame="/work")
    yield run("relative program, WORKDIR is made", {}, ["./app"], workdir="/made", blame="./app")
    yield run("volume over the program's directory", volumes=("/srv",))
    yield run("volume over a directory that is not there", {"srv/app": "#!/bin/sh\ntouch /data/x && echo READY\n"}, volumes=("/data",))
    yield run("volume for USER", {"srv/app": "#!/bin/sh\nset -e\ntouch /data/x\necho READY\n"}, volumes=("/data",), user="app", blame="/data")
    yield run("volume of USER's own directory", {"srv/app": "#!/bin/sh\nset -e\ntouch /data/x\necho READY\n", "data": Mode(None, 0o755, 1000)}, volumes=("/data",), user="app")
    yield run("no /tmp, mktemp", {"srv/app": "#!/bin/sh\nset -e\nf=$(mktemp)\necho READY\n", "tmp": GONE}, blame="/tmp")
    yield run("/tmp closed for USER", {"srv/app": "#!/bin/sh\nset -e\nf=$(mktemp)\necho READY\n", "tmp": Mode(None, 0o755)}, user="app", blame="/tmp")
    yield run("here-document without /tmp", {"srv/app": "#!/bin/bash\ncat <<E\nREADY\nE\n", "tmp": GONE})
    yield run("/dev/null is a file of the image", {"srv/app": "#!/bin/sh\necho x >/dev/null\necho READY\n", "dev/null": "x"})
    yield run("PATH that is empty", entry=["app"], env=["PATH="], blame="app")
    yield run("PATH with a relative part", entry=["app"], env=["PATH=srv:/usr/bin"], workdir="/")
    yield run("PATH whose program is a directory first", {"opt/app": DIRECTORY}, ["app"], env=["PATH=/opt:/srv:/usr/bin:/bin"])
    yield run("PATH whose first program may not be executed", {"opt/app": Mode(OK, 0o644)}, ["app"], env=["PATH=/opt:/srv:/usr/bin:/bin"])
    yield run("PATH whose only program may not be executed", {"opt/app": Mode(OK, 0o644)}, ["app"], env=["PATH=/opt:/usr/bin:/bin"], blame="app")
    yield run("name with a blank", {"srv/my app": OK}, ["/srv/my app"])
    yield run("exec form written as one word", entry=["/srv/app --port 80"], blame="/srv/app --port 80")
    yield run("exec form with a variable", entry=["$HOME/app"], blame="$HOME/app")
    yield run("exec form with a tilde", entry=["~/app"], blame="~/app")
    yield run("exec form with && in it", entry=["/srv/app", "&&", "/srv/gone"])
    yield run("shell form in an exec form", entry=["cd", "/srv"], blame="cd")
    yield run("builtin as a program", entry=["exec", "/srv/app"], blame="exec")
    yield run("CMD as arguments of ENTRYPOINT", entry=["/usr/bin/env"], cmd=["/srv/app"])
    yield run("CMD as arguments of ENTRYPOINT, gone", entry=["/usr/bin/env"], cmd=["/srv/gone"], blame="/srv/gone")
    yield run("CMD in shell form behind an ENTRYPOINT", {"entry.sh": Mode("#!/bin/sh\nexec \"$@\"\n", 0o755)}, ["/entry.sh"], cmd=["/bin/sh", "-c", "/srv/app"])
    yield run("CMD in shell form behind an ENTRYPOINT, gone", {"entry.sh": Mode("#!/bin/sh\nexec \"$@\"\n", 0o755)}, ["/entry.sh"], cmd=["/bin/sh", "-c", "/srv/gone --x"], blame="/srv/gone")

"""Other programs of Debian, and compiled ones with odder run paths, caches and libraries."""
import os, re, subprocess

LOADER = "usr/lib64/ld-linux-x86-64.so.2"
LIB = "usr/lib/x86_64-linux-gnu/"
PROGRAMS = {"nmap": "--version", "socat": "-V", "ffmpeg": "-version", "dot": "-V", "tor": "--version", "rsyslogd": "-v", "chronyd": "-v",
            "ngircd": "--version", "monit": "-V", "mariadbd": "--version", "unbound": "-V", "varnishd": "-V", "dig": "-v", "convert": "-version", "xz": "--version", "ip": "-V", "gpgv": "--version", "strace": "-V", "node": "--version"}
bases = {}


def where(name):
    for directory in ("/usr/bin/", "/usr/sbin/"):
        if os.path.exists(directory + name): return os.path.realpath(directory + name)


def loaded(program): return dict(re.findall(r"(\S+) => (/\S+)", subprocess.run(["ldd", program], capture_output=True, text=True).stdout))


def needed(program): return re.findall(r"NEEDED.*\[(.*)\]", subprocess.run(["readelf", "-d", program], capture_output=True, text=True).stdout)


def files(program, name):
    result = {"usr/bin/" + name: Host(program), LOADER: Host("/lib64/ld-linux-x86-64.so.2")}
    for library, path in loaded(program).items(): result[LIB + library] = Host(os.path.realpath(path))
    return result


def compiled(name, source, *options, compiler="gcc", suffix=".c"):
    path = f"{work}/more-{name}"
    if not os.path.exists(path):
        with open(path + suffix, "w") as file: file.write(source)
        subprocess.run([compiler, "-o", path, path + suffix, *options], check=True)
    return Host(path)


def library(name, source, *options): return compiled(name, source, "-shared", "-fPIC", f"-Wl,-soname,{name}", *options)


def cases():
    for name, argument in PROGRAMS.items():
        program = where(name)
        if not program or open(program, "rb").read(4) != b"\x7fELF": continue
        whole, entry = files(program, name), [name, argument]
        direct = [n for n in needed(program) if n != "libc.so.6"]
        deep = [n for n in loaded(program) if n not in needed(program) and n != "libc.so.6"]
        yield Case("more native", name, "etc", whole, entry)
        if direct: yield Case("more native", f"{name} without {direct[0]}", "etc", {p: v for p, v in whole.items() if p != LIB + direct[0]}, entry, blame=direct[0])
        if deep: yield Case("more native", f"{name} without {deep[0]}", "etc", {p: v for p, v in whole.items() if p != LIB + deep[0]}, entry, blame=deep[0])
    yield from own()


def cache(directory, library_name, host):
    """A cache of the loader's for one more directory."""
    root = f"{work}/more-root-{library_name}"
    os.makedirs(root + "/etc", exist_ok=True), os.makedirs(root + directory, exist_ok=True)
    subprocess.run(["cp", host, f"{root}{directory}/{library_name}"], check=True)
    with open(root + "/etc/ld.so.conf", "w") as file: file.write(directory + "\n")
    subprocess.run(["ldconfig", "-r", root], check=True)
    return Host(root + "/etc/ld.so.cache")


def own():
    hello = '#include <stdio.h>\nint f(void);\nint main(void) { f(); puts("READY"); return 0; }\n'
    one = library("libmoreone.so.1", "int f(void) { return 1; }\n")
    run = compiled("run", hello, one)
    libc = {k: v for k, v in files("/usr/bin/env", "env").items() if "bin/" not in k}
    def case(name, extra, **more): return Case("more native", name, "etc", {**libc, "app/run": run, **extra}, more.pop("entry", ["/app/run"]), **more)
    yield case("library in the usual place", {LIB + "libmoreone.so.1": one})
    yield case("library by the cache", {"opt/l/libmoreone.so.1": one, "etc/ld.so.cache": cache("/opt/l", "libmoreone.so.1", one)})
    yield case("library of the cache is gone", {"etc/ld.so.cache": cache("/opt/l", "libmoreone.so.1", one)}, blame="libmoreone.so.1")
    yield case("directory named in ld.so.conf, no cache", {"opt/l/libmoreone.so.1": one, "etc/ld.so.conf": "/opt/l\n"}, blame="libmoreone.so.1")
    yield case("only the file of the version, no link", {LIB + "libmoreone.so.1.0": one}, blame="libmoreone.so.1")
    yield case("link and file of the version", {LIB + "libmoreone.so.1.0": one, LIB + "libmoreone.so.1": Link("libmoreone.so.1.0")})
    yield case("absolute link out of the image", {LIB + "libmoreone.so.1": Link("/build/out/libmoreone.so.1")}, blame="libmoreone.so.1")
    yield case("library in a directory that is closed for USER", {"usr/local/l": Mode(None, 0o700), "usr/local/l/libmoreone.so.1": one}, env=["LD_LIBRARY_PATH=/usr/local/l"], user="app", blame="libmoreone.so.1")
    yield case("library 0711 for USER", {LIB + "libmoreone.so.1": Mode(one, 0o711)}, user="app", blame="libmoreone.so.1")
    yield case("LD_LIBRARY_PATH with an empty part", {"srv/libmoreone.so.1": one}, env=["LD_LIBRARY_PATH=/none:"], workdir="/srv")
    yield case("LD_LIBRARY_PATH relative", {"srv/l/libmoreone.so.1": one}, env=["LD_LIBRARY_PATH=l"], workdir="/srv")
    yield case("LD_LIBRARY_PATH with a semicolon", {"opt/l/libmoreone.so.1": one}, env=["LD_LIBRARY_PATH=/none;/opt/l"])
    yield case("library is a directory", {LIB + "libmoreone.so.1": DIRECTORY}, blame="libmoreone.so.1")
    yield case("by env with LD_LIBRARY_PATH", {"opt/l/libmoreone.so.1": one, "usr/bin/env": Host("/usr/bin/env")}, entry=["env", "LD_LIBRARY_PATH=/opt/l", "/app/run"])
    yield case("by the loader with a library path", {"opt/l/libmoreone.so.1": one}, entry=["/lib64/ld-linux-x86-64.so.2", "--library-path", "/opt/l", "/app/run"])
    lib = compiled("run-lib", hello, one, "-Wl,-rpath,$ORIGIN/../$LIB")
    yield case("$LIB in the run path", {"app/bin/run": lib, "app/lib/x86_64-linux-gnu/libmoreone.so.1": one}, entry=["/app/bin/run"])
    yield case("$LIB in the run path, elsewhere", {"app/bin/run": lib, "app/lib/libmoreone.so.1": one}, entry=["/app/bin/run"], blame="libmoreone.so.1")
    braces = compiled("run-braces", hello, one, "-Wl,-rpath,${ORIGIN}/l")
    yield case("${ORIGIN}", {"app/run": braces, "app/l/libmoreone.so.1": one})
    yield case("$ORIGIN through a link", {"app/real/run": braces, "app/run": Link("real/run"), "app/real/l/libmoreone.so.1": one})
    yield case("$ORIGIN of the link's own place", {"app/real/run": braces, "app/run": Link("real/run"), "app/l/libmoreone.so.1": one}, blame="libmoreone.so.1")
    slash = compiled("run-slash", hello, f"{work}/more-libnoname.so") if os.path.exists(compiled("libnoname.so", "int f(void) { return 1; }\n", "-shared", "-fPIC")) else None
    yield case("library by its path in the build, gone", {"app/run": slash}, blame="libnoname.so")
    yield case("library by its path in the build, there", {"app/run": slash, f"{work}/more-libnoname.so".strip("/"): Host(f"{work}/more-libnoname.so")})
    hw = {LIB + "glibc-hwcaps/x86-64-v2/libmoreone.so.1": one}
    yield case("library in hwcaps alone", hw)
    threads = compiled("run-now", '#include <zlib.h>\n#include <stdio.h>\nint main(void) { puts(zlibVersion()); puts("READY"); return 0; }\n', "-lz", "-Wl,-z,now")
    yield case("zlib", {"app/run": threads, LIB + "libz.so.1": Host(os.path.realpath("/" + LIB + "libz.so.1"))})
    yield case("zlib gone, static one there", {"app/run": threads, LIB + "libz.a": "x"}, blame="libz.so.1")
    other = library("libz.so.1", "int f(void) { return 1; }\n")
    yield case("zlib of another kind lacks the function", {"app/run": threads, LIB + "libz.so.1": other}, blame="zlibVersion")
    cpp = compiled("run-cpp", "#include <iostream>\nint main() { std::cout << \"READY\\n\"; return 0; }\n", compiler="g++", suffix=".cc")
    std = Host(os.path.realpath("/" + LIB + "libstdc++.so.6"))
    more = {LIB + n: Host(os.path.realpath(f"/{LIB}{n}")) for n in ("libm.so.6", "libgcc_s.so.1")}
    yield case("C++", {"app/run": cpp, LIB + "libstdc++.so.6": std, **more})
    yield case("C++ without libstdc++", {"app/run": cpp, **more}, blame="libstdc++.so.6")
    yield case("C++ without libgcc_s", {"app/run": cpp, LIB + "libstdc++.so.6": std, **{k: v for k, v in more.items() if "gcc" not in k}}, blame="libgcc_s.so.1")
    with open(cpp, "rb") as file: data = file.read()
    yield case("C++ of a newer compiler", {"app/run": Mode(re.sub(rb"GLIBCXX_3\.4\.\d\d\0|GLIBCXX_3\.4\.32\0", b"GLIBCXX_3.4.99\0", data), 0o755) if re.search(rb"GLIBCXX_3\.4\.\d\d\0", data) else Mode(data.replace(b"GLIBCXX_3.4\0", b"GLIBCXX_9.9\0"), 0o755), LIB + "libstdc++.so.6": std, **more}, blame="GLIBCXX_")
    yield case("lib64 is gone", {"lib64": GONE, LIB + "libmoreone.so.1": one}, blame="ld-linux-x86-64.so.2")
    yield case("setuid program", {"app/run": Mode(run, 0o4755), LIB + "libmoreone.so.1": one}, user="app")
    yield case("execute bit for the owner alone, USER is the owner", {"app/run": Mode(run, 0o500, 1000), LIB + "libmoreone.so.1": one}, user="app")
    yield case("execute bit for the owner alone, USER is another", {"app/run": Mode(run, 0o500, 1000), LIB + "libmoreone.so.1": one}, user="1234", blame="/app/run")
    yield case("archive in place of a program", {"app/run": Mode(b"!<arch>\n" + bytes(60), 0o755)}, blame="/app/run")
    yield case("object file in place of a program", {"app/run": Mode(Host(compiled("run.o", hello, "-c")), 0o755)}, blame="/app/run")
    yield case("library in place of a program", {"app/run": Mode(one, 0o755)})
    yield case("page of a proxy in place of a program", {"app/run": Mode("<!DOCTYPE html><html></html>\n", 0o755)}, blame="/app/run")
    yield case("gzip in place of a program", {"app/run": Mode(b"\x1f\x8b\x08\0\0\0\0\0" + bytes(40), 0o755)}, blame="/app/run")
    yield case("pointer of git lfs in place of a program", {"app/run": Mode("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", 0o755)}, blame="/app/run")
    with open(run, "rb") as file: whole = file.read()
    yield case("program whose end is cut off", {"app/run": Mode(whole[:len(whole) // 3], 0o755), LIB + "libmoreone.so.1": one}, blame="/app/run")
    with open(one, "rb") as file: part = file.read()
    yield case("library whose end is cut off", {LIB + "libmoreone.so.1": Mode(part[:2000], 0o644)}, blame="libmoreone.so.1")

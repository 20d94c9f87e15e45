"""Java programs: archives and their manifests, class paths, modules, runtimes with parts missing."""
import io, zipfile

JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
HOME = "usr/lib/jvm/java-17-openjdk-amd64"
def base(): return packaged("openjdk-17-jre-headless", "dash", links={"usr/bin/sh": "dash", "usr/bin/java": "/" + HOME + "/bin/java"})
bases = {"java": base}
SOURCES = {
    "app/Main.java": 'package app; public class Main { public static void main(String[] a) { System.out.println(lib.Lib.name()); System.out.println("READY"); } }',
    "lib/Lib.java": 'package lib; public class Lib { public static String name() { return "x"; } }',
    "app/Lazy.java": 'package app; public class Lazy { public static void main(String[] a) { if (a.length > 5) lib.Lib.name(); System.out.println("READY"); } }',
    "app/Caught.java": 'package app; public class Caught { public static void main(String[] a) { try { lib.Lib.name(); } catch (Throwable t) { } System.out.println("READY"); } }',
    "app/Child.java": 'package app; public class Child extends lib.Lib { public static void main(String[] a) { System.out.println("READY"); } }',
    "app/Deep.java": 'package app; public class Deep { static String x() { return y(); } static String y() { return lib.Lib.name(); } public static void main(String[] a) { x(); System.out.println("READY"); } }',
    "app/Static.java": 'package app; public class Static { static final String X = lib.Lib.name(); public static void main(String[] a) { System.out.println("READY"); } }',
    "app/Object.java": 'package app; public class Object { public static void main(String[] a) { Object o = new Object(); new lib.Lib(); System.out.println("READY"); } }',
    "app/Branch.java": 'package app; public class Branch { public static void main(String[] a) { String s = a.length > 0 ? a[0] : "n"; for (int i = 0; i < 3; i++) { s += i; } lib.Lib.name(); System.out.println("READY" + s); } }',
    "app/Lambda.java": 'package app; public class Lambda { public static void main(String[] a) { Runnable r = () -> lib.Lib.name(); System.out.println("READY"); } }',
    "app/Reflect.java": 'package app; public class Reflect { public static void main(String[] a) throws Exception { System.out.println("READY"); Class.forName("lib.Lib"); } }',
    "app/Sql.java": 'package app; public class Sql { public static void main(String[] a) throws Exception { java.sql.DriverManager.getDrivers(); System.out.println("READY"); } }',
    "app/Http.java": 'package app; public class Http { public static void main(String[] a) throws Exception { java.net.http.HttpClient.newHttpClient(); System.out.println("READY"); } }',
    "app/NoMain.java": 'package app; public class NoMain { public static void run() { } }',
    "app/Agent.java": 'package app; public class Agent { public static void premain(String a) { } }',
}


def classes(release=17):
    """The compiled classes by their paths; for a release that the compiler does not know with another number."""
    if release > 17: return {k: v[:6] + bytes([0, release + 44]) + v[8:] for k, v in classes().items()}
    return compiled("app", SOURCES, str(release))


def jar(*prefixes, manifest=None, source=None, extra=None):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        if manifest is not None: file.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in manifest.items()) + "\r\n")
        for name, content in (source or classes()).items():
            if name.startswith(prefixes): file.writestr(name, content)
        for name, content in (extra or {}).items(): file.writestr(name, content)
    return data.getvalue()


def case(name, files, entry, **more): return Case("java", name, "java", files, list(entry), **more)


def cases():
    app, lib = jar("app/"), jar("lib/")
    main = {"Main-Class": "app.Main", "Class-Path": "lib/lib.jar"}
    run = ["java", "-jar", "/srv/app.jar"]
    whole = {"srv/app.jar": jar("app/", manifest=main), "srv/lib/lib.jar": lib}
    yield case("jar", whole, run)
    yield case("jar gone", {}, run, blame="/srv/app.jar")
    yield case("Class-Path gone", {"srv/app.jar": whole["srv/app.jar"]}, run, blame="lib.Lib")
    yield case("no Main-Class", {"srv/app.jar": jar("app/", manifest={})}, run, blame="Main-Class")
    yield case("no manifest", {"srv/app.jar": app}, run, blame="Main-Class")
    yield case("Main-Class not in it", {"srv/app.jar": jar("lib/", manifest=main)}, run, blame="app.Main")
    yield case("no archive", {"srv/app.jar": b"not a zip archive at all\n"}, run, blame="/srv/app.jar")
    yield case("empty archive file", {"srv/app.jar": b""}, run, blame="/srv/app.jar")
    yield case("unreadable", {"srv/app.jar": Mode(whole["srv/app.jar"], 0o600), "srv/lib/lib.jar": lib}, run, user="app", blame="/srv/app.jar")
    yield case("library unreadable", {"srv/app.jar": whole["srv/app.jar"], "srv/lib/lib.jar": Mode(lib, 0o600)}, run, user="app", blame="lib")
    yield case("fat", {"srv/app.jar": jar("app/", "lib/", manifest={"Main-Class": "app.Main"})}, run)
    yield case("long manifest line", {"srv/app.jar": jar("app/", "lib/", manifest={"Main-Class": "app.Ma\r\n in"})}, run)
    yield case("newer classes", {"srv/app.jar": jar("app/", "lib/", manifest={"Main-Class": "app.Main"}, source=classes(21))}, run, blame="21")
    yield case("older classes", {"srv/app.jar": jar("app/", "lib/", manifest={"Main-Class": "app.Main"}, source=classes(11))}, run)
    yield case("newer library", {"srv/app.jar": whole["srv/app.jar"], "srv/lib/lib.jar": jar("lib/", source=classes(21))}, run, blame="21")
    for name, fails in [("Lazy", 0), ("Caught", 0), ("Child", 1), ("Deep", 1), ("Static", 1), ("Object", 1), ("Branch", 1), ("Lambda", 0), ("Reflect", 0), ("Sql", 0), ("Http", 0)]:
        yield case(f"{name} without library", {"srv/app.jar": jar("app/", manifest={"Main-Class": "app." + name})}, run, blame="lib.Lib" if fails else "")
        yield case(f"{name} with library", {"srv/app.jar": jar("app/", "lib/", manifest={"Main-Class": "app." + name})}, run)
    yield case("class without main", {"srv/app.jar": jar("app/", manifest={"Main-Class": "app.NoMain"})}, run, blame="main")
    both = {"srv/a.jar": app, "srv/libs/l.jar": lib}
    def cp(name, path, files=both, entry=None, **more): return case("cp " + name, files, entry or ["java", "-cp", path, "app.Main"], **more)
    yield cp("two", "/srv/a.jar:/srv/libs/l.jar")
    yield cp("one gone", "/srv/a.jar:/srv/libs/none.jar", blame="lib.Lib")
    yield cp("wildcard", "/srv/*:/srv/libs/*")
    yield cp("wildcard elsewhere", "/srv/*:/srv/lib/*", blame="lib.Lib")
    yield cp("directory", "/srv/classes", {"srv/classes/" + k: v for k, v in classes().items()})
    yield cp("directory, class gone", "/srv/classes", {"srv/classes/" + k: v for k, v in classes().items() if "Lib" not in k}, blame="lib.Lib")
    yield cp("relative", "a.jar:libs/l.jar", workdir="/srv")
    yield cp("relative elsewhere", "a.jar:libs/l.jar", workdir="/opt", blame="app.Main")
    yield cp("CLASSPATH", "", entry=["java", "app.Main"], env=["CLASSPATH=/srv/a.jar:/srv/libs/l.jar"])
    yield cp("CLASSPATH gone", "", entry=["java", "app.Main"], env=["CLASSPATH=/srv/a.jar"], blame="lib.Lib")
    yield cp("class gone", "/srv/a.jar", entry=["java", "-cp", "/srv/a.jar", "app.Gone"], blame="app.Gone")
    yield cp("argument file", "", {**both, "srv/args": "-cp /srv/a.jar:/srv/libs/l.jar\napp.Main\n"}, ["java", "@/srv/args"])
    yield cp("argument file gone", "", entry=["java", "@/srv/args"], blame="/srv/args")
    yield cp("argument file with another path", "", {**both, "srv/args": "-cp \"/srv/a.jar\"\napp.Main\n"}, ["java", "@/srv/args"], blame="lib.Lib")
    yield cp("JDK_JAVA_OPTIONS", "", entry=["java", "app.Main"], env=["JDK_JAVA_OPTIONS=-cp /srv/a.jar:/srv/libs/l.jar"])
    yield cp("options before", "", entry=["java", "-Xmx64m", "-Dx=y", "--add-opens", "java.base/java.lang=ALL-UNNAMED", "-cp", "/srv/a.jar:/srv/libs/l.jar", "app.Main"])
    yield cp("agent gone", "", entry=["java", "-javaagent:/srv/agent.jar", "-cp", "/srv/a.jar:/srv/libs/l.jar", "app.Main"], blame="/srv/agent.jar")
    yield cp("agent by environment gone", "/srv/a.jar:/srv/libs/l.jar", env=["JAVA_TOOL_OPTIONS=-javaagent:/srv/agent.jar"], blame="/srv/agent.jar")
    yield cp("shell form", "", entry=["/bin/sh", "-c", "exec java $OPTS -cp /srv/a.jar:/srv/libs/l.jar app.Main"])
    yield cp("shell form, gone", "", entry=["/bin/sh", "-c", "java $OPTS -cp /srv/a.jar app.Main"], blame="lib.Lib")
    nested = {"BOOT-INF/classes/" + k: v for k, v in classes().items()}
    yield case("nested, start class gone", {"srv/app.jar": jar("app/Lazy", manifest={"Main-Class": "app.Lazy", "Start-Class": "app.Main"}, extra={"BOOT-INF/lib/l.jar": lib, **nested})}, run)
    fat = {"srv/app.jar": jar("app/", "lib/", manifest={"Main-Class": "app.Main"})}
    def part(name, path, **more): return case("runtime without " + name, {**fat, path: GONE}, run, blame=more.pop("blame", name), **more)
    yield part("libjvm.so", HOME + "/lib/server/libjvm.so")
    yield part("modules", HOME + "/lib/modules")
    yield part("jvm.cfg", "etc/java-17-openjdk/jvm-amd64.cfg")
    yield part("libjava.so", HOME + "/lib/libjava.so")
    yield part("libjimage.so", HOME + "/lib/libjimage.so")
    yield part("libjli.so", HOME + "/lib/libjli.so")
    yield part("libz.so.1", "usr/lib/x86_64-linux-gnu/libz.so.1")
    yield part("cacerts", "etc/ssl/certs/java/cacerts")
    yield part("libnet.so", HOME + "/lib/libnet.so", blame="")
    yield part("libzip.so", HOME + "/lib/libzip.so")
    yield part("conf", "etc/java-17-openjdk/security", blame="")
    yield part("libfontmanager.so", HOME + "/lib/libfontmanager.so")
    yield case("no java", {**fat, "usr/bin/java": GONE}, run, blame="java")

"""Java programs of other shapes: archives of Spring's loader, runtimes made by jlink, libraries by their names, resources."""
import io, os, subprocess, zipfile

JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
HOME = JAVA[1:]
bases = {"java-made": lambda: made("java.base"), "java-sql": lambda: made("java.base,java.sql,java.logging")}
SOURCES = {
    "m/Main.java": 'package m; public class Main { public static void main(String[] a) throws Exception { System.out.println("READY"); } }',
    "m/Far.java": 'package m; public class Far { public static void main(String[] a) throws Exception { new n.Near().go(); System.out.println("READY"); } }',
    "n/Near.java": 'package n; public class Near implements Runnable { public void go() { } public void run() { } }',
    "m/Named.java": 'package m; public class Named { public static void main(String[] a) throws Exception { Class.forName("n.Near"); System.out.println("READY"); } }',
    "m/Tried.java": 'package m; public class Tried { public static void main(String[] a) { try { Class.forName("n.Near"); } catch (ClassNotFoundException e) { } System.out.println("READY"); } }',
    "m/Native.java": 'package m; public class Native { static { System.loadLibrary("gonenative"); } public static void main(String[] a) { System.out.println("READY"); } }',
    "m/NativePath.java": 'package m; public class NativePath { public static void main(String[] a) { System.load("/opt/libgonenative.so"); System.out.println("READY"); } }',
    "m/Resource.java": 'package m; public class Resource { public static void main(String[] a) throws Exception { Resource.class.getResourceAsStream("/app.properties").read(); System.out.println("READY"); } }',
    "m/Bundle.java": 'package m; public class Bundle { public static void main(String[] a) { java.util.ResourceBundle.getBundle("texts"); System.out.println("READY"); } }',
    "m/Services.java": 'package m; public class Services { public static void main(String[] a) { java.util.ServiceLoader.load(Runnable.class).findFirst().get(); System.out.println("READY"); } }',
    "m/Sql.java": 'package m; public class Sql { public static void main(String[] a) throws Exception { java.sql.DriverManager.getConnection("jdbc:gone:x"); System.out.println("READY"); } }',
    "m/SqlField.java": 'package m; public class SqlField { java.sql.Connection c; public static void main(String[] a) { java.sql.Timestamp t = new java.sql.Timestamp(0); System.out.println("READY"); } }',
    "m/Logs.java": 'package m; public class Logs { static final java.util.logging.Logger L = java.util.logging.Logger.getLogger("x"); public static void main(String[] a) { L.info("x"); System.out.println("READY"); } }',
    "m/Files.java": 'package m; import java.nio.file.*; public class Files { public static void main(String[] a) throws Exception { java.nio.file.Files.readString(Path.of("/etc/app.conf")); System.out.println("READY"); } }',
    "m/Env.java": 'package m; public class Env { public static void main(String[] a) { String u = System.getenv("DB_URL"); System.out.println(u.length()); System.out.println("READY"); } }',
    "m/Inner.java": 'package m; public class Inner { static class Part { void go() { } } enum Kind { A, B } record Pair(int a, int b) { } public static void main(String[] a) { new Part().go(); Runnable r = new Runnable() { public void run() { System.out.println("READY"); } }; switch (Kind.valueOf("A")) { case A -> r.run(); case B -> { } } } }',
    "m/Thread1.java": 'package m; public class Thread1 { public static void main(String[] a) throws Exception { Thread t = new Thread(() -> new n.Near().go()); t.start(); t.join(); System.out.println("READY"); } }',
    "m/Argument.java": 'package m; public class Argument { public static void main(String[] a) { System.out.println(a[0]); System.out.println("READY"); } }',
    "m/Inherit.java": 'package m; public class Inherit extends Main { }',
    "m/Face.java": 'package m; public interface Face { static void main(String[] a) { System.out.println("READY"); } }',
    "m/Private.java": 'package m; public class Private { static void main(String[] a) { System.out.println("READY"); } }',
    "m/Awt.java": 'package m; public class Awt { public static void main(String[] a) { new java.awt.image.BufferedImage(1, 1, 1).createGraphics().drawString("x", 0, 0); System.out.println("READY"); } }',
    "m/Zone.java": 'package m; public class Zone { public static void main(String[] a) { java.time.ZoneId.of("Europe/Berlin"); System.out.println("READY"); } }',
    "org/springframework/boot/loader/JarLauncher.java": 'package org.springframework.boot.loader; import java.net.*; import java.util.jar.*; public class JarLauncher { public static void main(String[] a) throws Exception { String p = JarLauncher.class.getProtectionDomain().getCodeSource().getLocation().getPath(); JarFile j = new JarFile(p); String s = j.getManifest().getMainAttributes().getValue("Start-Class"); ClassLoader l = new ClassLoader(JarLauncher.class.getClassLoader()) { protected Class<?> findClass(String n) throws ClassNotFoundException { try { String e = n.replace(\'.\', \'/\') + ".class"; JarEntry f = j.getJarEntry("BOOT-INF/classes/" + e); byte[] b = null; if (f != null) b = j.getInputStream(f).readAllBytes(); else for (var x : java.util.Collections.list(j.entries())) if (x.getName().startsWith("BOOT-INF/lib/") && x.getName().endsWith(".jar")) { JarInputStream i = new JarInputStream(j.getInputStream(x)); for (JarEntry y; (y = i.getNextJarEntry()) != null; ) if (y.getName().equals(e)) b = i.readAllBytes(); } if (b == null) throw new ClassNotFoundException(n); return defineClass(n, b, 0, b.length); } catch (java.io.IOException e) { throw new ClassNotFoundException(n); } } }; l.loadClass(s).getMethod("main", String[].class).invoke(null, (Object) a); } }',
}


def classes(): return compiled("more", SOURCES)


def made(modules):
    """A runtime that jlink makes of some modules, on the C library."""
    out = f"{work}/jlink-{modules}"
    if not os.path.exists(out): subprocess.run([JAVA + "/bin/jlink", "--add-modules", modules, "--output", out, "--strip-debug", "--no-header-files", "--no-man-pages"], check=True)
    files = packaged("libc6", "zlib1g", "libstdc++6", "dash", links={"usr/bin/sh": "dash"})
    for directory, _, names in os.walk(out):
        for name in names:
            path = os.path.join(directory, name)
            files["opt/jre" + path[len(out):]] = Link(os.readlink(path)) if os.path.islink(path) else Host(path)
    return files


def jar(names, manifest=None, extra=None):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        if manifest is not None: file.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in manifest.items()) + "\r\n")
        for name, content in classes().items():
            if name.startswith(tuple(names)): file.writestr(name, content)
        for name, content in (extra or {}).items(): file.writestr(name, content)
    return data.getvalue()


def cases():
    if not os.path.exists(JAVA + "/bin/javac"): return
    def run(name, main, names=("m/", "n/"), files=None, base="java", java="java", extra=None, options=(), **more):
        return Case("more java", name, base, {"app/app.jar": jar(names, {"Main-Class": "m." + main}, extra), **(files or {})}, [java, *options, "-jar", "/app/app.jar"], seconds=30, **more)
    yield run("plain", "Main")
    yield run("near", "Far")
    yield run("near gone", "Far", ["m/"], blame="n.Near")
    yield run("by its name", "Named")
    yield run("by its name, gone", "Named", ["m/"], blame="n.Near")
    yield run("by its name, gone, caught", "Tried", ["m/"])
    yield run("native library gone", "Native", blame="gonenative")
    yield run("native library by its path gone", "NativePath", blame="libgonenative.so")
    yield run("resource", "Resource", extra={"app.properties": "a=b\n"})
    yield run("resource gone", "Resource", blame="app.properties")
    yield run("texts", "Bundle", extra={"texts.properties": "a=b\n"})
    yield run("texts gone", "Bundle", blame="texts")
    yield run("service", "Services", extra={"META-INF/services/java.lang.Runnable": "n.Near\n"})
    yield run("service gone", "Services", blame="Runnable")
    yield run("no driver", "Sql", blame="")
    yield run("file gone", "Files", blame="/etc/app.conf")
    yield run("file there", "Files", files={"etc/app.conf": "x"})
    yield run("variable gone", "Env", blame="DB_URL")
    yield run("variable given", "Env", env=["DB_URL=x"])
    yield run("inner classes", "Inner")
    yield run("inner class gone", "Inner", ["m/Inner.class", "m/Inner$1", "m/Inner$2", "m/Inner$Kind"], blame="Inner$Part")
    yield run("class of a lambda in a thread gone", "Thread1", ["m/"])
    yield run("argument gone", "Argument", blame="")
    yield run("argument given by CMD", "Argument", cmd=["x"])
    yield run("main of the class above", "Inherit")
    yield run("main of an interface", "Face")
    yield run("main that is not public", "Private", blame="main")
    yield run("option of nobody", "Main", options=["-XX:+GoneOption"], blame="GoneOption")
    yield run("option of nobody by environment", "Main", env=["JAVA_TOOL_OPTIONS=-XX:+GoneOption"], blame="GoneOption")
    yield run("option for logs in a directory that is gone", "Main", options=["-Xlog:gc:/var/none/gc.log"], blame="/var/none")
    yield run("time zone", "Zone", files={"usr/share/zoneinfo": GONE})
    yield run("pictures without fonts", "Awt", blame="")
    made_run = ["/opt/jre/bin/java"]
    yield run("made runtime", "Main", base="java-made", java=made_run[0])
    yield run("made runtime lacks logging", "Logs", base="java-made", java=made_run[0], blame="java.logging")
    yield run("made runtime lacks sql", "SqlField", base="java-made", java=made_run[0], blame="java.sql")
    yield run("made runtime has sql", "SqlField", base="java-sql", java=made_run[0])
    yield run("made runtime on JAVA_HOME's PATH", "Main", base="java-made", env=["JAVA_HOME=/opt/jre", "PATH=/opt/jre/bin:/usr/bin:/bin"])
    yield run("made runtime without zlib", "Main", base="java-made", java=made_run[0], files={"usr/lib/x86_64-linux-gnu/libz.so.1": GONE}, blame="libz.so.1")
    yield run("made runtime closed for USER", "Main", base="java-made", java=made_run[0], files={"opt/jre/lib": Mode(None, 0o700)}, user="app", blame="/opt/jre/lib")
    spring = {"Main-Class": "org.springframework.boot.loader.JarLauncher", "Start-Class": "m.Far"}
    inner = {"BOOT-INF/classes/" + k: v for k, v in classes().items() if k.startswith("m/")}
    def boot(name, extra, manifest=spring, names=("org/",), **more): return Case("more java", "boot " + name, "java", {"app/app.jar": jar(names, manifest, extra)}, ["java", "-jar", "/app/app.jar"], seconds=30, **more)
    lib = jar(["n/"])
    yield boot("whole", {**inner, "BOOT-INF/lib/near.jar": lib})
    yield boot("library gone", inner, blame="n.Near")
    yield boot("start class gone", {"BOOT-INF/lib/near.jar": lib}, blame="m.Far")
    yield boot("loader gone", {**inner, "BOOT-INF/lib/near.jar": lib}, names=("x/",), blame="JarLauncher")
    both = {"srv/m.jar": jar(["m/"]), "srv/lib/n.jar": lib}
    def cp(name, entry, files=None, **more): return Case("more java", "cp " + name, "java", {**both, **(files or {})}, entry, seconds=30, **more)
    script = '#!/bin/sh\nAPP_HOME=$(cd "$(dirname "$0")/.." && pwd -P)\nCLASSPATH=$APP_HOME/m.jar:$APP_HOME/lib/n.jar\nif [ -n "$JAVA_HOME" ]; then\n  JAVACMD=$JAVA_HOME/bin/java\n  if [ ! -x "$JAVACMD" ]; then\n    echo "JAVA_HOME is wrong"\n    exit 1\n  fi\nelse\n  JAVACMD=java\n  command -v java >/dev/null 2>&1 || exit 1\nfi\nset -- -classpath "$CLASSPATH" m.Far "$@"\nexec "$JAVACMD" "$@"\n'
    yield cp("start script", ["/srv/bin/app"], {"srv/bin/app": Mode(script, 0o755)})
    yield cp("start script, library gone", ["/srv/bin/app"], {"srv/bin/app": Mode(script, 0o755), "srv/lib/n.jar": GONE, "srv/lib/x.jar": "x"}, blame="n.Near")
    yield cp("start script, JAVA_HOME wrong", ["/srv/bin/app"], {"srv/bin/app": Mode(script, 0o755)}, env=["JAVA_HOME=/opt/gone"], blame="")
    yield cp("argument file that names another", ["java", "@/srv/a"], {"srv/a": "-cp\n/srv/m.jar:/srv/lib/*\n@/srv/b\n", "srv/b": "m.Far\n"}, blame="")
    yield cp("two argument files", ["java", "@/srv/a", "@/srv/b"], {"srv/a": "-cp\n/srv/m.jar:/srv/lib/*\n", "srv/b": "m.Far\n"})
    yield cp("wildcard takes no directory of classes", ["java", "-cp", "/srv/*", "m.Main"], {"srv/m.jar": GONE, **{"srv/" + k: v for k, v in classes().items()}}, blame="m.Main")
    yield cp("class by a path", ["java", "-cp", "/srv/m.jar:/srv/lib/n.jar", "m/Far"])
    yield cp("class of another case", ["java", "-cp", "/srv/m.jar", "m.main"], blame="m.main")
    yield cp("class with its ending", ["java", "-cp", "/srv/m.jar", "m.Main.class"], blame="m.Main.class")
    yield cp("one of the path is no archive", ["java", "-cp", "/srv/bad.jar:/srv/m.jar", "m.Main"], {"srv/bad.jar": "no archive"})
    yield cp("source of one file", ["java", "/srv/One.java"], {"srv/One.java": 'class One { public static void main(String[] a) { System.out.println("READY"); } }\n'}, blame="")

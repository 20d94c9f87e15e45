"""Java, Perl, Ruby, PHP and Lua programs for the third time: options, archives, what classes are made of, what the first lines do."""
import io, os, zipfile

JAVA = "/usr/lib/jvm/java-17-openjdk-amd64"
NEW = "/usr/lib/jvm/temurin-25-jdk-amd64"
SOURCES = {
    "p/Main.java": 'package p; public class Main { public static void main(String[] a) { System.out.println("READY"); } }',
    "p/Signature.java": 'package p; public class Signature { public q.Dep make(q.Dep d) { return d; } public static void main(String[] a) { System.out.println("READY"); } }',
    "p/PrivateSignature.java": 'package p; public class PrivateSignature { private q.Dep make(q.Dep d) { return d; } public static void main(String[] a) { System.out.println("READY"); } }',
    "p/Field.java": 'package p; public class Field { static q.Dep dep; public static void main(String[] a) { System.out.println("READY"); } }',
    "p/Annotated.java": 'package p; @q.Mark public class Annotated { public static void main(String[] a) { System.out.println("READY"); } }',
    "p/Generic.java": 'package p; import java.util.*; public class Generic { static List<q.Dep> all = new ArrayList<>(); public static void main(String[] a) { System.out.println(all.size() + "READY"); } }',
    "p/Catches.java": 'package p; public class Catches { public static void main(String[] a) { try { System.out.println("READY"); } catch (q.Bad e) { } } }',
    "p/Throws.java": 'package p; public class Throws { static void f() throws q.Bad { } public static void main(String[] a) throws Exception { f(); System.out.println("READY"); } }',
    "p/Instance.java": 'package p; public class Instance { public static void main(String[] a) { Object o = a; if (o instanceof q.Dep) System.out.println("x"); System.out.println("READY"); } }',
    "p/Constant.java": 'package p; public class Constant { public static void main(String[] a) { System.out.println(q.Dep.NUMBER); System.out.println("READY"); } }',
    "p/Literal.java": 'package p; public class Literal { public static void main(String[] a) { System.out.println(q.Dep.class.getName()); System.out.println("READY"); } }',
    "p/Array.java": 'package p; public class Array { public static void main(String[] a) { q.Dep[] x = new q.Dep[2]; System.out.println("READY" + x.length); } }',
    "p/Assigned.java": 'package p; public class Assigned { static void unused() { Runnable r = new q.Dep(); r.run(); } public static void main(String[] a) { System.out.println("READY"); } }',
    "p/Returned.java": 'package p; public class Returned { static q.Base unused() { return new q.Dep(); } public static void main(String[] a) { System.out.println("READY"); } }',
    "p/Reference.java": 'package p; import java.util.function.*; public class Reference { public static void main(String[] a) { Supplier<Object> s = q.Dep::new; System.out.println("READY"); } }',
    "p/Stream.java": 'package p; import java.util.stream.*; public class Stream { public static void main(String[] a) { IntStream.range(0, 2).forEach(i -> new q.Dep().run()); System.out.println("READY"); } }',
    "p/Method.java": 'package p; public class Method { public static void main(String[] a) { new q.Dep().extra(); System.out.println("READY"); } }',
    "p/NewInstance.java": 'package p; public class NewInstance { public static void main(String[] a) throws Exception { String n = System.getProperty("impl", "q.Dep"); Class.forName(n).getDeclaredConstructor().newInstance(); System.out.println("READY"); } }',
    "p/Loader.java": 'package p; public class Loader { public static void main(String[] a) throws Exception { Thread.currentThread().getContextClassLoader().loadClass("q.Dep"); System.out.println("READY"); } }',
    "p/Props.java": 'package p; import java.util.*; public class Props { static final Properties P = new Properties(); static { try (var in = Props.class.getClassLoader().getResourceAsStream("config.properties")) { P.load(in); } catch (java.io.IOException e) { throw new ExceptionInInitializerError(e); } } public static void main(String[] a) { System.out.println("READY"); } }',
    "p/Checked.java": 'package p; public class Checked { public static void main(String[] a) throws Exception { var in = Checked.class.getResourceAsStream("/config.properties"); if (in == null) System.err.println("none"); else in.close(); System.out.println("READY"); } }',
    "p/Reader.java": 'package p; import java.io.*; public class Reader { public static void main(String[] a) throws Exception { try (var r = new BufferedReader(new FileReader("conf/app.conf"))) { r.readLine(); } System.out.println("READY"); } }',
    "p/Exits.java": 'package p; public class Exits { public static void main(String[] a) { if (System.getenv("TOKEN") == null) { System.err.println("TOKEN"); System.exit(2); } System.out.println("READY"); } }',
    "p/Thrown.java": 'package p; public class Thrown { public static void main(String[] a) { if (System.getenv("TOKEN") == null) throw new IllegalStateException("TOKEN"); System.out.println("READY"); } }',
    "p/Usage.java": 'package p; public class Usage { public static void main(String[] a) { if (a.length < 1) { System.err.println("usage"); System.exit(64); } System.out.println("READY"); } }',
    "p/Version.java": 'package p; public class Version { public static void main(String[] a) { System.out.println("READY" + q.V.name()); } }',
    "p/Http.java": 'package p; public class Http { public static void main(String[] a) throws Exception { com.sun.net.httpserver.HttpServer.create(new java.net.InetSocketAddress(8080), 0).start(); System.out.println("READY"); } }',
    "p/Script.java": 'package p; public class Script { public static void main(String[] a) throws Exception { new javax.script.ScriptEngineManager().getEngineByName("js").eval("1"); System.out.println("READY"); } }',
    "p/Xml.java": 'package p; public class Xml { public static void main(String[] a) throws Exception { javax.xml.bind.JAXBContext.newInstance("x"); System.out.println("READY"); } }',
    "p/Enums.java": 'package p; public class Enums { public static void main(String[] a) { q.E e = q.E.A; switch (e) { case A: System.out.println("READY"); break; default: } } }',
    "javax/xml/bind/JAXBContext.java": 'package javax.xml.bind; public class JAXBContext { public static JAXBContext newInstance(String s) { return null; } }',
    "q/Base.java": 'package q; public class Base { }', "q/Dep.java": 'package q; public class Dep extends Base implements Runnable { public static final int NUMBER = 7; public void run() { } public void extra() { } }',
    "q/Mark.java": 'package q; import java.lang.annotation.*; @Retention(RetentionPolicy.RUNTIME) public @interface Mark { }', "q/Bad.java": 'package q; public class Bad extends RuntimeException { }',
    "q/V.java": 'package q; public class V { public static String name() { return "x"; } }', "q/E.java": 'package q; public enum E { A, B }',
}
OLD = {"q/Dep.java": 'package q; public class Dep extends Base implements Runnable { public void run() { } }', "q/Base.java": SOURCES["q/Base.java"]}
bases = {"java-new": lambda: packaged("libc6", "zlib1g", "libstdc++6", "dash", links={"usr/bin/sh": "dash", "usr/bin/java": "/opt/jdk/bin/java"}) | {"opt/jdk" + os.path.join(d, n)[len(NEW):]: (Link(os.readlink(os.path.join(d, n))) if os.path.islink(os.path.join(d, n)) else Host(os.path.join(d, n)))
         for d, _, names in os.walk(NEW) for n in names if not d.startswith((NEW + "/jmods", NEW + "/legal", NEW + "/include", NEW + "/man", NEW + "/demo")) and n != "src.zip"}}


def built(name, sources, javac=JAVA, release="17"): return compiled("fresh-" + name, sources, release, javac)


def jar(content, manifest=None, extra=None):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        if manifest is not None: file.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n" + "".join(f"{k}: {v}\r\n" for k, v in manifest.items()) + "\r\n")
        for name, text in {**content, **(extra or {})}.items(): file.writestr(name, text)
    return data.getvalue()


def cases():
    if os.path.exists(JAVA + "/bin/javac"): yield from java()
    yield from perl()
    yield from ruby()
    yield from php()
    yield from lua()


def java():
    whole = built("java", SOURCES)
    def only(*prefixes): return {k: v for k, v in whole.items() if k.startswith(prefixes)}
    def case(name, entry, files, base="java", **more): return Case("fresh java", name, base, files, list(entry), workdir=more.pop("workdir", "/srv"), seconds=12, **more)
    def run(name, main, drop=(), extra=None, options=(), files=None, manifest=None, **more):
        content = {k: v for k, v in whole.items() if k.startswith(("p/", "q/")) and not k.startswith(tuple(drop))} if drop else only("p/", "q/")
        return case(name, ["java", *options, "-jar", "app.jar"], {"srv/app.jar": jar(content, {"Main-Class": "p." + main, **(manifest or {})}, extra), **(files or {})}, **more)
    q = ["q/"]
    yield run("class in a public signature gone", "Signature", q, blame="q.Dep")
    yield run("class in a private signature gone", "PrivateSignature", q, blame="")
    yield run("class of a field gone", "Field", q)
    yield run("annotation gone", "Annotated", q)
    yield run("class between angles gone", "Generic", q)
    yield run("class that is caught gone", "Catches", q, blame="q.Bad")
    yield run("class that is declared to be thrown gone", "Throws", q)
    yield run("class that instanceof asks for gone", "Instance", q, blame="q.Dep")
    yield run("constant of a class that is gone", "Constant", q)
    yield run("class by its literal gone", "Literal", q, blame="q.Dep")
    yield run("array of a class that is gone", "Array", q, blame="q.Dep")
    yield run("class assigned to an interface, not called", "Assigned", q)
    yield run("class returned as another, not called", "Returned", ["q/Dep"], blame="q.Dep")
    yield run("constructor's reference", "Reference", q, blame="q.Dep")
    yield run("in a stream", "Stream", q, blame="q.Dep")
    older = built("java-old", OLD)
    yield run("method that an older library lacks", "Method", q, older, blame="extra")
    yield run("method that the library has", "Method")
    yield run("by a property's default", "NewInstance", q, blame="q.Dep")
    yield run("by a property's default, another is given", "NewInstance", q, options=["-Dimpl=p.Main"])
    yield run("by the loader of the thread", "Loader", q, blame="q.Dep")
    yield run("properties gone", "Props", blame="config.properties")
    yield run("properties", "Props", extra={"config.properties": "a=b\n"})
    yield run("properties, looked for", "Checked")
    yield run("file in WORKDIR gone", "Reader", blame="conf/app.conf")
    yield run("file in WORKDIR", "Reader", files={"srv/conf/app.conf": "x\n"})
    yield run("variable or exit", "Exits", blame="TOKEN")
    yield run("variable or exit, given", "Exits", env=["TOKEN=x"])
    yield run("variable or throw", "Thrown", blame="TOKEN")
    yield run("usage", "Usage", blame="")
    yield run("usage, given", "Usage", cmd=["x"])
    yield run("http server", "Http")
    yield run("script engine", "Script", blame="")
    yield run("javax.xml.bind", "Xml", blame="javax.xml.bind")
    yield run("enum of another archive gone", "Enums", q, blame="q.E")
    v = {"q/V.class": whole["q/V.class"]}
    yield run("archive for several releases", "Version", ["q/V"], {"META-INF/versions/17/q/V.class": v["q/V.class"]}, manifest={"Multi-Release": "true"})
    yield run("archive for several releases, a newer one", "Version", ["q/V"], {"META-INF/versions/21/q/V.class": v["q/V.class"]}, manifest={"Multi-Release": "true"}, blame="q.V")
    yield run("archive for several releases, not said", "Version", ["q/V"], {"META-INF/versions/17/q/V.class": v["q/V.class"]}, blame="q.V")
    for name, option, blame in (("collector that was taken away", "-XX:+UseConcMarkSweepGC", "UseConcMarkSweepGC"), ("collector", "-XX:+UseZGC", None), ("serial", "-XX:+UseSerialGC", None), ("memory that is ignored", "-XX:MaxPermSize=64m", None), ("heap of a word", "-Xmxmuch", "-Xmxmuch"), ("heap", "-Xmx64m", None),
                                ("agent gone", "-javaagent:/opt/agent.jar", "/opt/agent.jar"), ("library of an agent gone", "-agentlib:gone", "gone"), ("debugger", "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=8000", None), ("percentage", "-XX:MaxRAMPercentage=75.0", None), ("option of X that is none", "-Xgone", "-Xgone"),
                                ("log configuration gone", "-Dlogging.config=/gone", None), ("assertions", "-ea", None), ("preview", "--enable-preview", None), ("opens", "--add-opens=java.base/java.lang=ALL-UNNAMED", None), ("option with two dashes that is none", "--gone-option", "--gone-option"), ("compact headers of a newer one", "-XX:+UseCompactObjectHeaders", "UseCompactObjectHeaders"),
                                ("module added that is gone", "--add-modules=gone.module", "gone.module"), ("module added", "--add-modules=java.sql", None), ("shared archive gone", "-XX:SharedArchiveFile=/gone.jsa", None), ("shared archive demanded", "-Xshare:on", None), ("start flag of a virtual thread", "-Djdk.virtualThreadScheduler.parallelism=1", None)):
        yield run("option: " + name, "Main", options=[option], blame=blame or "")
    yield run("heap that starts above its limit", "Main", options=["-Xms128m", "-Xmx64m"], blame="-Xms")
    yield run("JAVA_TOOL_OPTIONS with an agent that is gone", "Main", env=["JAVA_TOOL_OPTIONS=-javaagent:/otel/agent.jar"], blame="/otel/agent.jar")
    yield run("JDK_JAVA_OPTIONS with an option that is none", "Main", env=["JDK_JAVA_OPTIONS=-XX:+GoneToo"], blame="GoneToo")
    yield run("_JAVA_OPTIONS", "Main", env=["_JAVA_OPTIONS=-Xmx100m"])
    yield run("JAVA_OPTS is for scripts", "Main", env=["JAVA_OPTS=-XX:+GoneToo"])
    cp = {"srv/app.jar": jar(only("p/")), "srv/lib/q.jar": jar(only("q/"))}
    yield case("relative path", ["java", "-cp", "app.jar:lib/*", "p.Literal"], cp)
    yield case("relative path, another WORKDIR", ["java", "-cp", "app.jar:lib/*", "p.Literal"], cp, workdir="/opt", blame="p.Literal")
    yield case("star that takes no folders below", ["java", "-cp", "app.jar:lib/*", "p.Literal"], {"srv/app.jar": cp["srv/app.jar"], "srv/lib/more/q.jar": cp["srv/lib/q.jar"]}, blame="q.Dep")
    yield case("star with an ending", ["java", "-cp", "app.jar:lib/*.jar", "p.Literal"], cp, blame="q.Dep")
    yield case("CLASSPATH", ["java", "p.Literal"], cp, env=["CLASSPATH=/srv/app.jar:/srv/lib/q.jar"])
    yield case("CLASSPATH and -jar", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(only("p/"), {"Main-Class": "p.Literal"}), "srv/lib/q.jar": cp["srv/lib/q.jar"]}, env=["CLASSPATH=/srv/lib/q.jar"], blame="q.Dep")
    yield case("folder of classes in WORKDIR", ["java", "p.Main"], {"srv/" + k: v for k, v in only("p/").items()})
    yield case("folder of classes, packed one level too deep", ["java", "-cp", "classes", "p.Main"], {"srv/classes/main/" + k: v for k, v in only("p/").items()}, blame="p.Main")
    yield case("runner of Quarkus", ["java", "-jar", "quarkus-run.jar"], {"srv/quarkus-run.jar": jar({}, {"Main-Class": "p.Literal", "Class-Path": "lib/boot/q.jar lib/main/p.jar"}), "srv/lib/boot/q.jar": jar(only("q/")), "srv/lib/main/p.jar": jar(only("p/"))})
    yield case("runner of Quarkus alone", ["java", "-jar", "quarkus-run.jar"], {"srv/quarkus-run.jar": jar({}, {"Main-Class": "p.Literal", "Class-Path": "lib/boot/q.jar lib/main/p.jar"})}, blame="p.Literal")
    yield case("runner of Quarkus, one left out", ["java", "-jar", "quarkus-run.jar"], {"srv/quarkus-run.jar": jar({}, {"Main-Class": "p.Literal", "Class-Path": "lib/boot/q.jar lib/main/p.jar"}), "srv/lib/main/p.jar": jar(only("p/"))}, blame="q.Dep")
    yield case("layers of Spring", ["java", "-cp", "BOOT-INF/classes:BOOT-INF/lib/*", "p.Literal"], {**{"srv/BOOT-INF/classes/" + k: v for k, v in only("p/").items()}, "srv/BOOT-INF/lib/q.jar": jar(only("q/"))})
    yield case("layers of Spring, libraries left out", ["java", "-cp", "BOOT-INF/classes:BOOT-INF/lib/*", "p.Literal"], {"srv/BOOT-INF/classes/" + k: v for k, v in only("p/").items()}, blame="q.Dep")
    yield case("layers of Spring, loader left out", ["java", "org.springframework.boot.loader.launch.JarLauncher"], {"srv/BOOT-INF/classes/" + k: v for k, v in only("p/").items()}, blame="JarLauncher")
    yield case("thin archive of a build", ["java", "-jar", "target/app-1.0.jar"], {"srv/target/app-1.0.jar": jar(only("p/"))}, blame="main")
    yield case("archive by a glob", ["java", "-jar", "target/*.jar"], {"srv/target/app-1.0.jar": jar(only("p/"), {"Main-Class": "p.Main"})}, blame="target/*.jar")
    yield case("archive by a glob of the shell", ["sh", "-c", "java -jar target/*.jar"], {"srv/target/app-1.0.jar": jar(only("p/"), {"Main-Class": "p.Main"})})
    yield case("two archives by a glob of the shell", ["sh", "-c", "exec java -jar target/*.jar"], {"srv/target/app-1.0.jar": jar(only("p/"), {"Main-Class": "p.Main"}), "srv/target/app-1.0-sources.jar": jar({})}, blame="")
    yield case("options by the shell", ["sh", "-c", "exec java $JAVA_OPTS -jar app.jar"], {"srv/app.jar": jar(only("p/"), {"Main-Class": "p.Main"})}, env=["JAVA_OPTS=-XX:+GoneToo -Xmx64m"], blame="GoneToo")
    yield case("archive of nothing", ["java", "-jar", "app.jar"], {"srv/app.jar": ""}, blame="app.jar")
    yield case("archive is a page of a proxy", ["java", "-jar", "app.jar"], {"srv/app.jar": "<html>"}, blame="app.jar")
    yield case("archive is a folder", ["java", "-jar", "app.jar"], {"srv/app.jar": DIRECTORY}, blame="app.jar")
    yield case("archive closed for USER", ["java", "-jar", "app.jar"], {"srv/app.jar": Mode(jar(only("p/"), {"Main-Class": "p.Main"}), 0o600)}, user="app", blame="app.jar")
    yield case("library closed for USER", ["java", "-cp", "app.jar:lib/q.jar", "p.Literal"], {**cp, "srv/lib/q.jar": Mode(cp["srv/lib/q.jar"], 0o600)}, user="app", blame="q.jar")
    module = built("module", {"module-info.java": "module fresh.app { requires java.logging; exports p; }", "p/Main.java": SOURCES["p/Main.java"]})
    yield case("module", ["java", "-p", "mods", "-m", "fresh.app/p.Main"], {"srv/mods/app.jar": jar(module)})
    yield case("module gone", ["java", "-p", "mods", "-m", "fresh.other/p.Main"], {"srv/mods/app.jar": jar(module)}, blame="fresh.other")
    yield case("module's class gone", ["java", "-p", "mods", "-m", "fresh.app/p.Gone"], {"srv/mods/app.jar": jar(module)}, blame="p.Gone")
    yield case("module's main not said", ["java", "-p", "mods", "-m", "fresh.app"], {"srv/mods/app.jar": jar(module)}, blame="")
    if os.path.exists(NEW):
        new = built("java25", {"p/Main.java": SOURCES["p/Main.java"]}, NEW, "25")
        yield case("class of a newer Java", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(new, {"Main-Class": "p.Main"})}, blame="25")
        yield case("class of the newest Java", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(new, {"Main-Class": "p.Main"})}, base="java-new")
        yield case("class of an older Java", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(only("p/"), {"Main-Class": "p.Main"})}, base="java-new")
        yield case("option of an older Java", ["java", "-XX:+UseConcMarkSweepGC", "-jar", "app.jar"], {"srv/app.jar": jar(only("p/"), {"Main-Class": "p.Main"})}, base="java-new", blame="UseConcMarkSweepGC")
        plain = built("java25b", {"Simple.java": "void main() { IO.println(\"READY\"); }\n"}, NEW, "25")
        yield case("main without a class", ["java", "-cp", ".", "Simple"], {"srv/" + k: v for k, v in plain.items()}, base="java-new")
        yield case("newest Java without its modules", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(new, {"Main-Class": "p.Main"}), "opt/jdk/lib/modules": GONE}, base="java-new", blame="modules")
        yield case("newest Java without libjli", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(new, {"Main-Class": "p.Main"}), "opt/jdk/lib/libjli.so": GONE}, base="java-new", blame="libjli.so")
        yield case("newest Java without libjvm", ["java", "-jar", "app.jar"], {"srv/app.jar": jar(new, {"Main-Class": "p.Main"}), "opt/jdk/lib/server/libjvm.so": GONE}, base="java-new", blame="libjvm.so")
        yield case("newest Java, JAVA_HOME elsewhere", ["sh", "-c", "exec ${JAVA_HOME}/bin/java -jar app.jar"], {"srv/app.jar": jar(new, {"Main-Class": "p.Main"})}, base="java-new", env=["JAVA_HOME=/usr/lib/jvm/java-21"], blame="/usr/lib/jvm/java-21/bin/java")


def perl():
    def t(name, text, files=None, **more): return Case("fresh languages", "perl " + name, "perl2", {"srv/a.pl": text + 'print "READY\\n";\n', **(files or {})}, more.pop("entry", ["perl", "/srv/a.pl"]), workdir="/srv", seconds=10, **more)
    yield t("lib relative to WORKDIR", "use lib 'lib';\nuse Near;\n", {"srv/lib/Near.pm": "package Near; 1;\n"})
    yield t("lib relative to WORKDIR, gone", "use lib 'inc';\nuse Near;\n", {"srv/lib/Near.pm": "package Near; 1;\n"}, blame="Near")
    yield t("version of a module too new", "use List::Util 99.0;\n", blame="List::Util")
    yield t("name that a module does not export", "use List::Util qw(first gone_name);\n", blame="gone_name")
    yield t("function of a module that is none", "require List::Util;\nList::Util->gone_function();\n", blame="gone_function")
    yield t("function that is none", "gone_function();\n", blame="gone_function")
    yield t("do of a file or die", "my $c = do './conf.pl' or die 'no configuration';\n", blame="conf.pl")
    yield t("do of a file or die, there", "my $c = do './conf.pl' or die 'no configuration';\n", {"srv/conf.pl": "{ a => 1 };\n"})
    yield t("arguments or die", "@ARGV or die 'usage';\n", blame="")
    yield t("arguments or die, given", "@ARGV or die 'usage';\n", cmd=["x"])
    yield t("chdir or die", "chdir '/srv/gone' or die \"no: $!\";\n", blame="/srv/gone")
    yield t("variable or die", "my $t = $ENV{TOKEN} // die 'TOKEN';\n", blame="TOKEN")
    yield t("variable or die, as words", "die 'TOKEN' unless $ENV{TOKEN};\n", blame="TOKEN")
    yield t("variable or die, given", "die 'TOKEN' unless $ENV{TOKEN};\n", env=["TOKEN=x"])
    yield t("autodie", "use autodie;\nopen(my $f, '<', '/srv/gone.conf');\n", blame="/srv/gone.conf")
    yield t("open without a word", "open(my $f, '<', '/srv/gone.conf');\n")
    yield t("open || die, which does nothing", "open my $f, '<', '/srv/gone.conf' || die 'x';\n")
    yield t("exec or die", "exec 'gone-tool' or die 'no';\n", blame="gone-tool")
    yield t("system or die", "system('gone-tool') == 0 or die 'no';\n", blame="gone-tool")
    yield t("system", "system('gone-tool');\n")
    yield t("exit", "exit 3;\n", blame="")
    yield t("main function", "sub main { require Gone::One; }\nmain();\n", blame="Gone::One")
    yield t("main function not called", "sub main { require Gone::One; }\n")
    yield t("in BEGIN", "BEGIN { require Gone::One; }\n", blame="Gone::One")
    yield t("in an if that is false", "if (0) { require Gone::One; }\n")
    yield t("by eval with or", "eval { require Gone::One; } or print \"without\\n\";\n")
    yield t("by eval, then it matters", "eval { require Gone::One; 1 } or die 'Gone::One is needed';\n", blame="Gone::One")
    yield t("use no strict", "no strict 'refs';\nuse feature 'say';\nsay 'x';\nuse constant A => 1;\n")
    yield t("-T", "use POSIX;\n", entry=["perl", "-T", "/srv/a.pl"])
    yield t("-c", "", entry=["perl", "-c", "/srv/a.pl"])
    yield t("-n of a file that is gone", "", entry=["perl", "-ne", "print", "/srv/gone"])
    yield t("require of a bare file", "require 'near.pl';\n", {"srv/near.pl": "1;\n"}, blame="near.pl")
    yield t("extension for another version", "use POSIX;\n", {"usr/lib/x86_64-linux-gnu/perl-base/auto/POSIX/POSIX.so": Mode("x", 0o644), "usr/lib/x86_64-linux-gnu/perl/5.36/auto/POSIX/POSIX.so": Mode("x", 0o644)}, blame="POSIX")


def ruby():
    def t(name, text, files=None, **more): return Case("fresh languages", "ruby " + name, "ruby2", {"srv/a.rb": text + 'puts "READY"\n', **(files or {})}, more.pop("entry", ["ruby", "/srv/a.rb"]), workdir="/srv", seconds=12, **more)
    yield t("autoload, not used", "autoload :Gone, '/srv/gone'\n")
    yield t("autoload, used", "autoload :Gone, '/srv/gone'\nGone.new\n", blame="/srv/gone")
    yield t("gem of a version that is gone", "gem 'rack', '~> 99'\nrequire 'rack'\n", blame="rack")
    yield t("load", "load './near.rb'\n", {"srv/near.rb": ""})
    yield t("load, gone", "load './near.rb'\n", blame="near.rb")
    yield t("yaml file gone", "require 'yaml'\nC = YAML.load_file('config.yml')\n", blame="config.yml")
    yield t("yaml file beside", "require 'yaml'\nC = YAML.load_file(File.join(__dir__, 'config.yml'))\n", {"srv/config.yml": "a: 1\n"})
    yield t("yaml file beside, gone", "require 'yaml'\nC = YAML.load_file(File.expand_path('config.yml', __dir__))\n", blame="config.yml")
    yield t("chdir gone", "Dir.chdir('/srv/gone')\n", blame="/srv/gone")
    yield t("variable or abort", "ENV['TOKEN'] or abort('TOKEN')\n", blame="TOKEN")
    yield t("variable or raise", "raise 'TOKEN' unless ENV.key?('TOKEN')\n", blame="TOKEN")
    yield t("variable or raise, given", "raise 'TOKEN' unless ENV.key?('TOKEN')\n", env=["TOKEN=x"])
    yield t("exec gone", "exec 'gone-tool', 'x'\n", blame="gone-tool")
    yield t("system or exit", "system('gone-tool') || exit(1)\n", blame="gone-tool")
    yield t("system", "system('gone-tool')\n")
    yield t("backticks gone", "`gone-tool --version`\n", blame="gone-tool")
    yield t("method called", "def main\n  require 'gone_one'\nend\nmain\n", blame="gone_one")
    yield t("object's method called", "class App\n  def run\n    require 'gone_one'\n  end\nend\nApp.new.run\n", blame="gone_one")
    yield t("class method called", "class App\n  def self.run\n    require 'gone_one'\n  end\nend\nApp.run\n", blame="gone_one")
    yield t("constant gone", "GoneConstant.new\n", blame="GoneConstant")
    yield t("constant of a library not required", "JSON.parse('{}')\n", blame="JSON")
    yield t("superclass gone", "class A < GoneBase\nend\n", blame="GoneBase")
    yield t("method gone", "gone_method(1)\n", blame="gone_method")
    yield t("rescue LoadError and ends", "begin\n  require 'gone_one'\nrescue LoadError => e\n  abort \"no #{e.message}\"\nend\n", blame="gone_one")
    yield t("rescue LoadError and another", "begin\n  require 'gone_one'\nrescue LoadError\n  require 'json'\nend\n")
    yield t("rescue LoadError and another that is gone", "begin\n  require 'gone_one'\nrescue LoadError\n  require 'gone_two'\nend\n", blame="gone_two")
    yield t("each", "%w[json set gone_one].each { |l| require l }\n", blame="gone_one")
    yield t("each, fine", "%w[json set].each { |l| require l }\n")
    yield t("interpolated", "require \"#{__dir__}/lib/a\"\n", {"srv/lib/a.rb": ""})
    yield t("interpolated, gone", "require \"#{__dir__}/lib/a\"\n", blame="lib/a")
    yield t("-I and -r", "", {"srv/lib/pre.rb": ""}, entry=["ruby", "-Ilib", "-rpre", "a.rb"])
    yield t("-I and -r, gone", "", entry=["ruby", "-Ilib", "-rpre", "a.rb"], blame="pre")
    lock = "GEM\n  remote: https://example.org/\n  specs:\n    rack (2.2.6.4)\n    gone_gem (1.0.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  gone_gem\n  rack\n\nBUNDLED WITH\n   2.3.15\n"
    yield t("lock file names a gem that is gone", "require 'bundler/setup'\n", {"srv/Gemfile": "source 'https://example.org'\ngem 'rack'\ngem 'gone_gem'\n", "srv/Gemfile.lock": lock}, blame="gone_gem")
    yield t("group left out by the environment", "require 'bundler/setup'\n", {"srv/Gemfile": "source 'https://example.org'\ngem 'rack'\ngroup :test do\n  gem 'gone_gem'\nend\n", "srv/Gemfile.lock": lock}, env=["BUNDLE_WITHOUT=test", "BUNDLE_FROZEN=true"])
    yield t("ends too early", "def f\n  if true\n    1\n  end\n", blame="a.rb")
    yield t("newer syntax", "def f = 1\nx = { a: 1 }\ncase x\nin { a: Integer => n }\n  n\nend\nHash.new.then { _1 }\n")
    yield t("data of the end", "DATA.read\n", {"srv/a.rb": "DATA.read\nputs 'READY'\n__END__\nrequire 'gone_one'\n"})
    yield t("write as USER", "File.write('/srv/out.log', 'x')\n", user="app", blame="/srv/out.log")
    yield t("logger in a directory that is gone", "require 'logger'\nLogger.new('/logs/app.log')\n", blame="/logs")


def php():
    def t(name, text, files=None, **more): return Case("fresh languages", "php " + name, "php2", {"srv/a.php": "<?php\n" + text + "echo \"READY\\n\";\n", **(files or {})}, more.pop("entry", ["php", "/srv/a.php"]), workdir="/srv", seconds=10, **more)
    yield t("database in a directory that is gone", "new PDO('sqlite:/data/app.db');\n", blame="/data")
    yield t("driver that is gone", "new PDO('mysql:host=db');\n", blame="mysql")
    yield t("ini file gone", "$c = parse_ini_file('/etc/app.ini');\n")
    yield t("contents of what is gone", "$c = file_get_contents('/etc/app.json');\n")
    yield t("contents of what is gone, as JSON", "$c = json_decode((string) @file_get_contents('/etc/app.json'), true, 5, JSON_THROW_ON_ERROR);\n", blame="/etc/app.json")
    yield t("extension or end", "if (!extension_loaded('redis')) { fwrite(STDERR, 'redis'); exit(1); }\n", blame="redis")
    yield t("extension or die", "if (!extension_loaded('redis')) { die('redis'); }\n")
    yield t("class of an extension that is gone", "new Redis();\n", blame="Redis")
    yield t("class of an extension that is there", "new DOMDocument();\nnew DateTimeImmutable();\nnew ArrayObject();\n", blame="DOMDocument")
    yield t("interface gone", "class A implements GoneFace {}\n", blame="GoneFace")
    yield t("trait gone", "class A { use GoneTrait; }\n", blame="GoneTrait")
    yield t("static call of a class that is gone", "GoneClass::run();\n", blame="GoneClass")
    yield t("constant gone", "echo GONE_CONSTANT;\n", blame="GONE_CONSTANT")
    yield t("instanceof of a class that is gone", "$x = 1;\nif ($x instanceof GoneClass) { echo 'x'; }\n")
    yield t("type of a parameter that is gone", "function f(GoneClass $x) {}\n")
    yield t("caught class that is gone", "try { echo 1; } catch (GoneException $e) {}\n")
    yield t("class in a function not called", "function f() { return new GoneClass(); }\n")
    yield t("class in a function called", "function f() { return new GoneClass(); }\nf();\n", blame="GoneClass")
    yield t("include_path", "set_include_path('/srv/lib');\nrequire 'near.php';\n", {"srv/lib/near.php": "<?php\n"})
    yield t("include_path, gone", "set_include_path('/srv/lib');\nrequire_once 'near.php';\n", blame="near.php")
    yield t("require of what returns", "$c = require __DIR__ . '/config.php';\necho $c['x'];\n", {"srv/config.php": "<?php return ['x' => 1];\n"})
    yield t("foreach of requires", "foreach (glob(__DIR__ . '/lib/*.php') as $f) { require $f; }\n", {"srv/lib/a.php": "<?php\n"})
    yield t("foreach of requires, one needs", "foreach (glob(__DIR__ . '/lib/*.php') as $f) { require $f; }\n", {"srv/lib/a.php": "<?php require __DIR__ . '/gone_one.php';\n"}, blame="gone_one.php")
    yield t("file_exists or end", "if (!file_exists(__DIR__ . '/vendor/autoload.php')) { fwrite(STDERR, 'composer install'); exit(1); }\nrequire __DIR__ . '/vendor/autoload.php';\n", blame="vendor/autoload.php")
    yield t("strict types too late", "echo 1;\ndeclare(strict_types=1);\n", blame="a.php")
    yield t("namespace too late", "echo 1;\nnamespace A;\n", blame="a.php")
    yield t("function twice", "function f() {}\nfunction f() {}\n", blame="a.php")
    yield t("enum and match and readonly", "enum A: string { case B = 'b'; }\nreadonly class R { public function __construct(public int $x) {} }\necho match(true) { default => 1 };\n$f = strlen(...);\n")
    yield t("match without an arm", "$x = 5;\necho match($x) { 1 => 2 };\n", blame="")
    yield t("function that was taken away", "echo utf8_encode('x');\neach([]);\n", blame="each")
    yield t("mysql_connect", "mysql_connect('db');\n", blame="mysql_connect")
    yield t("bracket too much", "if (true) { echo 1; }}\n", blame="a.php")
    yield t("bracket that is missing", "if (true) { echo 1;\n", blame="a.php")
    yield t("text that does not end", "$x = 'abc;\n", blame="a.php")
    yield t("variable gone or throw", "$t = getenv('TOKEN') ?: throw new RuntimeException('TOKEN');\n", blame="TOKEN")
    yield t("variable of $_ENV", "$t = $_ENV['TOKEN'] ?? 'x';\n")
    yield t("exit with text", "exit('bye');\n")
    yield t("exit with a number", "exit(3);\n", blame="")
    yield t("throws", "throw new Exception('x');\n", blame="")
    yield t("-d extension gone", "", entry=["php", "-d", "extension=gone", "a.php"])
    yield t("-c gone", "", entry=["php", "-c", "/etc/gone.ini", "a.php"])
    yield t("-f", "", entry=["php", "-f", "a.php"])
    yield t("-f gone", "", entry=["php", "-f", "gone.php"], blame="gone.php")
    yield t("artisan", "", {"srv/artisan": Mode("#!/usr/bin/env php\n<?php\ndefine('LARAVEL_START', microtime(true));\nrequire __DIR__.'/vendor/autoload.php';\n$app = require_once __DIR__.'/bootstrap/app.php';\necho 'READY';\n", 0o755), "srv/vendor/autoload.php": "<?php\n"}, entry=["php", "artisan", "serve"], blame="bootstrap/app.php")
    yield t("heredoc and closing mark", "$x = <<<E\n  require 'gone_one.php';\n  E;\n?>\n<p>\n<?php\n")
    yield t("mkdir as USER", "if (!mkdir('/data/cache', 0777, true)) { exit(1); }\n", user="app", blame="/data")


def lua():
    def t(name, text, files=None, **more): return Case("fresh languages", "lua " + name, "lua2", {"srv/a.lua": text + 'print("READY")\n', **(files or {})}, more.pop("entry", ["lua", "/srv/a.lua"]), workdir="/srv", seconds=10, **more)
    yield t("pcall of require", "local ok = pcall(require, 'gone_one')\n")
    yield t("pcall of require, then it matters", "local ok = pcall(require, 'gone_one')\nif not ok then error('gone_one is needed') end\n", blame="gone_one")
    yield t("pcall of a function", "pcall(function() require('gone_one') end)\n")
    yield t("variable or error", "local t = os.getenv('TOKEN') or error('TOKEN')\n", blame="TOKEN")
    yield t("variable or error, given", "local t = os.getenv('TOKEN') or error('TOKEN')\n", env=["TOKEN=x"])
    yield t("assert of loadfile", "local f = assert(loadfile('gone.lua'))\n", blame="gone.lua")
    yield t("exit", "os.exit(2)\n", blame="")
    yield t("exit with true", "os.exit(true)\n")
    yield t("error", "error('x')\n", blame="")
    yield t("path relative to WORKDIR", "package.path = './lib/?.lua;' .. package.path\nrequire('near')\n", {"srv/lib/near.lua": "return {}\n"})
    yield t("path relative to WORKDIR, gone", "package.path = './inc/?.lua;' .. package.path\nrequire('near')\n", {"srv/lib/near.lua": "return {}\n"}, blame="near")
    yield t("path replaced", "package.path = '/opt/l/?.lua'\nrequire('socket')\n", blame="socket")
    yield t("function called", "local function main() require('gone_one') end\nmain()\n", blame="gone_one")
    yield t("function of a module that is gone", "local m = require('near')\nm.run()\n", {"srv/near.lua": "return {}\n"}, blame="run")
    yield t("function that is none", "gone_function()\n", blame="gone_function")
    yield t("unpack of an older Lua", "local a = unpack({1})\n", blame="unpack")
    yield t("preloaded", "package.preload['near'] = function() return {} end\nrequire('near')\n")
    yield t("end too much", "if true then print(1) end end\n", blame="a.lua")
    yield t("syntax of a newer Lua", "local x <const> = 1\n", blame="a.lua")
    yield t("syntax of a newer Lua, with it", "local x <const> = 1\n", entry=["lua5.4", "/srv/a.lua"])
    yield t("first line", "", {"srv/run": Mode("#!/usr/bin/env lua\nprint('READY')\n", 0o755)}, entry=["/srv/run"])
    yield t("dofile gone", "dofile('gone.lua')\n", blame="gone.lua")
    yield t("lines of what is gone", "for l in io.lines('/etc/gone.conf') do end\n", blame="/etc/gone.conf")
    yield t("open of what is gone", "local f = io.open('/etc/gone.conf')\n")
    yield t("open of what is gone, read", "local f = io.open('/etc/gone.conf')\nlocal t = f:read('a')\n", blame="/etc/gone.conf")

import TestSupport
import Testing

/// LANG=C.UTF-8 means something in every base that has the C library: text, file names and arguments outside of ASCII.
@Suite(.serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(50)))
struct LocaleTests {
    private let distill = SharedBase.distill

    private static let c = #"""
        #include <langinfo.h>
        #include <locale.h>
        #include <stdio.h>
        #include <stdlib.h>
        int main(int count, char **words) {
            if (!setlocale(LC_ALL, "")) { puts("no locale"); return 1; }
            printf("%s %zu\n", nl_langinfo(CODESET), mbstowcs(0, words[1], 0));
        }
        """#

    /// Google's bases take the same directory out of libc-bin; of the package's other files none is wanted.
    @Test(.requires(.program("gcc")), arguments: ["distroless/base-nossl-debian12", "distroless/cc-debian13:nonroot"])
    func baseHasTheLocale(base: String) async throws {
        let path = try distill.context(
            "locale-c",
            ["a.c": Self.c, "Dockerfile": "FROM \(base)\nCOPY app /app\nENV LANG=C.UTF-8\nENTRYPOINT [\"/app\"]\n"])
        try await Command("gcc", ["-o", "\(path)/app", "\(path)/a.c"]).run().mustSucceed()
        try await distill.succeed("build", "-q", "-t", "locale", path)
        #expect(try await distill.succeed("run", "locale", "né").output == "UTF-8 2\n")
        let root = try await distill.unpack("locale")
        let others = try await Command(
            "sh",
            [
                "-c",
                "cd \"$1\" && ls -d etc/ld.so.conf* etc/gai.conf usr/*bin/ld* usr/bin/* sbin/ldconfig usr/share/libc-bin 2>/dev/null",
                "sh", root,
            ]
        ).run()
        #expect(others.output == "", "\(others)")
        #expect(Files.exists("\(root)/var/lib/dpkg/status.d/libc-bin"))
    }

    @Test func pythonSetsIt() async throws {
        let script =
            "import locale, sys\nlocale.setlocale(locale.LC_ALL, 'C.UTF-8')\nopen('/tmp/naïve', 'w')\nprint(locale.getpreferredencoding(), sys.argv[1])\n"
        let path = try distill.context(
            "locale-python",
            [
                "a.py": script,
                "Dockerfile": "FROM distroless/python3-debian12\nCOPY a.py /\nENTRYPOINT [\"python3\", \"/a.py\"]\n",
            ])
        try await distill.succeed("build", "-q", "-t", "locale", path)
        #expect(try await distill.succeed("run", "locale", "né").output == "UTF-8 né\n")
    }

    @Test(
        .requires(.patience), .requires(.program("javac")),
        arguments: ["distroless/java17-debian12", "distroless/java21-debian13"])
    func javaOpensFilesOfEveryName(base: String) async throws {
        let source = """
            import java.nio.file.*;
            public class A {
                public static void main(String[] words) throws Exception {
                    System.out.println(System.getProperty("sun.jnu.encoding") + " \\u00e9 " + words[0].length());
                    Files.writeString(Path.of("/tmp/na\\u00efve.txt"), "x");
                }
            }
            """
        let path = try distill.context(
            "locale-java",
            [
                "A.java": source, "manifest": "Main-Class: A\n",
                "Dockerfile": "FROM \(base)\nCOPY a.jar /\nENTRYPOINT [\"java\", \"-jar\", \"/a.jar\"]\n",
            ])
        try await Command(
            "sh", ["-c", "cd \"$1\" && javac --release 17 A.java && jar cfm a.jar manifest A.class", "sh", path]
        ).run().mustSucceed()
        try await distill.succeed("build", "-q", "-t", "locale", path)
        #expect(try await distill.succeed("run", "locale", "né").output == "UTF-8 é 2\n")
    }
}

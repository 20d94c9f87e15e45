import OCI
import TestSupport
import Testing

/// In each base a program of its language that uses TLS roots, time zones, host names and threads.
@Suite(.serialized, .requires(.root), .requires(.program("crun")), .requires(.debianBase), .timeLimit(.minutes(50)))
struct LanguageTests {
    private let distill = SharedBase.distill
    private static let answer = "roots, zones, names, threads\n"

    /// Builds a program on a base, with a check of its closure, and runs it.
    private func run(on base: String, _ files: [String: String], _ lines: String, context: String? = nil) async throws {
        let path = try context ?? distill.context("language", files)
        try Files.write("FROM \(base)\n\(lines)\n", to: "\(path)/Dockerfile")
        let built = try await distill("build", "-q", "--check=error", "-t", "language", path)
        #expect(built.succeeded, "\(base): \(built)")
        let outcome = try await distill("run", "--rm", "language")
        #expect(outcome.output == Self.answer, "\(base): \(outcome)")
        let shell = try await distill("run", "--rm", "--entrypoint", "sh", "language")
        #expect(!shell.succeeded, "\(base) has a shell")
    }

    private static let c = #"""
        #include <netdb.h>
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <time.h>
        static void *work(void *p) { *(int *)p = 1; return 0; }
        int main(void) {
            char line[200] = "";
            FILE *roots = fopen(getenv("SSL_CERT_FILE"), "r");
            if (!roots || !fgets(line, sizeof line, roots) || strncmp(line, "-----BEGIN", 10)) return 1;
            setenv("TZ", "Asia/Tokyo", 1);
            time_t zero = 0;
            if (localtime(&zero)->tm_hour != 9) return 2;
            struct addrinfo *found = 0;
            if (getaddrinfo("localhost", 0, 0, &found)) return 3;
            int done = 0;
            pthread_t thread;
            pthread_create(&thread, 0, work, &done);
            pthread_join(thread, 0);
            if (!done) return 4;
            puts("roots, zones, names, threads");
        }
        """#

    @Test(.requires(.program("gcc")), arguments: ["distroless/base-debian12", "distroless/base-debian13:nonroot"])
    func cRuns(base: String) async throws {
        let path = try distill.context("language-c", ["a.c": Self.c])
        let compiled = try await Command("gcc", ["-o", "\(path)/app", "\(path)/a.c"]).run()
        try #require(compiled.succeeded, "\(compiled)")
        try await run(on: base, [:], "COPY app /app\nENTRYPOINT [\"/app\"]", context: path)
    }

    @Test(
        .requires(.patience), .requires(.program("g++")),
        arguments: ["distroless/cc-debian12", "distroless/cc-debian13:nonroot"])
    func cppRuns(base: String) async throws {
        let source = #"""
            #include <cstdlib>
            #include <ctime>
            #include <fstream>
            #include <iostream>
            #include <netdb.h>
            #include <string>
            #include <thread>
            int main() {
                std::string line;
                std::ifstream roots(std::getenv("SSL_CERT_FILE"));
                std::getline(roots, line);
                if (line.rfind("-----BEGIN", 0) != 0) return 1;
                setenv("TZ", "Asia/Tokyo", 1);
                std::time_t zero = 0;
                if (std::localtime(&zero)->tm_hour != 9) return 2;
                addrinfo *found = nullptr;
                if (getaddrinfo("localhost", nullptr, nullptr, &found)) return 3;
                int done = 0;
                std::thread([&] { done = 1; }).join();
                if (!done) return 4;
                std::cout << "roots, zones, names, threads" << std::endl;
            }
            """#
        let path = try distill.context("language-cpp", ["a.cpp": source])
        let compiled = try await Command("g++", ["-o", "\(path)/app", "\(path)/a.cpp"]).run()
        try #require(compiled.succeeded, "\(compiled)")
        try await run(on: base, [:], "COPY app /app\nENTRYPOINT [\"/app\"]", context: path)
    }

    @Test(.requires(.patience), arguments: ["distroless/python3-debian12", "distroless/python3-debian13:nonroot"])
    func pythonRuns(base: String) async throws {
        let script = """
            import socket, ssl, threading
            from datetime import datetime, timezone
            from zoneinfo import ZoneInfo
            assert ssl.create_default_context().cert_store_stats()["x509_ca"] > 50
            assert datetime.fromtimestamp(0, timezone.utc).astimezone(ZoneInfo("Asia/Tokyo")).hour == 9
            assert socket.getaddrinfo("localhost", 80)
            done = []
            thread = threading.Thread(target=lambda: done.append(1)); thread.start(); thread.join()
            assert done
            import sqlite3, ctypes, lzma, bz2, zlib, hashlib, decimal, readline, curses, uuid, multiprocessing
            print("roots, zones, names, threads")

            """
        try await run(on: base, ["app.py": script], "COPY app.py /app.py\nCMD [\"/app.py\"]")
    }

    @Test(.requires(.patience), arguments: ["distroless/nodejs-debian12", "distroless/nodejs-debian13:nonroot"])
    func nodeRuns(base: String) async throws {
        let script = """
            const { Worker } = require('worker_threads');
            if (require('tls').rootCertificates.length < 50) process.exit(1);
            if (new Date(0).toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo' }) !== '09:00:00') process.exit(2);
            require('dns').lookup('localhost', error => {
                if (error) process.exit(3);
                new Worker('require("worker_threads").parentPort.postMessage(1)', { eval: true })
                    .on('message', () => console.log('roots, zones, names, threads'));
            });

            """
        try await run(on: base, ["app.js": script], "COPY app.js /app.js\nCMD [\"/app.js\"]")
    }

    @Test(.requires(.patience), arguments: ["distroless/perl-debian12", "distroless/perl-debian13:nonroot"])
    func perlRuns(base: String) async throws {
        let script = """
            use strict; use Socket; use POSIX; use threads;
            open(my $roots, '<', $ENV{SSL_CERT_FILE}) or exit 1;
            <$roots> =~ /^-----BEGIN/ or exit 1;
            $ENV{TZ} = 'Asia/Tokyo'; POSIX::tzset(); (localtime(0))[2] == 9 or exit 2;
            gethostbyname('localhost') or exit 3;
            threads->create(sub { 1 })->join() or exit 4;
            print "roots, zones, names, threads\\n";

            """
        try await run(on: base, ["app.pl": script], "COPY app.pl /app.pl\nCMD [\"/app.pl\"]")
    }

    @Test(
        .requires(.patience), .requires(.program("javac")),
        arguments: ["distroless/java17-debian12", "distroless/java21-debian13:nonroot", "distroless/java25-debian13"])
    func javaRuns(base: String) async throws {
        let source = """
            import java.net.InetAddress;
            import java.time.*;
            import javax.net.ssl.*;
            public class App {
                public static void main(String[] arguments) throws Exception {
                    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                    factory.init((java.security.KeyStore) null);
                    if (((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length < 50) System.exit(1);
                    if (Instant.EPOCH.atZone(ZoneId.of("Asia/Tokyo")).getHour() != 9) System.exit(2);
                    InetAddress.getByName("localhost");
                    Thread thread = new Thread(() -> System.out.println("roots, zones, names, threads"));
                    thread.start();
                    thread.join();
                }
            }
            """
        let path = try distill.context("language-java", ["App.java": source, "manifest": "Main-Class: App\n"])
        let compiled = try await Command(
            "sh", ["-c", "cd \"$1\" && javac --release 17 App.java && jar cfm app.jar manifest App*.class", "sh", path]
        ).run()
        try #require(compiled.succeeded, "\(compiled)")
        try await run(on: base, [:], "COPY app.jar /app.jar\nCMD [\"/app.jar\"]", context: path)
    }

    @Test(.requires(.patience)) func goRunsOnStatic() async throws {
        let source = """
            package main

            import (
                "crypto/x509"
                "fmt"
                "net"
                "os"
                "time"
            )

            func main() {
                pool, err := x509.SystemCertPool()
                if err != nil || len(pool.Subjects()) < 50 { os.Exit(1) }
                zone, err := time.LoadLocation("Asia/Tokyo")
                if err != nil || time.Unix(0, 0).In(zone).Hour() != 9 { os.Exit(2) }
                if _, err := net.LookupHost("localhost"); err != nil { os.Exit(3) }
                done := make(chan bool)
                go func() { done <- true }()
                <-done
                fmt.Println("roots, zones, names, threads")
            }

            """
        let path = try distill.context(
            "language-go",
            [
                "main.go": source,
                "Dockerfile": """
                FROM \(SharedBase.name) AS build
                RUN apt-get update && apt-get install -y --no-install-recommends golang-go
                ENV GO111MODULE=off CGO_ENABLED=0
                COPY main.go /src/main.go
                RUN cd /src && go build -o /app .
                FROM distroless/static-debian12:nonroot
                COPY --from=build /app /app
                ENTRYPOINT ["/app"]
                """,
            ])
        let built = try await distill("build", "-q", "--check=error", "-t", "language-go", path)
        #expect(built.succeeded, "\(built)")
        #expect(try await distill("run", "--rm", "language-go").output == Self.answer)
        // The same on scratch is told: it has neither roots nor zones.
        let bare = try Files.text("\(path)/Dockerfile").replacing("distroless/static-debian12:nonroot", with: "scratch")
        try Files.write(bare, to: "\(path)/Dockerfile")
        let warned = try await distill("build", "--progress", "plain", path)
        #expect(
            warned.errorOutput.contains(
                "`/app` speaks TLS, and this image has no CA certificates: `FROM distroless/static`"), "\(warned)")
        #expect(
            warned.errorOutput.contains("`/app` uses time zones, and this image has none: `FROM distroless/static`"),
            "\(warned)")
    }
}

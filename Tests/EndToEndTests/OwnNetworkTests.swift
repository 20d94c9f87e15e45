import TestSupport
import Testing

/// A network of its own for each RUN and `run`: what leads out of it, and what does not.
@Suite(
    .requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("gcc")),
    .requires(.program("slirp4netns")), .requires(.program("python3")))
struct OwnNetworkTests {
    /// Looks for this machine's loopback in all the ways that a container's root has, and prints what it finds.
    private static let probe = """
        #define _GNU_SOURCE
        #include <arpa/inet.h>
        #include <net/ethernet.h>
        #include <net/if.h>
        #include <netpacket/packet.h>
        #include <poll.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/ioctl.h>
        #include <sys/socket.h>
        #include <sys/un.h>
        #include <time.h>
        #include <unistd.h>

        struct frame { unsigned char to[6], from[6]; unsigned short kind; unsigned char ip[20], tcp[20]; } __attribute__((packed));

        static unsigned add(const unsigned char *bytes, int count) {
            unsigned sum = 0;
            for (int index = 0; index < count; index += 2) sum += bytes[index] << 8 | bytes[index + 1];
            return sum;
        }

        static void put(unsigned char *place, unsigned sum) {
            while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
            place[0] = ~sum >> 8;
            place[1] = ~sum;
        }

        /* The router's address is known once something was sent there. */
        static int find_router(unsigned router, unsigned char *address) {
            int end = socket(AF_INET, SOCK_DGRAM, 0);
            struct sockaddr_in place = {AF_INET, htons(9)};
            place.sin_addr.s_addr = router;
            for (int turn = 0; turn < 50; turn++) {
                sendto(end, "x", 1, 0, (void *)&place, sizeof place);
                usleep(20000);
                char line[200], ip[40], mac[40];
                FILE *file = fopen("/proc/net/arp", "r");
                unsigned kind, flags;
                while (file && fgets(line, sizeof line, file))
                    if (sscanf(line, "%39s 0x%x 0x%x %39s", ip, &kind, &flags, mac) == 4 && flags
                        && sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", address, address + 1, address + 2, address + 3, address + 4, address + 5) == 6) return 0;
                if (file) fclose(file);
            }
            return -1;
        }

        int main(int count, char **words) {
            int port = atoi(words[1]);
            struct sockaddr_un name = {AF_UNIX};
            strcpy(name.sun_path + 1, words[2]);
            int end = socket(AF_UNIX, SOCK_STREAM, 0);
            if (connect(end, (void *)&name, 3 + strlen(words[2])) == 0) puts("abstract socket");
            struct sockaddr_in near = {AF_INET, htons(port)};
            near.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            if (connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&near, sizeof near) == 0) puts("loopback service");
            int all = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
            struct ifreq request = {0};
            strcpy(request.ifr_name, "eth0");
            struct frame frame = {.kind = htons(ETH_P_IP)};
            unsigned own = 0;
            if (ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCGIFADDR, &request) == 0)
                own = ((struct sockaddr_in *)&request.ifr_addr)->sin_addr.s_addr;
            unsigned range = ntohl(own) & 0xffffff00;
            /* Loopback, any address, the next router that stands for the host, and the router itself. */
            unsigned targets[4] = {htonl(INADDR_LOOPBACK), 0, htonl(range + 258), htonl(range + 1)};
            int is_sent = 0;
            if (range >> 16 == (10 << 8 | 200) && find_router(targets[3], frame.to) == 0) {
                is_sent = 1;
                ioctl(all, SIOCGIFHWADDR, &request);
                memcpy(frame.from, request.ifr_hwaddr.sa_data, 6);
                ioctl(all, SIOCGIFINDEX, &request);
                struct sockaddr_ll link = {AF_PACKET, 0, request.ifr_ifindex};
                for (int index = 0; index < 4; index++) {
                    memcpy(frame.ip, "\\x45\\0\\0\\x28\\0\\0\\0\\0\\x40\\6\\0\\0", 12);
                    memcpy(frame.ip + 12, &own, 4);
                    memcpy(frame.ip + 16, &targets[index], 4);
                    put(frame.ip + 10, add(frame.ip, 20));
                    memset(frame.tcp, 0, 20);
                    memcpy(frame.tcp, "\\x9c\\x40", 2);
                    frame.tcp[2] = port >> 8;
                    frame.tcp[3] = port;
                    memcpy(frame.tcp + 12, "\\x50\\2\\xff\\xff", 4);
                    put(frame.tcp + 16, add(frame.ip + 12, 8) + 6 + 20 + add(frame.tcp, 20));
                    sendto(all, &frame, sizeof frame, 0, (void *)&link, sizeof link);
                }
            }
            struct timespec start, now;
            clock_gettime(CLOCK_MONOTONIC, &start);
            int sniffed = 0;
            do {
                unsigned char seen[2048] = {0};
                struct pollfd waiting = {all, POLLIN};
                ssize_t length = poll(&waiting, 1, 50) > 0 ? recv(all, seen, sizeof seen - 1, 0) : 0;
                if (length > 0 && memmem(seen, length, "a stranger's words", 18) && !sniffed++) puts("sniffed");
                for (int index = 0; index < 4; index++)
                    if (is_sent && length >= 54 && seen[23] == 6 && memcmp(seen, frame.from, 6) == 0 && !memcmp(seen + 26, &targets[index], 4)) {
                        struct in_addr address = {targets[index]};
                        printf("%s answers\\n", inet_ntoa(address));
                    }
                clock_gettime(CLOCK_MONOTONIC, &now);
            } while (now.tv_sec - start.tv_sec + (now.tv_nsec - start.tv_nsec) / 1e9 < 3);
            return 0;
        }
        """

    /// Serves on this machine's loopback in three ways while a command runs: its arguments have the port and the socket's name for
    /// `PORT` and `NAME`.
    private static let host = """
        import os, socket, subprocess, sys, threading, time
        server = socket.create_server(("127.0.0.1", 0))
        port = str(server.getsockname()[1])
        name = "distill-test-" + port
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind("\\0" + name)
        abstract.listen()
        def serve():
            while True:
                client = server.accept()[0]
                client.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 14\\r\\n\\r\\nfrom the host\\n")
                client.close()
        def talk():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as words:
                while True:
                    words.sendto(b"a stranger's words", ("127.0.0.1", 9))
                    time.sleep(0.02)
        for work in (serve, talk): threading.Thread(target=work, daemon=True).start()
        words = [word.replace("PORT", port).replace("NAME", name) for word in sys.argv[1:]]
        code = subprocess.run(words).returncode
        os._exit(code if code >= 0 else 128 - code)
        """

    private static func beside(_ command: Command) -> Command {
        Command(
            "python3", ["-c", host, command.program] + command.arguments, environment: command.environment,
            workingDirectory: command.workingDirectory)
    }

    private static let dockerfile = """
        FROM scratch AS shell
        COPY busybox probe /bin/
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        FROM shell
        """

    /// A context with the probe in it.
    private static func context(_ directory: String, _ steps: String) async throws -> String {
        let path = "\(directory)/context"
        try Files.makeDirectory(path)
        try Files.write(dockerfile + "\n" + steps + "\n", to: "\(path)/Dockerfile")
        try Files.write(probe, to: "\(path)/probe.c")
        try await Command("gcc", ["-static", "-w", "-o", "\(path)/probe", "\(path)/probe.c"]).run().mustSucceed()
        try await Command("sh", ["-c", "cp \"$(command -v busybox)\" \"$1\"", "sh", path]).run().mustSucceed()
        return path
    }

    /// What the probe printed, in a build or by `run`.
    private static func found(_ outcome: Command.Outcome) -> Set<String> {
        let known = ["abstract socket", "loopback service", "sniffed"]
        let lines = outcome.text.split(separator: "\n").map(String.init)
        return Set(
            lines.compactMap { line in
                known.first { line.hasSuffix($0) && !line.contains("RUN") }
                    ?? (line.hasSuffix(" answers") ? line.split(separator: " ").suffix(2).joined(separator: " ") : nil)
            })
    }

    /// The router itself answers, that the port is closed: so the frames arrive, and an answer would be seen.
    private static let alone: Set<String> = ["10.200.0.1 answers"]
    private static let shared: Set<String> = ["abstract socket", "loopback service", "sniffed"]

    @Test func keepsRootFromTheHost() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill.directory, "RUN probe PORT NAME\nENTRYPOINT [\"/bin/probe\"]")
            try await Command("sed", ["-i", "s/RUN probe.*/ARG WORDS\\nRUN probe $WORDS/", "\(context)/Dockerfile"])
                .run()
                .mustSucceed()
            let options = ["build", "--progress", "plain", "--build-arg", "WORDS=PORT NAME", "-t", "probe"]
            for (network, expected) in [("default", Self.alone), ("host", Self.shared), ("none", [])] {
                let build = try await Self.beside(distill.command(options + ["--network", network, context])).run()
                try build.mustSucceed()
                #expect(Self.found(build) == expected, "\(network) \(build)")
                let run = try await Self.beside(
                    distill.command(["run", "--network", network, "probe", "PORT", "NAME"])
                ).run()
                try run.mustSucceed()
                #expect(Self.found(run) == expected, "\(network) \(run)")
            }
        }
    }

    @Test(.requires(.program("newuidmap"))) func keepsAnOrdinaryUserFromTheHost() async throws {
        try await OrdinaryUser.with { user in
            let context = try await Self.context(
                user.directory, "ARG WORDS\nRUN probe $WORDS\nENTRYPOINT [\"/bin/probe\"]")
            let options = ["build", "--progress", "plain", "--build-arg", "WORDS=PORT NAME", "-t", "probe", context]
            for words in [options, ["run", "probe", "PORT", "NAME"]] {
                let outcome = try await Self.beside(user.command(words)).run()
                try outcome.mustSucceed()
                #expect(Self.found(outcome) == Self.alone, "\(outcome)")
            }
        }
    }

    /// Names, the way to the host by consent, and the hint about a proxy that is out of reach.
    @Test func namesWhatItReaches() async throws {
        try await Distill.withStore { distill in
            // The way to the host may need a second attempt on a busy machine, where addresses are asked for three seconds.
            let look =
                "head -n 3 /etc/hosts; hostname -i; grep -c nameserver /etc/resolv.conf; ping -c 1 ::1 | grep -c ' 0% '; wget -q -O- http://here:PORT/ || { sleep 1; wget -q -O- http://here:PORT/; } || echo refused"
            let context = try await Self.context(
                distill.directory, "ARG LOOK\nRUN sh -c \"$LOOK\"\nENTRYPOINT [\"/bin/sh\", \"-c\"]")
            let hosts =
                "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n10.200.0.10\tdistill\n10.200.0.10\n"
            for (address, expected) in [("host-gateway", "from the host\n"), ("10.200.1.2", "refused\n")] {
                let options = ["--add-host", "here:\(address)", "--build-arg", "http_proxy=http://127.0.0.1:1"]
                let arguments = [
                    "build", "--progress", "plain", "--build-arg", "LOOK=unset http_proxy; " + look, "-t", "look",
                ]
                let build = try await Self.beside(distill.command(arguments + options + [context])).run()
                try build.mustSucceed()
                #expect(
                    build.text.contains(expected.dropLast()) && build.text.contains("10.200.0.10\tdistill"), "\(build)")
                #expect(
                    build.text.occurrences(of: "the proxy that http_proxy names listens for this machine alone") == 1,
                    "\(build)")
                let run = try await Self.beside(
                    distill.command(["run", "--add-host", "here:\(address)", "look", look])
                ).run()
                let lines = run.output.split(separator: "\n").map { $0 + "\n" }
                #expect(lines.joined().hasPrefix(hosts) && lines.joined().hasSuffix("1\n" + expected), "\(run)")
            }
        }
    }

    /// Where the program that leads outside is missing, or cannot have its device, steps work, and it is told once.
    @Test func sharesTheHostsWhereItMust() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill.directory, "RUN true\nRUN ls /sys/class/net")
            let hidden = "mount --bind /dev/null \"$(command -v slirp4netns)\"; exec \"$@\""
            let closed = "mount --bind /dev/null /dev/net/tun; exec \"$@\""
            for (script, reason) in [
                (hidden, "there is no program 'slirp4netns' (apt-get install slirp4netns)"), (closed, "/dev/net/tun: "),
            ] {
                let command = distill.command(["build", "--no-cache", "--progress", "plain", context])
                let build = try await Command(
                    "unshare", ["-m", "sh", "-ec", script, "sh", command.program] + command.arguments,
                    environment: command.environment
                ).run()
                try build.mustSucceed()
                let sentence = "programs share this machine's network, as with --network host: \(reason)"
                #expect(build.text.occurrences(of: sentence) == 1, "\(build)")
            }
            // One that cannot work is another matter: nobody runs on another network than was promised.
            let programs = "\(distill.directory)/programs"
            try Files.makeDirectory(programs)
            try Files.write("#!/bin/sh\necho 'no' >&2\nexit 1\n", to: "\(programs)/slirp4netns", mode: 0o755)
            let build = try await distill.command(
                ["build", "--no-cache", context],
                environment: ["PATH": "\(programs):\(environmentVariable("PATH") ?? "")"]
            ).run()
            #expect(
                build.exitCode != 0
                    && build.errorOutput.contains("nothing leads outside of the private network: slirp4netns: no"),
                "\(build)")
        }
    }

    @Test func nothingIsLeftOfOneThatIsKilled() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill.directory, "RUN echo here; sleep 1000")
            let build = distill.command(["build", "--progress", "plain", context])
            _ = try await build.run(sending: 9, whenErrorShows: "#2 [")
            let left = try await Command(
                "sh",
                [
                    "-c",
                    """
                    for turn in $(seq 100); do
                        left=0
                        for process in $(pgrep -x slirp4netns); do
                            owner=$(tr '\\0' '\\n' < /proc/$process/cmdline | sed -n 's,^/proc/\\([0-9]*\\)/fd/.*,\\1,p')
                            [ -z "$owner" ] || [ -d "/proc/$owner" ] || left=1
                        done
                        [ $left = 1 ] || exit 0
                        sleep 0.1
                    done
                    exit 1
                    """,
                ]
            ).run()
            #expect(left.succeeded, "\(left)")
        }
    }

    /// Nor of one whose way outside stands still, and notices nothing.
    @Test func nothingIsLeftOfOneThatIsKilledWhileItsWayOutStandsStill() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill.directory, "RUN sleep 1000")
            let build = distill.command(["build", "--progress", "plain", context])
            let script = """
                "$@" & builder=$!
                for turn in $(seq 600); do
                    way=$(pgrep -x slirp4netns -P $builder) && break
                    sleep 0.1
                done
                kill -STOP $way && kill -KILL $builder
                for turn in $(seq 100); do grep -q "^State:.[^Z]" /proc/$way/status || exit 0; sleep 0.1; done
                kill -KILL $way
                exit 1
                """
            let killed = try await Command(
                "sh", ["-c", script, "sh", build.program] + build.arguments, environment: build.environment
            ).run()
            #expect(killed.succeeded, "\(killed)")
        }
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func occurrences(of text: String) -> Int { ranges(of: text).count }
}

import SystemPackage
import TestSupport
import Testing

/// IPv6: nothing leads from a RUN or `run` to this machine by it, and registries may be at its addresses.
@Suite(
    .requires(.root), .requires(.program("crun")), .requires(.program("busybox")), .requires(.program("gcc")),
    .requires(.program("slirp4netns")), .requires(.program("python3")), .requires(.file("/proc/net/if_inet6")))
struct IPv6Tests {
    /// Looks for this machine's loopback by connections, and by frames that are made by hand, and prints what it finds.
    private static let probe = #"""
        #define _GNU_SOURCE
        #include <arpa/inet.h>
        #include <net/ethernet.h>
        #include <net/if.h>
        #include <netinet/in.h>
        #include <netpacket/packet.h>
        #include <poll.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/ioctl.h>
        #include <sys/socket.h>
        #include <time.h>
        #include <unistd.h>

        struct frame { unsigned char to[6], from[6], kind[2], ip[40], body[20]; } __attribute__((packed));

        static void finish(struct frame *frame, int kind, int length, int place, const char *from, const char *to) {
            memcpy(frame->kind, "\x86\xdd", 2);
            memcpy(frame->ip, "\x60\0\0\0\0", 5);
            frame->ip[5] = length;
            frame->ip[6] = kind;
            frame->ip[7] = 255;
            inet_pton(AF_INET6, from, frame->ip + 8);
            inet_pton(AF_INET6, to, frame->ip + 24);
            unsigned sum = kind + length;
            memset(frame->body + place, 0, 2);
            for (int index = 8; index < 40; index += 2) sum += frame->ip[index] << 8 | frame->ip[index + 1];
            for (int index = 0; index < length; index += 2) sum += frame->body[index] << 8 | frame->body[index + 1];
            while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
            frame->body[place] = ~sum >> 8;
            frame->body[place + 1] = ~sum;
        }

        static void try_address(const char *text, int port, const char *name) {
            struct sockaddr_in6 place = {AF_INET6, htons(port)};
            inet_pton(AF_INET6, text, &place.sin6_addr);
            if (connect(socket(AF_INET6, SOCK_STREAM, 0), (void *)&place, sizeof place) == 0) puts(name);
        }

        int main(int count, char **words) {
            /* Where the host's root looks beside its own network, no frame is sent. */
            static const char *targets[] = {"::1", "::", "::ffff:127.0.0.1", "fd00::2", "fd00::3", "fe80::2", "2002:7f00:1::"};
            int port = atoi(words[1]);
            try_address("::1", port, "loopback service");
            try_address("::ffff:127.0.0.1", port, "mapped loopback service");
            int all = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
            struct ifreq request = {0};
            strcpy(request.ifr_name, "eth0");
            unsigned own = 0;
            if (ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCGIFADDR, &request) == 0)
                own = ntohl(((struct sockaddr_in *)&request.ifr_addr)->sin_addr.s_addr);
            int is_alone = own >> 16 == (10 << 8 | 200);
            struct frame frame = {0};
            struct sockaddr_ll link = {AF_PACKET};
            if (is_alone) {
                ioctl(all, SIOCGIFHWADDR, &request);
                memcpy(frame.from, request.ifr_hwaddr.sa_data, 6);
                ioctl(all, SIOCGIFINDEX, &request);
                link.sll_ifindex = request.ifr_ifindex;
            }
            struct timespec start, now;
            clock_gettime(CLOCK_MONOTONIC, &start);
            int sniffed = 0, heard = 0;
            double asked = 0, seconds = 0, known = 0;
            while (seconds < 4 && (heard ? seconds - known < 1 : is_alone || seconds < 1)) {
                unsigned char seen[2048] = {0};
                struct pollfd waiting = {all, POLLIN};
                if (is_alone && !heard && seconds >= asked) {
                    /* All nodes are asked for an echo; whoever answers asks first who we are. */
                    memcpy(frame.to, "\x33\x33\0\0\0\1", 6);
                    memcpy(frame.body, "\x80\0\0\0\0\1\0\1", 8);
                    finish(&frame, 58, 8, 2, "fe80::abcd", "ff02::1");
                    sendto(all, &frame, 62, 0, (void *)&link, sizeof link);
                    asked = seconds + 0.2;
                }
                ssize_t length = poll(&waiting, 1, 50) > 0 ? recv(all, seen, sizeof seen - 1, 0) : 0;
                if (length > 0 && memmem(seen, length, "a stranger's words", 18) && !sniffed++) puts("sniffed");
                if (is_alone && !heard && length >= 78 && seen[12] == 0x86 && seen[20] == 58 && seen[54] == 135 && seen[76] == 0xab) {
                    puts("the router hears");
                    heard = 1;
                    known = seconds;
                    memcpy(frame.to, seen + 6, 6);
                    for (int from = 0; from < 3; from++)
                        for (int to = 0; to < sizeof targets / sizeof *targets; to++) {
                            memset(frame.body, 0, 20);
                            memcpy(frame.body, "\x9c\x40", 2);
                            frame.body[2] = port >> 8;
                            frame.body[3] = port;
                            memcpy(frame.body + 12, "\x50\2\xff\xff", 4);
                            finish(&frame, 6, 20, 16, (const char *[]){"fe80::abcd", "fd00::100", "::1"}[from], targets[to]);
                            sendto(all, &frame, 74, 0, (void *)&link, sizeof link);
                        }
                }
                clock_gettime(CLOCK_MONOTONIC, &now);
                seconds = now.tv_sec - start.tv_sec + (now.tv_nsec - start.tv_nsec) / 1e9;
            }
            return 0;
        }
        """#

    /// Listens on both of this machine's loopback addresses, and has a registry at that of IPv6, while a command runs: in its
    /// arguments the port stands for `PORT` and the registry's for `REGISTRY`. Tells when somebody was there.
    private static let host = #"""
        import os, socket, subprocess, sys, threading, time
        registry = subprocess.Popen([sys.executable, sys.argv[1], "0", "0", "::1"], stdout=subprocess.PIPE, text=True)
        place = registry.stdout.readline().strip()
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
        port = server.getsockname()[1]
        other = socket.create_server(("127.0.0.1", port))
        def serve(listener):
            while True:
                client = listener.accept()[0]
                print("the host was reached", flush=True)
                client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 14\r\n\r\nfrom the host\n")
                client.close()
        def talk():
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as words:
                while True:
                    words.sendto(b"a stranger's words", ("::1", 9))
                    time.sleep(0.02)
        for work in (lambda: serve(server), lambda: serve(other), talk): threading.Thread(target=work, daemon=True).start()
        words = [word.replace("PORT", str(port)).replace("REGISTRY", place) for word in sys.argv[2:]]
        code = subprocess.run(words).returncode
        registry.kill()
        os._exit(code if code >= 0 else 128 - code)
        """#

    private static func beside(_ command: Command) -> Command {
        let fixtures = FilePath(#filePath).removingLastComponent().appending("Fixtures")
        return Command(
            "python3", ["-c", host, "\(fixtures)/strict-registry.py", command.program] + command.arguments,
            environment: command.environment, workingDirectory: command.workingDirectory)
    }

    /// A context with the probe in it, and a shell.
    private static func context(_ directory: String) async throws -> String {
        let path = "\(directory)/context"
        try Files.makeDirectory(path)
        let dockerfile = """
            FROM scratch
            COPY busybox probe /bin/
            RUN ["/bin/busybox", "--install", "-s", "/bin"]
            ARG WORDS
            RUN probe $WORDS
            """
        try Files.write(dockerfile, to: "\(path)/Dockerfile")
        try Files.write(probe, to: "\(path)/probe.c")
        try await Command("gcc", ["-static", "-w", "-o", "\(path)/probe", "\(path)/probe.c"]).run().mustSucceed()
        try await Command("sh", ["-c", "cp \"$(command -v busybox)\" \"$1\"", "sh", path]).run().mustSucceed()
        return path
    }

    private static func found(_ outcome: Command.Outcome) -> Set<String> {
        let known = [
            "mapped loopback service", "loopback service", "sniffed", "the router hears", "the host was reached",
        ]
        return Set(
            outcome.text.split(separator: "\n").compactMap { line in
                line.contains("RUN") ? nil : known.first { line.hasSuffix($0) }
            })
    }

    /// The router hears what is sent by hand: so it arrives where it could go on.
    private static let alone: Set<String> = ["the router hears"]
    private static let shared: Set<String> = [
        "loopback service", "mapped loopback service", "sniffed", "the host was reached",
    ]
    private static let options = ["build", "--progress", "plain", "--build-arg", "WORDS=PORT", "-t", "probe"]

    @Test func leadsNowhere() async throws {
        try await Distill.withStore { distill in
            let context = try await Self.context(distill.directory)
            let build = try await Self.beside(distill.command(Self.options + [context])).run()
            try build.mustSucceed()
            #expect(Self.found(build) == Self.alone, "\(build)")
            for (network, expected) in [("default", Self.alone), ("host", Self.shared), ("none", [])] {
                let run = try await Self.beside(
                    distill.command(["run", "--network", network, "probe", "/bin/probe", "PORT"])
                ).run()
                try run.mustSucceed()
                #expect(Self.found(run) == expected, "\(network) \(run)")
            }
            try await Self.namesWhatItReaches(distill)
            try await Self.findsARegistry(distill)
        }
    }

    @Test(.requires(.program("newuidmap"))) func leadsAnOrdinaryUserNowhere() async throws {
        try await OrdinaryUser.with { user in
            let context = try await Self.context(user.directory)
            for words in [Self.options + [context], ["run", "probe", "/bin/probe", "PORT"]] {
                let outcome = try await Self.beside(user.command(words)).run()
                try outcome.mustSucceed()
                #expect(Self.found(outcome) == Self.alone, "\(outcome)")
            }
        }
    }

    /// A name may have an address of IPv6: the loopback's is the container's own. This machine by its gateway is IPv4's.
    private static func namesWhatItReaches(_ distill: Distill) async throws {
        let look = """
            grep six /etc/hosts
            wget -q -O- http://six:PORT/ || echo refused
            for i in 1 2 3; do wget -q -O- http://host.docker.internal:PORT/ && break; sleep 1; done
            """
        let run = try await beside(
            distill.command([
                "run", "--add-host", "six:[::1]", "--add-host", "host.docker.internal:host-gateway", "probe",
                "/bin/sh", "-c", look,
            ])
        ).run()
        let lines = run.output.split(separator: "\n").filter { $0 != "the host was reached" }
        #expect(lines == ["::1\tsix", "refused", "from the host"], "\(run)")
    }

    /// Pushes, pulls and builds on what is at `[::1]`.
    private static func findsARegistry(_ distill: Distill) async throws {
        let script = """
            name='[::1]:REGISTRY/a/b:1'
            "$0" tag probe "$name"
            "$0" push -q "$name"
            "$0" rmi -f probe "$name"
            "$0" run --network none "$name" /bin/echo pulled
            "$0" rmi -f "$name"
            mkdir built
            printf 'FROM %s\\nRUN /bin/true\\n' "$name" > built/Dockerfile
            "$0" build -q --network none --push -t "$name-built" built
            """
        let command = distill.command([])
        let outcome = try await beside(
            Command(
                "sh", ["-ec", script, command.program], environment: command.environment,
                workingDirectory: command.workingDirectory)
        ).run()
        #expect(outcome.succeeded && outcome.output.contains("pulled\n"), "\(outcome)")
    }
}

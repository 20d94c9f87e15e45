import Inspection
import OCI
import Testing

/// What servers, chains of programs and applets need, which their command lines and configurations name. `scripts/closure`
/// starts such ones for real.
@Suite struct ServerTests {
    typealias Row = (start: [String], files: [String: MemoryLayer.Item], user: String, errors: [String])

    private static func program(_ texts: String...) -> MemoryLayer.Item {
        .program(staticProgram() + texts.flatMap { [0] + Array($0.utf8) } + [0])
    }

    private static let base: [String: MemoryLayer.Item] = [
        "/bin/nginx": program("/etc/nginx/nginx.conf", "--user=nginx"), "/bin/haproxy": program(),
        "/bin/redis-server": program(), "/bin/php-fpm8.2": program(),
        "/bin/apache2": program("/etc/apache2/apache2.conf"), "/bin/memcached": program(), "/bin/postgres": program(),
        "/bin/git": program("status"),
        "/bin/busybox": program("echo", "sh", "mkdir", "nice"), "/bin/execlineb": program(),
        "/bin/s6-svscan": program(), "/bin/make": program(),
        "/bin/tclsh8.6": program(), "/bin/app": program(), "/bin/sh": .link("busybox"),
        "/bin/goneapplet": .link("busybox"), "/srv": .directory, "/run": .directory,
        "/etc/passwd": .text("root:x:0:0::/:\napp:x:1000:1000::/:\n"), "/etc/group": .text("root:x:0:\napp:x:1000:\n"),
    ]

    private static func check(_ row: Row) throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        (config.container.entrypoint, config.container.user) = (row.start, row.user)
        config.container.environment = ["PATH=/bin"]
        let report = try ClosureCheck.run(config, ImageTree(layers: [MemoryLayer(base.merging(row.files) { $1 })]))
        #expect(
            report.findings.filter { $0.severity == .error }.map(\.name) == row.errors,
            "\(row.start) \(report.findings) \(report.unknown)")
    }

    static let servers: [Row] = [
        (["nginx", "-g", "daemon off;"], [:], "", ["MissingFile"]), (["nginx", "-v"], [:], "", []),
        (["nginx"], ["/etc/nginx/nginx.conf": .text("events {}\n")], "", []),
        (["nginx", "-c", "/etc/n"], ["/etc/n": .text("user app; # x\ninclude 'gone.conf';\n")], "", ["MissingFile"]),
        (["nginx", "-c", "/etc/n"], ["/etc/n": .text("user ghost;\ninclude d/*.conf;")], "", ["UnknownUser"]),
        (["nginx", "-c", "/etc/n"], ["/etc/n": .text("user ghost;\n")], "app", []),
        (
            ["nginx", "-c", "/etc/n"],
            ["/etc/n": .text("include d/*.conf;"), "/etc/d/a.conf": .text("load_module /gone.so;")], "", ["MissingFile"]
        ),
        (
            ["nginx", "-c", "/etc/n"], ["/etc/n": .text("http { server { access_log /var/log/x/y.log; } }")], "",
            ["MissingFile"]
        ),
        (["nginx", "-c", "/etc/n"], ["/etc/n": .text("http { access_log /dev/stdout; ssl_certificate $x; }")], "", []),
        (["haproxy", "-f", "/etc/h"], [:], "", ["MissingFile"]), (["haproxy", "-f/etc/h"], [:], "", ["MissingFile"]),
        (["haproxy", "-f", "/etc/h"], ["/etc/h": .text("global\n  user ghost\n")], "", ["UnknownUser"]),
        (["haproxy", "-f", "/etc/h"], ["/etc/h": .file([], mode: 0o600)], "app", ["NotPermitted"]),
        (["redis-server", "/etc/r", "--port", "1"], [:], "", ["MissingFile"]),
        (["redis-server", "--port", "1"], [:], "", []),
        (["redis-server", "--dir", "/data"], [:], "", ["MissingFile"]),
        (["redis-server", "--save", "", "--loadmodule", "/gone.so"], [:], "", ["MissingFile"]),
        (["redis-server", "/etc/r"], ["/etc/r": .text("# x\ninclude /etc/gone\n")], "", ["MissingFile"]),
        (["php-fpm8.2", "-F", "-y", "/etc/f"], [:], "", ["MissingFile"]),
        (["php-fpm8.2", "-y", "/etc/f"], ["/etc/f": .text("[w]\nuser = ghost\n;group = x\n")], "", ["UnknownUser"]),
        (
            ["apache2", "-f", "/etc/a"],
            ["/etc/a": .text("<IfModule x>\nInclude /gone\n</IfModule>\nIncludeOptional /gone\n")], "", []
        ),
        (["apache2", "-f", "/etc/a"], ["/etc/a": .text("LoadModule x_module /gone.so\n")], "", ["MissingFile"]),
        (["apache2", "-X"], [:], "", ["MissingFile"]),
        (["memcached"], [:], "", ["RefusesRoot"]), (["memcached", "-u", "app"], [:], "", []),
        (["memcached", "-ughost"], [:], "", ["UnknownUser"]),
        (["memcached"], [:], "app", []), (["postgres", "-D", "/data"], [:], "", ["RefusesRoot"]),
        (["postgres", "-D", "/data"], [:], "app", ["MissingFile"]),
        (["postgres", "--version"], [:], "", []), (["make", "-C", "/gone"], [:], "", ["MissingFile"]),
        (["make", "-C", "/srv"], [:], "", ["MissingFile"]),
        (["make", "-C", "/srv"], ["/srv/makefile": .text("all:\n")], "", []),
        (["make", "-f", "/srv/m"], [:], "", ["MissingFile"]),
        (["tclsh8.6", "/srv/a"], [:], "", ["MissingFile"]),
        (["tclsh8.6", "/srv/a"], ["/srv/a": .text("puts 1\nsource /gone.tcl\n")], "", ["MissingFile"]),
    ]

    @Test(arguments: servers.indices) func configuration(index: Int) throws { try Self.check(Self.servers[index]) }

    static let chains: [Row] = [
        (["git", "status"], [:], "", []), (["git", "gone"], [:], "", ["MissingProgram"]),
        (["git", "-C", "/gone", "status"], [:], "", ["MissingFile"]),
        (["dotnet", "/app/x.dll"], ["/bin/dotnet": program()], "", ["MissingFile"]),
        (["dotnet", "run"], ["/bin/dotnet": program()], "", []),
        (["git", "hello"], ["/bin/git-hello": .program("#!/gone\n")], "", ["MissingProgram"]),
        (["busybox", "echo"], [:], "", []), (["busybox", "gone"], [:], "", ["MissingProgram"]),
        (["goneapplet"], [:], "", ["MissingProgram"]),
        (["busybox", "--help"], [:], "", []), (["busybox", "nice", "/gone"], [:], "", ["MissingProgram"]),
        (["sh", "-c", "set -e; mkdir /x; exec app"], [:], "", []),
        (["sh", "-c", "set -e; mkdir /x; exec gone"], [:], "", ["MissingProgram"]),
        (["execlineb", "-c", "foreground { gone } app"], [:], "", []),
        (["execlineb", "-Pc", "export A b gone"], [:], "", ["MissingProgram"]),
        (["execlineb", "-c", "cd /gone app"], [:], "", ["MissingFile"]),
        (["execlineb", "-c", "s6-setuidgid ghost app"], [:], "", ["UnknownUser"]),
        (
            ["execlineb", "/run1"], ["/run1": .text("#!/bin/execlineb -P\n# x\nif { gone }\n\"gone two\"\n")], "",
            ["MissingProgram"]
        ),
        (["s6-svscan", "/gone"], [:], "", ["MissingFile"]), (["s6-svscan", "/srv"], [:], "", []),
    ]

    @Test(arguments: chains.indices) func chain(index: Int) throws { try Self.check(Self.chains[index]) }

    static let scripts: [Row] = [
        (["sh", "-c", "eval \"exec gone\""], [:], "", ["MissingProgram"]),
        (["sh", "-c", "eval \"exec app\""], [:], "", []),
        (["sh", "-c", "gone & wait $!"], [:], "", ["MissingProgram"]),
        (["sh", "-c", "command -v gone || exit 1; app"], [:], "", ["MissingProgram"]),
        (["sh", "-c", "command -v gone && gone; app"], [:], "", []),
        (["sh", "-c", "if [ -z \"$URL\" ]; then exit 3; fi; app"], [:], "", ["MissingVariable"]),
        (["sh", "-c", "if [ \"$(date)\" = x ]; then exit 3; fi; app"], [:], "", []),
        (["sh", "-ec", "while read x; do :; done < /gone; app"], [:], "", ["MissingFile"]),
        (["sh", "-c", "{ :; } < /gone; app"], [:], "", []),
        (
            ["sh", "-c", "if [ \"${1:0:1}\" = - ]; then set -- gone; fi; exec \"$@\"", "sh", "-x"], [:], "",
            ["MissingProgram"]
        ),
        (["sh", "-c", "f() { local t=\"${1:-gone}\"; exec \"$t\"; }; f \"$@\""], [:], "", ["MissingProgram"]),
        (["sh", "-c", "exec \"${1:-app}\""], [:], "", []),
        (["sh", "-c", "exit 3"], [:], "", []), (["sh", "-c", "while true; do date; done; exit 1"], [:], "", []),
        (["sh", "-c", "date > /etc/x; exec nginx -c /etc/x"], [:], "", []),
        (
            ["/a"], ["/a": .program("#!/usr/bin/env -S sh -c 'exec gone'\n"), "/usr/bin/env": program()], "",
            ["MissingProgram"]
        ),
        (["/a"], ["/a": .program("#!/usr/bin/env -S ${NONE}app -x\n"), "/usr/bin/env": program()], "", []),
    ]

    @Test(arguments: scripts.indices) func script(index: Int) throws { try Self.check(Self.scripts[index]) }
}

/// A program whose command line names what it reads when it starts, and that ends where that is not there: servers and their
/// configuration, and interpreters that are not followed any further.
struct ServerProgram {
    enum Operand { case file, directory }

    /// Options whose value is a file, a directory, a user.
    var files: Set<String> = []
    var directories: Set<String> = []
    var users: Set<String> = []
    /// Options whose value is something else.
    var valued: Set<String> = []
    /// Options whose value is a directory that it makes, or writes to.
    var written: Set<String> = []
    /// Files that it makes wherever nothing is said of them.
    var makes: [String] = []
    /// With these it only says something.
    var sayings: Set<String> = ["-v", "-V", "-h", "--version", "--help", "-version", "-help"]
    /// What it reads where no option names a file, if its own text names it.
    var usual: [String] = []
    /// What its first operand is.
    var operand: Operand?
    /// What it ends in, if another operand is something else.
    var suffix: String?
    /// A variable that names the directory of its data.
    var dataVariable: String?
    /// A file that its data has.
    var dataFile: String?
    /// One of these must be in the directory that it works in, where no option names a file.
    var named: [String] = []
    /// Whether it ends where a file that an option names is not there.
    var needsFiles = true
    /// Directories and files of which one must be there, where its own are not named otherwise.
    var oneOf: [String] = []
    /// It ends where root starts it, unless an option names another user.
    var refusesRoot = false
    var syntax: ConfigurationSyntax?

    private static let interpreter = ServerProgram(operand: .file)
    private static let scanned = ServerProgram(sayings: ["-h"], operand: .directory)

    private static let table: [String: ServerProgram] = [
        "nginx": ServerProgram(
            files: ["-c"], directories: ["-p"], valued: ["-g", "-s", "-e"],
            usual: ["/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf"], syntax: .nginx),
        "haproxy": ServerProgram(
            files: ["-f"], directories: ["-C"], valued: ["-L", "-m", "-n", "-N", "-p", "-S", "-x"],
            sayings: ["-v", "-vv", "-h"], syntax: .haproxy),
        "apache2": ServerProgram(
            files: ["-f"], valued: ["-d", "-D", "-C", "-c", "-k", "-e", "-E"],
            sayings: ["-v", "-V", "-l", "-L", "-h", "-?"],
            usual: ["/etc/apache2/apache2.conf"], syntax: .apache),
        "httpd": ServerProgram(
            files: ["-f"], valued: ["-d", "-D", "-C", "-c", "-k", "-e", "-E"],
            sayings: ["-v", "-V", "-l", "-L", "-h", "-?"],
            usual: ["/usr/local/apache2/conf/httpd.conf", "/etc/httpd/conf/httpd.conf"], syntax: .apache),
        "lighttpd": ServerProgram(files: ["-f"], directories: ["-m"], valued: ["-i"], syntax: .lighttpd),
        "php-fpm": ServerProgram(
            files: ["-y", "--fpm-config"], directories: ["-p", "--prefix"],
            valued: ["-c", "--php-ini", "-d", "--define", "-g", "--pid"],
            sayings: ["-v", "--version", "-h", "--help", "-i", "--info", "-m", "--modules"], syntax: .phpFPM),
        "squid": ServerProgram(
            files: ["-f"], valued: ["-a", "-d", "-k", "-n", "-s", "-u"], usual: ["/etc/squid/squid.conf"]),
        "redis-server": ServerProgram(operand: .file, syntax: .redis),
        "valkey-server": ServerProgram(operand: .file, syntax: .redis),
        "redis-sentinel": ServerProgram(operand: .file, syntax: .redis),
        "memcached": ServerProgram(
            users: ["-u", "--user"],
            valued: [
                "-p", "-U", "-s", "-a", "-l", "-d", "-m", "-M", "-c", "-P", "-f", "-n", "-D", "-t", "-b", "-B", "-I",
                "-o", "-R", "-Y",
            ],
            refusesRoot: true),
        "mosquitto": ServerProgram(
            files: ["-c", "--config-file"], valued: ["-p", "--port"], sayings: ["-h", "--help"]),
        "postgres": ServerProgram(
            directories: ["-D"],
            valued: ["-B", "-c", "-C", "-d", "-f", "-h", "-k", "-N", "-o", "-p", "-r", "-S", "-t", "-W"],
            sayings: ["-V", "--version", "-?", "--help", "--describe-config"], dataVariable: "PGDATA",
            dataFile: "postgresql.conf", refusesRoot: true),
        "mysqld": ServerProgram(
            files: ["--defaults-file"], directories: ["--datadir", "-h"], users: ["--user", "-u"], dataFile: "mysql"),
        "mariadbd": ServerProgram(
            files: ["--defaults-file"], directories: ["--datadir", "-h"], users: ["--user", "-u"], dataFile: "mysql"),
        "sshd": ServerProgram(
            files: ["-f"], valued: ["-b", "-C", "-E", "-g", "-h", "-k", "-o", "-p", "-u"],
            usual: ["/etc/ssh/sshd_config"],
            oneOf: [
                "/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key",
            ]),
        "named": ServerProgram(
            files: ["-c"], users: ["-u"], valued: ["-t", "-p", "-n", "-U", "-S", "-d", "-D", "-E", "-L", "-m"],
            usual: ["/etc/bind/named.conf"], syntax: .named),
        "dnsmasq": ServerProgram(files: ["-C", "--conf-file"], users: ["-u", "--user"], valued: ["-p", "-x"]),
        "unbound": ServerProgram(
            files: ["-c"], usual: ["/etc/unbound/unbound.conf"], needsFiles: false, syntax: .unbound),
        "ngircd": ServerProgram(files: ["-f", "--config"]),
        "monit": ServerProgram(files: ["-c"], valued: ["-d", "-l", "-p", "-s"]),
        "chronyd": ServerProgram(files: ["-f"]),
        "rsyslogd": ServerProgram(files: ["-f"], valued: ["-i", "-M", "-N", "-u"], usual: ["/etc/rsyslog.conf"]),
        "tor": ServerProgram(files: ["-f"]),
        "tinyproxy": ServerProgram(files: ["-c"], usual: ["/etc/tinyproxy/tinyproxy.conf"]),
        "dovecot": ServerProgram(files: ["-c"], usual: ["/etc/dovecot/dovecot.conf"]),
        "pgbouncer": ServerProgram(operand: .file),
        "stunnel": ServerProgram(operand: .file, syntax: .stunnel),
        "vsftpd": ServerProgram(operand: .file),
        "prometheus": ServerProgram(
            files: ["--config.file", "--web.config.file"], written: ["--storage.tsdb.path"]),
        "alertmanager": ServerProgram(files: ["--config.file"]),
        "envoy": ServerProgram(files: ["-c", "--config-path"]), "etcd": ServerProgram(files: ["--config-file"]),
        "coredns": ServerProgram(files: ["-conf"]), "nats-server": ServerProgram(files: ["-c", "--config", "-config"]),
        "traefik": ServerProgram(files: ["--configFile", "--configfile"]),
        "fluent-bit": ServerProgram(files: ["-c", "--config", "-R", "--parser"]),
        "telegraf": ServerProgram(files: ["--config", "-config"]), "vector": ServerProgram(files: ["-c", "--config"]),
        "uwsgi": ServerProgram(files: ["--ini", "--yaml", "--xml", "--json", "--wsgi-file"]),
        "caddy": ServerProgram(files: ["--config", "-c"]),
        "mongod": ServerProgram(files: ["-f", "--config"], directories: ["--dbpath"]),
        "clickhouse-server": ServerProgram(files: ["--config-file", "-C"]),
        "consul": ServerProgram(files: ["-config-file"]), "vault": ServerProgram(files: ["-config"]),
        "influxd": ServerProgram(files: ["-config"]),
        "loki": ServerProgram(files: ["-config.file", "--config.file"]),
        "promtail": ServerProgram(files: ["-config.file", "--config.file"]),
        "blackbox_exporter": ServerProgram(files: ["--config.file"]), "otelcol": ServerProgram(files: ["--config"]),
        "varnishd": ServerProgram(
            files: ["-f"],
            valued: [
                "-a", "-b", "-h", "-i", "-I", "-j", "-l", "-M", "-n", "-P", "-p", "-r", "-S", "-s", "-T", "-t", "-W",
            ]),
        "keepalived": ServerProgram(files: ["-f", "--use-file"]), "openvpn": ServerProgram(files: ["--config"]),
        "supercronic": interpreter,
        "uwsgi-core": ServerProgram(files: ["--ini", "--yaml", "--xml", "--json", "--wsgi-file"]),
        "dotnet": ServerProgram(sayings: ["--info", "--version", "--help", "-h"], operand: .file, suffix: ".dll"),
        "tclsh": ServerProgram(operand: .file, syntax: .tcl), "wish": ServerProgram(operand: .file, syntax: .tcl),
        "expect": ServerProgram(valued: ["-c"], operand: .file),
        "Rscript": ServerProgram(valued: ["-e"], operand: .file),
        "guile": ServerProgram(files: ["-l"], valued: ["-c", "-L", "-C", "-x"], operand: .file),
        "julia": ServerProgram(valued: ["-e", "-E", "-L", "-t", "-J"], operand: .file), "escript": interpreter,
        "mono": interpreter, "octave": ServerProgram(valued: ["--eval"], operand: .file),
        "mawk": ServerProgram(files: ["-f"], valued: ["-v", "-F", "-W"]),
        "gawk": ServerProgram(files: ["-f", "--file"], valued: ["-v", "-F"]),
        "awk": ServerProgram(files: ["-f"], valued: ["-v", "-F"], sayings: ["--version"]),
        "sed": ServerProgram(files: ["-f", "--file"], valued: ["-e"]),
        "make": ServerProgram(
            files: ["-f", "--file", "--makefile"], directories: ["-C", "--directory"],
            valued: ["-I", "-j", "-l", "-o", "-W"],
            named: ["Makefile", "makefile", "GNUmakefile"]),
        "cron": ServerProgram(valued: ["-L"], makes: ["/var/run/crond.pid"], sayings: ["-h"]),
        "bc": interpreter, "s6-svscan": scanned, "s6-supervise": scanned, "runsv": scanned,
    ]

    /// Nil where nothing is known of the program: `php-fpm8.2` is php-fpm, `tclsh8.6` tclsh.
    static func named(_ name: String) -> ServerProgram? {
        if let found = table[name] { return found }
        var stem = Substring(name)
        while let last = stem.last, last.isNumber || last == "." || last == "-" { stem.removeLast() }
        return table[String(stem)]
    }

    /// What a command line names.
    struct Reading {
        var files: [String] = []
        var directories: [String] = []
        var users: [String] = []
        /// What stands behind options that name a setting: `--port 80` of redis.
        var settings: [[String]] = []
        var written: [String] = []
        var onlySays = false
    }

    func reading(_ arguments: [String]) -> Reading {
        var result = Reading()
        var rest = arguments.dropFirst()
        var seesOperand = operand != nil
        while let word = rest.popFirst() {
            if sayings.contains(word) { result.onlySays = true }
            guard word.hasPrefix("-"), word.count > 1 else {
                if seesOperand, word != "-", operand == .file, suffix.map({ word.hasSuffix($0) }) ?? true {
                    result.files.append(word)
                }
                if seesOperand, operand == .directory { result.directories.append(word) }
                seesOperand = false
                continue
            }
            if syntax == .redis, word.hasPrefix("--") {
                var values: [String] = []
                while let value = rest.first, !value.hasPrefix("--") {
                    values.append(value)
                    rest = rest.dropFirst()
                }
                result.settings.append([String(word.dropFirst(2))] + values)
                seesOperand = false
                continue
            }
            take(word, &rest, &result)
            if ["-c", "-e", "--eval", "-E"].contains(word), valued.contains(word) { seesOperand = false }
        }
        return result
    }

    private func take(_ word: String, _ rest: inout ArraySlice<String>, _ result: inout Reading) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let all = files.union(directories).union(users).union(valued).union(written)
        var (name, value): (String, String?) = (parts[0], parts.count > 1 ? parts[1] : nil)
        if value == nil, all.contains(word) {
            (name, value) = (word, rest.popFirst())
        } else if !all.contains(name), !word.hasPrefix("--"), word.count > 2, all.contains(String(word.prefix(2))) {
            (name, value) = (String(word.prefix(2)), String(word.dropFirst(2)))
        }
        guard let value else { return }
        if files.contains(name) { result.files.append(value) }
        if directories.contains(name) { result.directories.append(value) }
        if users.contains(name) { result.users.append(value) }
        if written.contains(name) { result.written.append(value) }
    }
}

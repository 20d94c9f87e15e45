"""What is loaded later by its name, users and their directories, and servers of other kinds than the first."""
import os

LIB = "usr/lib/x86_64-linux-gnu/"
OK = "#!/bin/sh\necho READY\n"
EMPTY = ("run", "var/log", "var/cache", "var/lib", "var/tmp")
NAMES = ("unbound", "bind", "stunnel4", "varnish", "vcache", "prosody", "sshd", "_chrony", "debian-tor", "irc", "mysql", "dovecot", "dovenull", "prometheus", "etcd", "ftp", "redis", "postgres", "nobody")
USERS = {"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:w:/var/www:/bin/false\napp:x:1000:1000::/home/app:/bin/sh\n" + "".join(f"{n}:x:{200 + i}:{200 + i}::/:/bin/false\n" for i, n in enumerate(NAMES)),
         "etc/group": "root:x:0:\nwww-data:x:33:\nadm:x:4:\ntty:x:5:\nnogroup:x:65534:\napp:x:1000:\n" + "".join(f"{n}:x:{200 + i}:\n" for i, n in enumerate(NAMES))}


def server(*packages, directories=(), links=None):
    files = packaged(*packages, "dash", "coreutils", links={"usr/bin/sh": "dash", **(links or {})})
    files["var/run"] = Link("/run")
    for name in (*EMPTY, *directories): files.setdefault(name.strip("/"), DIRECTORY)
    return {**files, **USERS}


bases = {"names": lambda: packaged("dash", "coreutils", "libc-bin", "login", "util-linux", "openssl", "libssl3", "file", "libmagic-mgc", "python3", "libpython3.11-stdlib", "sudo", "passwd", links={"usr/bin/sh": "dash"}) | {"etc/ssl/openssl.cnf": Host("/etc/ssl/openssl.cnf")} | {f"etc/pam.d/{n}": Host(f"/etc/pam.d/{n}") for n in os.listdir("/etc/pam.d") if n.startswith("common-")},
         "unbound": lambda: server("unbound"), "bind": lambda: server("bind9", directories=("var/cache/bind", "run/named")),
         "stunnel": lambda: server("stunnel4"), "varnish": lambda: server("varnish", directories=("var/lib/varnish",)), "dnsmasq": lambda: server("dnsmasq-base"), "prosody": lambda: server("prosody", directories=("var/lib/prosody", "var/log/prosody", "run/prosody")),
         "sshd": lambda: server("openssh-server", directories=("run/sshd",)), "vsftpd": lambda: server("vsftpd", directories=("var/run/vsftpd/empty",)), "rsyslog": lambda: server("rsyslog"), "chrony": lambda: server("chrony"), "tor": lambda: server("tor", directories=("var/lib/tor",)),
         "ngircd": lambda: server("ngircd", directories=("run/ngircd",)), "maria": lambda: server("mariadb-server-core", "mariadb-client-core", directories=("var/lib/mysql",)), "dovecot": lambda: server("dovecot-core"), "prometheus": lambda: server("prometheus"), "etcd": lambda: server("etcd-server"),
         "restic": lambda: server("restic"), "cron": lambda: server("cron", directories=("var/spool/cron/crontabs",)), "monit": lambda: server("monit"), "cmake": lambda: server("cmake"), "graphviz": lambda: server("graphviz"), "magick": lambda: server("imagemagick"), "nmap": lambda: server("nmap"),
         "socat": lambda: server("socat"), "uwsgi": lambda: server("uwsgi-core", "uwsgi-plugin-python3", "libpython3.11-stdlib", "python3"), "postfix": lambda: server("postfix"), "redis2": lambda: server("redis-server", "redis-tools"), "fpm2": lambda: server("php8.2-fpm", directories=("run/php",)), "haproxy2": lambda: server("haproxy")}


def case(name, base, entry, files=None, **more): return Case("more servers", name, base, files or {}, list(entry), seconds=8, **more)


def place(name, entry, files=None, **more): return Case("more places", name, more.pop("base", "names"), files or {}, list(entry), seconds=12, **more)


def cases():
    yield from later()
    yield from users()
    yield from servers()


def later():
    py = ["python3", "-c"]
    yield place("name service module gone", py + ["import pwd; pwd.getpwnam('root'); print('READY')"], {"etc/nsswitch.conf": "passwd: files gonemodule\nhosts: files gonemodule dns\n"})
    yield place("libnss_files gone", py + ["import pwd; pwd.getpwnam('root'); print('READY')"], {LIB + "libnss_files.so.2": GONE, LIB + "libnss_dns.so.2": GONE})
    yield place("code sets gone", py + ["print('READY'.encode('latin-1').decode('cp1252'))"], {LIB + "gconv": GONE})
    yield place("iconv, code sets gone", ["sh", "-c", "echo READY | iconv -f UTF-8 -t ISO-8859-1"], {LIB + "gconv": GONE})
    yield place("providers gone", ["openssl", "dgst", "-sha256", "/etc/passwd"], {LIB + "ossl-modules": GONE})
    yield place("OPENSSL_CONF gone", ["openssl", "version"], env=["OPENSSL_CONF=/etc/gone.cnf"])
    yield place("OPENSSL_CONF with a provider that is gone", ["openssl", "dgst", "-sha256", "/etc/passwd"], {"etc/my.cnf": "openssl_conf = i\n[i]\nproviders = p\n[p]\ndefault = d\ngone = g\n[d]\nactivate = 1\n[g]\nactivate = 1\n"}, env=["OPENSSL_CONF=/etc/my.cnf"])
    yield place("ssl configuration gone", py + ["import ssl; ssl.create_default_context(); print('READY')"], {"etc/ssl/openssl.cnf": GONE, "usr/lib/ssl/openssl.cnf": GONE})
    yield place("certificates gone", py + ["import ssl; ssl.create_default_context(); print('READY')"], {"etc/ssl/certs": GONE, "usr/lib/ssl/certs": GONE})
    yield place("SSL_CERT_FILE gone", py + ["import ssl; ssl.create_default_context(); print('READY')"], env=["SSL_CERT_FILE=/etc/gone.pem"])
    yield place("magic is gone", ["file", "/etc/passwd"], {"usr/lib/file": GONE, "usr/share/misc/magic.mgc": GONE, "usr/share/file": GONE, "etc/magic": GONE}, blame="magic")
    yield place("file", ["file", "/etc/passwd"])
    yield place("locale gone", ["sh", "-c", "ls / && echo READY"], env=["LC_ALL=de_DE.UTF-8", "LANG=de_DE"])
    yield place("time zone by TZ gone", ["date"], env=["TZ=America/Gone"])
    yield place("LD_PRELOAD of a library that is gone", ["echo", "READY"], env=["LD_PRELOAD=/usr/lib/libjemalloc.so.2"])
    yield place("LD_PRELOAD of one that needs what is gone", ["echo", "READY"], {"opt/p.so": Host("/usr/lib/python3/dist-packages/lxml/etree.cpython-311-x86_64-linux-gnu.so")}, env=["LD_PRELOAD=/opt/p.so"], blame="libxslt.so.1")
    yield place("ctypes finds nothing", py + ["import ctypes; ctypes.CDLL('libgone.so.1')"], blame="libgone.so.1")
    yield place("ctypes, expected", py + ["import ctypes\ntry:\n    ctypes.CDLL('libgone.so.1')\nexcept OSError:\n    pass\nprint('READY')"])
    yield place("terminal unknown", ["sh", "-c", "ls --color=always / >/dev/null; echo READY"], {"usr/share/terminfo": GONE, "usr/lib/terminfo": GONE}, env=["TERM=xterm-gone"])
    yield place("pam of su gone", ["su", "app", "-c", "echo READY"], {"etc/pam.d": GONE, LIB + "security": GONE}, blame="")
    yield place("no services, no protocols", py + ["import socket; socket.gethostbyname('localhost'); print('READY')"], {"etc/services": GONE, "etc/protocols": GONE})


def users():
    sh = ["sh", "-c"]
    yield place("USER by a number with a group that nobody has", ["/srv/app"], {"srv/app": OK}, user="1234:4321")
    yield place("USER with a colon behind it", ["/srv/app"], {"srv/app": OK}, user="app:")
    yield place("USER root by name without passwd", ["/srv/app"], {"srv/app": OK, "etc/passwd": GONE}, user="root")
    yield place("USER 0", ["/srv/app"], {"srv/app": Mode(OK, 0o700)}, user="0")
    yield place("USER of passwd with damaged lines", ["/srv/app"], {"srv/app": OK, "etc/passwd": "garbage\n\napp:x:1000:1000::/home/app:/bin/sh\n"}, user="app")
    yield place("account without a group's number", ["/srv/app"], {"srv/app": OK, "etc/passwd": "app:x:1000::/:/bin/sh\n"}, user="app", blame="")
    yield place("USER in upper case", ["/srv/app"], {"srv/app": OK}, user="APP", blame="APP")
    yield place("group of the account decides", ["/srv/app"], {"srv": Mode(None, 0o750, 1000), "srv/app": OK}, user="app")
    yield place("group by a number that the directory has", ["/srv/app"], {"srv": Mode(None, 0o750, 1000), "srv/app": OK}, user="1234:1000")
    yield place("group by a number that the directory has not", ["/srv/app"], {"srv": Mode(None, 0o750, 1000), "srv/app": OK}, user="1234:1234", blame="/srv")
    yield place("directory that may be entered and not read", ["/srv/app"], {"srv": Mode(None, 0o711), "srv/app": OK}, user="app")
    yield place("directory that may be read and not entered", ["/srv/app"], {"srv": Mode(None, 0o744), "srv/app": OK}, user="app", blame="/srv")
    yield place("link from a closed place to an open one", ["/closed/app"], {"closed": Mode(None, 0o700), "closed/app": Link("/srv/app"), "srv/app": OK}, user="app", blame="/closed")
    yield place("link from an open place to a closed one", ["/open/app"], {"open/app": Link("/closed/app"), "closed": Mode(None, 0o700), "closed/app": OK}, user="app", blame="/closed")
    yield place("owner has no right, others do", ["/srv/app"], {"srv/app": Mode(OK, 0o055, 1000)}, user="app", blame="/srv/app")
    yield place("root executes what nobody reads", ["/srv/app"], {"srv/app": Mode(Host("/usr/bin/true"), 0o111)})
    yield place("root, no execute bit at all", ["/srv/app"], {"srv/app": Mode(Host("/usr/bin/true"), 0o644)}, blame="/srv/app")
    yield place("sh reads a script that only root reads", ["sh", "/srv/run.sh"], {"srv/run.sh": Mode("echo READY\n", 0o600)}, user="app", blame="/srv/run.sh")
    yield place("cd to a closed directory", sh + ["cd /data && echo READY"], {"data": Mode(None, 0o700)}, user="app", blame="/data")
    yield place("writes into a closed directory", sh + ["set -e; echo x > /srv/out; echo READY"], {"srv": DIRECTORY}, user="app", blame="/srv")
    yield place("writes into its own directory", sh + ["set -e; echo x > /srv/out; echo READY"], {"srv": Mode(None, 0o755, 1000)}, user="app")
    yield place("writes into /tmp", sh + ["set -e; echo x > /tmp/out; echo READY"], user="app")
    yield place("writes into /tmp that is closed", sh + ["set -e; echo x > /tmp/out; echo READY"], {"tmp": Mode(None, 0o755)}, user="app", blame="/tmp")
    yield place("writes into /tmp that is gone", sh + ["set -e; echo x > /tmp/out; echo READY"], {"tmp": GONE}, user="app", blame="/tmp")
    yield place("makes a directory where it may not", sh + ["set -e; mkdir -p /var/lib/app; echo READY"], {"var/lib": DIRECTORY}, user="app", blame="/var/lib")
    yield place("makes a directory that is there", sh + ["set -e; mkdir -p /var/lib/app; echo READY"], {"var/lib/app": DIRECTORY}, user="app")
    yield place("changes an owner as an ordinary user", sh + ["set -e; chown app /srv/x; echo READY"], {"srv/x": "x"}, user="app", blame="")
    yield place("WORKDIR below a volume", ["./app"], {"data/sub/app": OK}, workdir="/data/sub", volumes=["/data"])
    yield place("volume with a directory for USER", sh + ["set -e; touch /data/x; echo READY"], {"data": Mode(None, 0o755, 1000)}, user="app", volumes=["/data"])
    yield place("volume with a directory of root's", sh + ["set -e; touch /data/x; echo READY"], {"data": DIRECTORY}, user="app", volumes=["/data"], blame="/data")
    yield place("WORKDIR that is made belongs to root", sh + ["set -e; touch x; echo READY"], user="app", workdir="/made/later", blame="/made/later")
    yield place("WORKDIR through a link that dangles", ["echo", "READY"], {"work": Link("/nowhere/else")}, workdir="/work")
    yield place("sudo as an ordinary user", ["sudo", "-n", "echo", "READY"], user="app", blame="")
    yield place("home is gone", sh + ["cd && echo READY"], user="app", blame="/home/app")
    yield place("home is there", sh + ["cd && echo READY"], {"home/app": DIRECTORY}, user="app")


def servers():
    run = ["nginx", "-g", "daemon off;"]
    yield case("nginx for an ordinary user", "nginx", run, user="www-data", blame="")
    yield case("nginx for an ordinary user, made ready", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": "daemon off;\npid /tmp/n.pid;\nerror_log stderr;\nevents {}\nhttp { access_log off; client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e; server { listen 8080; } }\n"}, user="www-data")
    yield case("nginx, certificate gone", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": "daemon off;\nevents {}\nhttp { server { listen 8443 ssl; ssl_certificate /etc/gone.pem; ssl_certificate_key /etc/gone.key; } }\n"}, blame="gone.pem")
    yield case("nginx, directive of nobody", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": "daemon off;\nevents {}\nhttp { gone_directive on; }\n"}, blame="gone_directive")
    yield case("nginx, bracket open", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": "daemon off;\nevents {}\nhttp { server { listen 8080; }\n"}, blame="my.conf")
    yield case("nginx, host of a proxy unknown", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": "daemon off;\nevents {}\nhttp { server { listen 8080; location / { proxy_pass http://backend:80; } } }\n"}, blame="backend")
    yield case("nginx, root of a site gone", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": "daemon off;\nevents {}\nhttp { server { listen 8080; root /var/gone; } }\n"})
    yield case("nginx by a script of the image", "nginx", ["/docker-entrypoint.sh"], {"docker-entrypoint.sh": Mode("#!/bin/sh\nset -e\nexec \"$@\"\n", 0o755)}, cmd=run)
    yield case("nginx's log directory below a link", "nginx", run, {"var/log/nginx/access.log": Link("/dev/stdout"), "var/log/nginx/error.log": Link("/dev/stderr")})
    conf = {"etc/u.conf": "server:\n  interface: 127.0.0.1\n  port: 5353\n  username: \"\"\n  chroot: \"\"\n  do-daemonize: no\n"}
    yield case("unbound", "unbound", ["unbound", "-d", "-c", "/etc/u.conf"], conf)
    yield case("unbound -c gone", "unbound", ["unbound", "-d", "-c", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("unbound, user unknown", "unbound", ["unbound", "-d", "-c", "/etc/u.conf"], {"etc/u.conf": conf["etc/u.conf"].replace('username: ""', 'username: "ghost"')}, blame="ghost")
    yield case("named -c gone", "bind", ["named", "-g", "-c", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("named", "bind", ["named", "-g", "-c", "/etc/n.conf", "-p", "5353"], {"etc/n.conf": "options { directory \"/var/cache/bind\"; };\n"})
    yield case("named, directory gone", "bind", ["named", "-g", "-c", "/etc/n.conf", "-p", "5353"], {"etc/n.conf": "options { directory \"/var/gone\"; };\n"}, blame="/var/gone")
    yield case("named, include gone", "bind", ["named", "-g", "-c", "/etc/n.conf", "-p", "5353"], {"etc/n.conf": "include \"/etc/gone.conf\";\n"}, blame="gone.conf")
    yield case("named -u unknown", "bind", ["named", "-g", "-u", "ghost", "-c", "/etc/n.conf"], {"etc/n.conf": "options { };\n"}, blame="ghost")
    yield case("stunnel, configuration gone", "stunnel", ["stunnel4", "/etc/s.conf"], blame="/etc/s.conf")
    yield case("stunnel", "stunnel", ["stunnel4", "/etc/s.conf"], {"etc/s.conf": "foreground = yes\npid =\n[x]\nclient = yes\naccept = 127.0.0.1:8000\nconnect = 127.0.0.1:8001\n"})
    yield case("stunnel, certificate gone", "stunnel", ["stunnel4", "/etc/s.conf"], {"etc/s.conf": "foreground = yes\npid =\n[x]\ncert = /etc/gone.pem\naccept = 127.0.0.1:8000\nconnect = 127.0.0.1:8001\n"}, blame="gone.pem")
    yield case("varnishd -f gone", "varnish", ["varnishd", "-F", "-f", "/etc/gone.vcl"], blame="/etc/gone.vcl")
    yield case("varnishd without a compiler", "varnish", ["varnishd", "-F", "-a", "127.0.0.1:8000", "-b", "127.0.0.1:8001"], blame="")
    yield case("dnsmasq", "dnsmasq", ["dnsmasq", "-k", "-p", "5353", "-u", "root"])
    yield case("dnsmasq -C gone", "dnsmasq", ["dnsmasq", "-k", "-C", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("dnsmasq, user unknown", "dnsmasq", ["dnsmasq", "-k", "-p", "5353", "-u", "ghost"], blame="ghost")
    yield case("sshd without keys", "sshd", ["/usr/sbin/sshd", "-D", "-e"], {"etc/ssh/sshd_config": "Port 2222\n"}, blame="")
    yield case("sshd -f gone", "sshd", ["/usr/sbin/sshd", "-D", "-e", "-f", "/etc/gone"], blame="/etc/gone")
    yield case("sshd by a bare name", "sshd", ["sshd", "-D", "-e"], {"etc/ssh/sshd_config": "Port 2222\n"}, blame="")
    yield case("vsftpd, configuration gone", "vsftpd", ["vsftpd", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("rsyslogd", "rsyslog", ["rsyslogd", "-n", "-f", "/etc/r.conf", "-i", "NONE"], {"etc/r.conf": "module(load=\"imudp\")\n*.* /dev/stdout\n"})
    yield case("rsyslogd -f gone", "rsyslog", ["rsyslogd", "-n", "-f", "/etc/gone.conf", "-i", "NONE"], blame="/etc/gone.conf")
    yield case("chronyd -f gone", "chrony", ["chronyd", "-d", "-x", "-f", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("tor", "tor", ["tor", "--DataDirectory", "/tmp/t", "--SocksPort", "9050"])
    yield case("tor -f gone", "tor", ["tor", "-f", "/etc/gone"], blame="/etc/gone")
    yield case("ngircd -f gone", "ngircd", ["ngircd", "-n", "-f", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("mariadbd for root", "maria", ["mariadbd", "--datadir=/var/lib/mysql"], blame="")
    yield case("mariadbd, data not made", "maria", ["mariadbd", "--datadir=/var/lib/mysql", "--user=mysql"], blame="")
    yield case("mariadbd --version", "maria", ["mariadbd", "--version"])
    yield case("mariadbd, user unknown", "maria", ["mariadbd", "--user=ghost"], blame="ghost")
    yield case("dovecot -c gone", "dovecot", ["dovecot", "-F", "-c", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("prometheus", "prometheus", ["prometheus", "--config.file=/etc/p.yml", "--storage.tsdb.path=/tmp/p", "--web.listen-address=127.0.0.1:9090"], {"etc/p.yml": "global: {}\n"})
    yield case("prometheus, configuration gone", "prometheus", ["prometheus", "--config.file=/etc/gone.yml", "--storage.tsdb.path=/tmp/p"], blame="/etc/gone.yml")
    yield case("prometheus, no place for its data", "prometheus", ["prometheus", "--config.file=/etc/p.yml", "--storage.tsdb.path=/data", "--web.listen-address=127.0.0.1:9090"], {"etc/p.yml": "global: {}\n"}, user="app", blame="/data")
    yield case("etcd", "etcd", ["etcd", "--data-dir", "/tmp/e"])
    yield case("etcd, configuration gone", "etcd", ["etcd", "--config-file", "/etc/gone.yml"], blame="/etc/gone.yml")
    yield case("restic", "restic", ["restic", "version"])
    yield case("cron", "cron", ["cron", "-f"])
    yield case("monit -c gone", "monit", ["monit", "-I", "-c", "/etc/gone"], blame="/etc/gone")
    yield case("cmake", "cmake", ["cmake", "--version"])
    yield case("cmake without its library", "cmake", ["cmake", "--version"], {"usr/share/cmake-3.25": GONE}, blame="cmake")
    yield case("dot without plugins", "graphviz", ["sh", "-c", "echo 'digraph{a}' | dot -Tsvg"], {LIB + "graphviz": GONE}, blame="")
    yield case("convert without coders", "magick", ["convert", "-size", "1x1", "xc:red", "txt:-"], {LIB + "ImageMagick-6.9.11": GONE})
    yield case("nmap without its data", "nmap", ["nmap", "-sL", "127.0.0.1"], {"usr/share/nmap": GONE})
    yield case("socat", "socat", ["socat", "TCP-LISTEN:8000,bind=127.0.0.1,fork", "EXEC:/bin/cat"])
    yield case("uwsgi, plugin gone", "uwsgi", ["uwsgi-core", "--plugin", "gone", "--http-socket", "127.0.0.1:8000"], blame="gone")
    yield case("uwsgi, ini gone", "uwsgi", ["uwsgi-core", "--ini", "/etc/gone.ini"], blame="/etc/gone.ini")
    yield case("redis, directory closed for USER", "redis2", ["redis-server", "--dir", "/data", "--port", "6380"], {"data": Mode(None, 0o700)}, user="app", blame="/data")
    yield case("redis, log's directory gone", "redis2", ["redis-server", "--logfile", "/var/none/r.log", "--port", "6380"], blame="/var/none")
    yield case("redis, option of nobody", "redis2", ["redis-server", "/etc/r.conf"], {"etc/r.conf": "port 6380\ngone-option yes\n"}, blame="gone-option")
    yield case("redis-cli", "redis2", ["redis-cli", "--version"])
    yield case("php-fpm without pools", "fpm2", ["php-fpm8.2", "-F", "-y", "/etc/f.conf"], {"etc/f.conf": "[global]\nerror_log = /dev/stderr\ninclude=/etc/php/8.2/fpm/none.d/*.conf\n"}, blame="")
    yield case("haproxy, error file gone", "haproxy2", ["haproxy", "-W", "-db", "-f", "/etc/h.cfg"], {"etc/h.cfg": "defaults\n    mode http\n    timeout client 1s\n    timeout server 1s\n    timeout connect 1s\n    errorfile 503 /etc/gone.http\nfrontend f\n    bind 127.0.0.1:8080\n"}, blame="gone.http")
    yield case("haproxy, certificate gone", "haproxy2", ["haproxy", "-W", "-db", "-f", "/etc/h.cfg"], {"etc/h.cfg": "defaults\n    mode http\n    timeout client 1s\n    timeout server 1s\n    timeout connect 1s\nfrontend f\n    bind 127.0.0.1:8443 ssl crt /etc/gone.pem\n"}, blame="gone.pem")

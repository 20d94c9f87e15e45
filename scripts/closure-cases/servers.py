"""Servers and tools of Debian as their packages leave them: what they are configured by, what they load, what they look up."""

LIB = "usr/lib/x86_64-linux-gnu/"
EMPTY = ("run", "var/log", "var/cache", "var/lib", "var/tmp")
USERS = {"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:w:/var/www:/bin/false\napp:x:1000:1000::/home/app:/bin/sh\nredis:x:101:101::/:\nmosquitto:x:102:102::/:\npostgres:x:103:103::/:\nhaproxy:x:104:104::/:\nmemcache:x:105:105::/:\nnobody:x:65534:65534::/:\n",
         "etc/group": "root:x:0:\nwww-data:x:33:\napp:x:1000:\nredis:x:101:\nmosquitto:x:102:\npostgres:x:103:\nhaproxy:x:104:\nmemcache:x:105:\nadm:x:4:\nnogroup:x:65534:\n"}


def server(*packages, directories=(), links=None):
    files = packaged(*packages, "dash", links={"usr/bin/sh": "dash", **(links or {})})
    for name in (*EMPTY, *directories): files.setdefault(name.strip("/"), DIRECTORY)
    return {**files, **USERS}


def git():
    files = server("git", "libcurl3-gnutls", "coreutils")
    return {**files, "etc/gitconfig": "[safe]\n\tdirectory = *\n"}


bases = {"nginx": lambda: server("nginx-light", directories=("var/log/nginx", "var/lib/nginx")), "redis": lambda: server("redis-server", "redis-tools"),
         "haproxy": lambda: server("haproxy", directories=("var/lib/haproxy",)), "memcached": lambda: server("memcached"), "mosquitto": lambda: server("mosquitto"),
         "lighttpd": lambda: server("lighttpd", directories=("var/log/lighttpd", "var/cache/lighttpd/uploads", "var/www/html")),
         "apache": lambda: {**server("apache2-bin", directories=("var/log/apache2", "etc/apache2", "var/www")), **MIME},
         "fpm": lambda: server("php8.2-fpm", "php8.2-xml", "php8.2-cli", directories=("run/php",), links={"usr/bin/php": "php8.2"}),
         "postgres": lambda: server("postgresql-15", "postgresql-client-15"), "gdb": lambda: server("gdb", "libpython3.11-stdlib"), "vim": lambda: server("vim-tiny", "vim-common"),
         "git": git, "openssl": lambda: server("openssl"), "squid": lambda: server("squid", directories=("var/log/squid", "var/spool/squid"))}
MIME = {"etc/mime.types": "text/html html\n"}
NGINX = "daemon off;\n%s\nevents {}\nhttp { server { listen 127.0.0.1:8080; root /srv; } }\n"
HAPROXY = "global\n    maxconn 10\n%s\ndefaults\n    mode http\n    timeout client 1s\n    timeout server 1s\n    timeout connect 1s\nfrontend f\n    bind 127.0.0.1:8080\n"
APACHE = "ServerName localhost\nListen 127.0.0.1:8080\nPidFile /run/apache.pid\nErrorLog /dev/stderr\nLoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\nLoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n%s\n"
FPM = "[global]\nerror_log = /dev/stderr\ndaemonize = no\n[www]\nlisten = 127.0.0.1:9000\npm = static\npm.max_children = 1\nuser = www-data\ngroup = www-data\n%s\n"


def case(name, base, entry, files=None, **more): return Case("servers", name, base, files or {}, list(entry), seconds=40, **more)


def cases():
    yield from web()
    yield from stores()
    yield from tools()


def web():
    run = ["nginx", "-g", "daemon off;"]
    yield case("nginx", "nginx", run)
    yield case("nginx, its configuration gone", "nginx", run, {"etc/nginx/nginx.conf": GONE}, blame="nginx.conf")
    yield case("nginx -c", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": NGINX % ""})
    yield case("nginx -c gone", "nginx", ["nginx", "-c", "/etc/my.conf", "-g", "daemon off;"], blame="/etc/my.conf")
    yield case("nginx -t", "nginx", ["nginx", "-t"])
    yield case("nginx, log directory gone", "nginx", run, {"var/log/nginx": GONE}, blame="/var/log/nginx")
    yield case("nginx, include gone", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": NGINX % "include /etc/gone.conf;"}, blame="gone.conf")
    yield case("nginx, include of nothing by pattern", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": NGINX % "include /etc/gone/*.conf;"})
    yield case("nginx, module gone", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": "load_module /usr/lib/nginx/modules/gone.so;\n" + NGINX % ""}, blame="gone.so")
    yield case("nginx, user unknown", "nginx", ["nginx", "-c", "/etc/my.conf"], {"etc/my.conf": NGINX % "user ghost;"}, blame="ghost")
    yield case("nginx without libssl", "nginx", run, {LIB + "libssl.so.3": GONE}, blame="libssl.so.3")
    yield case("nginx without libcrypto", "nginx", run, {LIB + "libcrypto.so.3": GONE}, blame="libcrypto.so.3")
    yield case("haproxy", "haproxy", ["haproxy", "-W", "-db", "-f", "/etc/my.cfg"], {"etc/my.cfg": HAPROXY % ""})
    yield case("haproxy -f gone", "haproxy", ["haproxy", "-db", "-f", "/etc/my.cfg"], blame="/etc/my.cfg")
    yield case("haproxy -f, joined", "haproxy", ["haproxy", "-db", "-f/etc/gone.cfg"], blame="/etc/gone.cfg")
    yield case("haproxy -c", "haproxy", ["haproxy", "-c", "-f", "/etc/my.cfg"], {"etc/my.cfg": HAPROXY % ""})
    yield case("haproxy, closed configuration", "haproxy", ["haproxy", "-db", "-f", "/etc/my.cfg"], {"etc/my.cfg": Mode(HAPROXY % "", 0o600)}, user="app", blame="/etc/my.cfg")
    yield case("haproxy without liblua", "haproxy", ["haproxy", "-v"], {LIB + "liblua5.3.so.0": GONE}, blame="liblua5.3.so.0")
    yield case("lighttpd", "lighttpd", ["lighttpd", "-D", "-f", "/etc/my.conf"], {"etc/my.conf": 'server.document-root = "/var/www/html"\nserver.port = 8080\n'})
    yield case("lighttpd -f gone", "lighttpd", ["lighttpd", "-D", "-f", "/etc/my.conf"], blame="/etc/my.conf")
    yield case("lighttpd, module gone", "lighttpd", ["lighttpd", "-D", "-f", "/etc/my.conf"], {"etc/my.conf": 'server.document-root = "/var/www/html"\nserver.port = 8080\nserver.modules = ("mod_gone")\n'}, blame="mod_gone")
    yield case("apache", "apache", ["apache2", "-X", "-f", "/etc/my.conf"], {"etc/my.conf": APACHE % ""})
    yield case("apache -f gone", "apache", ["apache2", "-X", "-f", "/etc/my.conf"], blame="/etc/my.conf")
    yield case("apache, module gone", "apache", ["apache2", "-X", "-f", "/etc/my.conf"], {"etc/my.conf": APACHE % "LoadModule gone_module /usr/lib/apache2/modules/mod_gone.so"}, blame="mod_gone.so")
    yield case("apache, module's library gone", "apache", ["apache2", "-X", "-f", "/etc/my.conf"], {"etc/my.conf": APACHE % "LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so", LIB + "libssl.so.3": GONE}, blame="libssl.so.3")
    yield case("apache, include gone", "apache", ["apache2", "-X", "-f", "/etc/my.conf"], {"etc/my.conf": APACHE % "Include /etc/gone.conf"}, blame="gone.conf")
    yield case("apache, optional include gone", "apache", ["apache2", "-X", "-f", "/etc/my.conf"], {"etc/my.conf": APACHE % "IncludeOptional /etc/gone/*.conf"})
    yield case("apache without libapr", "apache", ["apache2", "-v"], {LIB + "libapr-1.so.0": GONE}, blame="libapr-1.so.0")
    fpm = ["php-fpm8.2", "-F", "-y", "/etc/my.conf"]
    yield case("php-fpm", "fpm", fpm, {"etc/my.conf": FPM % ""})
    yield case("php-fpm, its configuration gone", "fpm", fpm, blame="/etc/my.conf")
    yield case("php-fpm --fpm-config gone", "fpm", ["php-fpm8.2", "--nodaemonize", "--fpm-config", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("php-fpm, user unknown", "fpm", fpm, {"etc/my.conf": (FPM % "").replace("www-data", "ghost")}, blame="ghost")
    yield case("php-fpm without libxml2", "fpm", fpm, {"etc/my.conf": FPM % "", LIB + "libxml2.so.2": GONE}, blame="libxml2.so.2")
    yield case("squid -f gone", "squid", ["squid", "-N", "-f", "/etc/gone.conf"], blame="/etc/gone.conf")
    yield case("squid -v", "squid", ["squid", "-v"])


def stores():
    yield case("redis", "redis", ["redis-server", "--save", "", "--port", "6380"])
    yield case("redis with a file", "redis", ["redis-server", "/etc/my.conf"], {"etc/my.conf": "port 6380\n"})
    yield case("redis with a file that is gone", "redis", ["redis-server", "/etc/my.conf"], blame="/etc/my.conf")
    yield case("redis with options and a file", "redis", ["redis-server", "/etc/my.conf", "--port", "6380"], blame="/etc/my.conf")
    yield case("redis, include gone", "redis", ["redis-server", "/etc/my.conf"], {"etc/my.conf": "port 6380\ninclude /etc/gone.conf\n"}, blame="gone.conf")
    yield case("redis, module gone", "redis", ["redis-server", "--port", "6380", "--loadmodule", "/opt/gone.so"], blame="gone.so")
    yield case("redis, directory gone", "redis", ["redis-server", "--dir", "/data", "--port", "6380"], blame="/data")
    yield case("redis for an app", "redis", ["redis-server", "--port", "6380"], user="app")
    yield case("redis without libjemalloc", "redis", ["redis-server", "--version"], {LIB + "libjemalloc.so.2": GONE}, blame="libjemalloc.so.2")
    yield case("memcached", "memcached", ["memcached", "-u", "memcache", "-l", "127.0.0.1"])
    yield case("memcached, user unknown", "memcached", ["memcached", "-u", "ghost", "-l", "127.0.0.1"], blame="ghost")
    yield case("memcached as root", "memcached", ["memcached", "-l", "127.0.0.1"], blame="")
    yield case("memcached by USER", "memcached", ["memcached", "-l", "127.0.0.1"], user="app")
    yield case("memcached without libevent", "memcached", ["memcached", "-V"], {LIB + "libevent-2.1.so.7": GONE}, blame="libevent-2.1.so.7")
    yield case("mosquitto", "mosquitto", ["mosquitto", "-c", "/etc/my.conf"], {"etc/my.conf": "listener 1883 127.0.0.1\n"})
    yield case("mosquitto -c gone", "mosquitto", ["mosquitto", "-c", "/etc/my.conf"], blame="/etc/my.conf")
    yield case("mosquitto without configuration", "mosquitto", ["mosquitto"])
    yield case("mosquitto without libcjson", "mosquitto", ["mosquitto"], {LIB + "libcjson.so.1": GONE}, blame="libcjson.so.1")
    pg = "/usr/lib/postgresql/15/bin/"
    yield case("postgres --version", "postgres", [pg + "postgres", "--version"])
    yield case("postgres for root", "postgres", [pg + "postgres", "-D", "/data"], blame="")
    yield case("postgres, data gone", "postgres", [pg + "postgres", "-D", "/data"], user="postgres", blame="/data")
    yield case("postgres, data by PGDATA gone", "postgres", [pg + "postgres"], user="postgres", env=["PGDATA=/data"], blame="/data")
    yield case("postgres without libicu", "postgres", [pg + "postgres", "--version"], {LIB + "libicuuc.so.72": GONE}, blame="libicuuc.so.72")
    yield case("postgres off PATH", "postgres", ["postgres", "--version"], blame="postgres")
    yield case("postgres on PATH", "postgres", ["postgres", "--version"], env=[f"PATH={pg}:/usr/bin"])
    yield case("psql is a Perl script", "postgres", ["psql", "--version"], blame="perl")


def tools():
    yield case("gdb", "gdb", ["gdb", "--version"])
    yield case("gdb without libpython", "gdb", ["gdb", "--version"], {LIB + "libpython3.11.so.1.0": GONE}, blame="libpython3.11.so.1.0")
    yield case("vim", "vim", ["vim.tiny", "--version"])
    yield case("vim without libtinfo", "vim", ["vim.tiny", "--version"], {LIB + "libtinfo.so.6": GONE}, blame="libtinfo.so.6")
    yield case("openssl", "openssl", ["openssl", "version"])
    yield case("openssl without libcrypto", "openssl", ["openssl", "version"], {LIB + "libcrypto.so.3": GONE}, blame="libcrypto.so.3")
    yield case("openssl, provider gone", "openssl", ["openssl", "version"], {LIB + "ossl-modules/legacy.so": GONE})
    yield case("git", "git", ["git", "--version"])
    yield case("git builtin", "git", ["git", "config", "--list"])
    yield case("git helper", "git", ["git", "remote-https", "--help"], {"usr/lib/git-core/git-remote-https": GONE, "usr/lib/git-core/git-remote-http": GONE}, blame="remote-https")
    yield case("git command gone", "git", ["git", "gone"], blame="gone")
    yield case("git command on PATH", "git", ["git", "hello"], {"usr/local/bin/git-hello": "#!/bin/sh\necho READY\n"})
    yield case("git command of another interpreter", "git", ["git", "hello"], {"usr/local/bin/git-hello": "#!/usr/bin/gone\necho READY\n"}, blame="/usr/bin/gone")
    yield case("git daemon", "git", ["git", "daemon", "--listen=127.0.0.1", "--base-path=/srv"], {"srv": DIRECTORY})
    yield case("git -C", "git", ["git", "-C", "/srv", "hello"], {"srv": DIRECTORY, "usr/local/bin/git-hello": "#!/bin/sh\necho READY\n"})
    yield case("git -C gone", "git", ["git", "-C", "/gone", "config", "--list"], blame="/gone")

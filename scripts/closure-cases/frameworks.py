"""Applications on the frameworks that Debian packages: Python, Ruby, Node, Perl, PHP, Java, Guile and Tcl."""
import os

DIST = "usr/lib/python3/dist-packages/"
LIB = "usr/lib/x86_64-linux-gnu/"


def walk(root, below):
    files = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            target = os.path.join(below, os.path.relpath(path, root))
            files[target] = Link(os.readlink(path)) if os.path.islink(path) else Host(path)
    return files


def node():
    files = packaged("libstdc++6", "dash", links={"usr/bin/sh": "dash"}) | {"usr/bin/node": Host("/usr/bin/node")}
    for name in EXPRESS: files |= walk("/usr/share/nodejs/" + name, "app/node_modules/" + name)
    return files


EXPRESS = ["accepts", "array-flatten", "body-parser", "bytes", "call-bind", "content-disposition", "content-type", "cookie", "cookie-signature", "debug", "depd", "destroy", "ee-first", "encodeurl", "escape-html", "etag", "express", "finalhandler", "forwarded", "fresh", "function-bind", "get-intrinsic", "has-symbols", "http-errors",
           "iconv-lite", "inherits", "ipaddr.js", "media-typer", "merge-descriptors", "methods", "mime", "mime-db", "mime-types", "mime-score", "ms", "negotiator", "object-inspect", "on-finished", "parseurl", "path-to-regexp", "proxy-addr", "qs", "range-parser", "raw-body", "safe-buffer", "safer-buffer", "send", "serve-static", "setprototypeof", "side-channel",
           "statuses", "toidentifier", "type-is", "unpipe", "utils-merge", "vary", "array-flatten", "has", "side-channel", "function-bind", "has-symbols", "get-intrinsic"]
EXPRESS = [n for n in dict.fromkeys(EXPRESS) if os.path.isdir("/usr/share/nodejs/" + n)]
BLAS = {LIB + "libblas.so.3": "blas/libblas.so.3", LIB + "liblapack.so.3": "lapack/liblapack.so.3"}
bases = {"web": lambda: packaged("python3", "python3-flask", "gunicorn", "uvicorn", "python3-django", "celery", "python3-fastapi", "python3-pkg-resources", "python3-requests", "python3-sqlalchemy", "dash", links={"usr/bin/sh": "dash"}),
         "science": lambda: packaged("python3", "python3-pandas", "python3-lxml", "python3-psycopg2", "python3-yaml", "python3-bcrypt", "python3-cryptography", "python3-pil", "python3-cffi-backend", "libgfortran5", links=BLAS),
         "rack": lambda: packaged("ruby", "ruby3.1", "ruby-sinatra", "puma", "ruby-nokogiri", "ruby-pg", "dash", links={"usr/bin/sh": "dash", "usr/bin/ruby": "ruby3.1"}),
         "express": node,
         "plack": lambda: packaged("perl", "perl-base", "perl-modules-5.36", "libperl5.36", "starman", "libjson-xs-perl", "libxml-libxml-perl", "libdbi-perl", "libyaml-libyaml-perl", links={}),
         "guile": lambda: packaged("guile-3.0", "guile-3.0-libs", links={"usr/bin/guile": "../lib/x86_64-linux-gnu/guile/3.0/bin/guile"}), "tcl": lambda: packaged("tcl", "tcl8.6", links={"usr/bin/tclsh": "tclsh8.6"})}
FLASK = "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef index():\n    return 'x'\n"
WSGI = {"srv/app.py": FLASK, "srv/factory.py": "def create_app():\n    from flask import Flask\n    return Flask(__name__)\n", "srv/needs.py": "import gone_module\n" + FLASK}
DJANGO = {"srv/manage.py": "#!/usr/bin/python3\nimport os\nimport sys\ndef main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n    try:\n        from django.core.management import execute_from_command_line\n    except ImportError as exc:\n        raise ImportError('no Django') from exc\n    execute_from_command_line(sys.argv)\nif __name__ == '__main__':\n    main()\n",
          "srv/site1/__init__.py": "", "srv/site1/settings.py": "SECRET_KEY = 'x'\nINSTALLED_APPS = ['shop']\nROOT_URLCONF = 'site1.urls'\nUSE_TZ = True\nALLOWED_HOSTS = ['*']\nDEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\n", "srv/site1/urls.py": "urlpatterns = []\n",
          "srv/site1/wsgi.py": "import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\napplication = get_wsgi_application()\n", "srv/shop/__init__.py": ""}


def case(name, base, entry, files=None, **more):
    return Case("frameworks", name, base, files or {}, list(entry), workdir=more.pop("workdir", "/srv"), seconds=40, **more)


def cases():
    yield from python()
    yield from science()
    yield from ruby()
    yield from express()
    yield from perl()
    yield from others()


def python():
    def web(name, entry, files=None, **more): return case(name, "web", entry, {**WSGI, **(files or {})}, **more)
    serve = ["gunicorn", "-b", "127.0.0.1:8000"]
    yield web("flask run", ["flask", "--app", "app", "run"])
    yield web("flask, app gone", ["flask", "--app", "gone", "run"], blame="gone")
    yield web("flask by FLASK_APP", ["flask", "run"], env=["FLASK_APP=app"])
    yield web("flask without werkzeug", ["flask", "--app", "app", "run"], {DIST + "werkzeug": GONE}, blame="werkzeug")
    yield web("flask without jinja2", ["python3", "-m", "flask", "--app", "app", "run"], {DIST + "jinja2": GONE}, blame="jinja2")
    yield web("flask app.py", ["python3", "app.py"], {"srv/app.py": FLASK + "if __name__ == '__main__':\n    app.run(port=8000)\n"})
    yield web("flask app.py, markupsafe gone", ["python3", "app.py"], {DIST + "markupsafe/__init__.py": GONE}, blame="markupsafe")
    yield web("gunicorn", [*serve, "app:app"])
    yield web("gunicorn, import gone", [*serve, "needs:app"], blame="gone_module")
    yield web("gunicorn, app gone", [*serve, "wsgi:app"], blame="wsgi")
    yield web("gunicorn, name gone", [*serve, "app:application"], blame="application")
    yield web("gunicorn, factory", [*serve, "factory:create_app()"])
    yield web("gunicorn --chdir", [*serve, "--chdir", "/srv", "app:app"], workdir="/")
    yield web("gunicorn --chdir gone", [*serve, "--chdir", "/gone", "app:app"], workdir="/", blame="/gone")
    yield web("gunicorn -c gone", [*serve, "-c", "/etc/gone.py", "app:app"], blame="/etc/gone.py")
    yield web("gunicorn -c", ["gunicorn", "-c", "conf.py", "app:app"], {"srv/conf.py": "bind = '127.0.0.1:8000'\nworkers = 1\n"})
    yield web("gunicorn -k gone", [*serve, "-k", "gevent", "app:app"], blame="gevent")
    yield web("gunicorn GUNICORN_CMD_ARGS", ["gunicorn", "app:app"], env=["GUNICORN_CMD_ARGS=-b 127.0.0.1:8000"])
    yield web("gunicorn --pythonpath", [*serve, "--pythonpath", "/srv", "app:app"], workdir="/")
    asgi = {"srv/main.py": "from fastapi import FastAPI\napp = FastAPI()\n"}
    yield web("uvicorn", ["uvicorn", "main:app", "--port", "8000"], asgi)
    yield web("uvicorn, app gone", ["uvicorn", "server:app", "--port", "8000"], asgi, blame="server")
    yield web("uvicorn, name gone", ["uvicorn", "main:application"], asgi, blame="application")
    yield web("uvicorn without pydantic", ["uvicorn", "main:app"], {**asgi, DIST + "pydantic": GONE}, blame="pydantic")
    yield web("uvicorn --factory", ["uvicorn", "--factory", "factory:create_app", "--port", "8000"])
    yield web("uvicorn --app-dir", ["uvicorn", "--app-dir", "/srv", "main:app"], asgi, workdir="/")
    yield web("uvicorn -m without h11", ["python3", "-m", "uvicorn", "main:app"], {**asgi, DIST + "h11": GONE}, blame="h11")
    yield web("celery", ["python3", "-m", "celery", "-A", "tasks", "report"], {"srv/tasks.py": "from celery import Celery\napp = Celery('tasks')\n"})
    yield web("celery -A gone", ["python3", "-m", "celery", "-A", "gone", "worker"], blame="gone")
    yield web("celery without kombu", ["python3", "-m", "celery", "-A", "tasks", "worker"], {"srv/tasks.py": "from celery import Celery\napp = Celery('tasks')\n", DIST + "kombu": GONE}, blame="kombu")
    yield web("django check", ["python3", "manage.py", "check"], DJANGO)
    yield web("django runserver", ["python3", "manage.py", "runserver", "--noreload", "127.0.0.1:8000"], DJANGO)
    yield web("django, settings gone", ["python3", "manage.py", "check"], {k: v for k, v in DJANGO.items() if "settings" not in k}, blame="settings")
    yield web("django, settings by ENV gone", ["python3", "manage.py", "check"], DJANGO, env=["DJANGO_SETTINGS_MODULE=site1.production"], blame="site1.production")
    yield web("django, app gone", ["python3", "manage.py", "check"], {k: v for k, v in DJANGO.items() if "shop" not in k}, blame="shop")
    yield web("django, urls gone", ["python3", "manage.py", "check"], {k: v for k, v in DJANGO.items() if "urls" not in k}, blame="urls")
    yield web("django by gunicorn", [*serve, "site1.wsgi"], DJANGO)
    yield web("django by gunicorn, settings gone", [*serve, "site1.wsgi:application"], {k: v for k, v in DJANGO.items() if "settings" not in k}, blame="settings")
    yield web("django without sqlparse", ["python3", "manage.py", "check"], {**DJANGO, "srv/site1/settings.py": "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django.contrib.contenttypes']\nROOT_URLCONF = 'site1.urls'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'x'}}\n", DIST + "sqlparse": GONE}, blame="sqlparse")
    yield web("requests", ["python3", "-c", "import requests; print('READY')"])
    yield web("requests without urllib3", ["python3", "-c", "import requests; print('READY')"], {DIST + "urllib3": GONE}, blame="urllib3")
    yield web("requests without idna", ["python3", "-c", "import requests; print('READY')"], {DIST + "idna": GONE}, blame="idna")
    yield web("sqlalchemy", ["python3", "-c", "import sqlalchemy; sqlalchemy.create_engine('sqlite://'); print('READY')"])


def science():
    def run(name, text, files=None, **more): return case(name, "science", ["python3", "-c", text + "\nprint('READY')"], files, **more)
    ext = "cpython-311-x86_64-linux-gnu.so"
    yield run("numpy", "import numpy")
    yield run("numpy without BLAS", "import numpy", {LIB + "libblas.so.3": GONE}, blame="libblas.so.3")
    yield run("numpy without its core", "import numpy", {DIST + f"numpy/core/_multiarray_umath.{ext}": GONE}, blame="_multiarray_umath")
    yield run("pandas", "import pandas")
    yield run("pandas without numpy", "import pandas", {DIST + "numpy": GONE}, blame="numpy")
    yield run("pandas without dateutil", "import pandas", {DIST + "dateutil": GONE}, blame="dateutil")
    yield run("pandas without pytz", "import pandas", {DIST + "pytz": GONE}, blame="pytz")
    yield run("lxml", "import lxml.etree")
    yield run("lxml without libxslt", "import lxml.etree", {LIB + "libxslt.so.1": GONE}, blame="libxslt.so.1")
    yield run("lxml without its extension", "import lxml.etree", {DIST + f"lxml/etree.{ext}": GONE}, blame="etree")
    yield run("psycopg2", "import psycopg2")
    yield run("psycopg2 without libpq", "import psycopg2", {LIB + "libpq.so.5": GONE}, blame="libpq.so.5")
    yield run("yaml without its extension", "import yaml", {DIST + f"yaml/_yaml.{ext}": GONE})
    yield run("bcrypt", "import bcrypt")
    yield run("bcrypt without cffi", "import bcrypt", {DIST + "_cffi_backend." + ext.replace("cpython-311", "cpython-311"): GONE}, blame="_cffi_backend")
    yield run("cryptography", "from cryptography.fernet import Fernet; Fernet.generate_key()")
    yield run("cryptography without libssl", "from cryptography.fernet import Fernet; Fernet.generate_key()", {LIB + "libssl.so.3": GONE}, blame="libssl.so.3")
    yield run("PIL", "from PIL import Image; Image.new('RGB', (1, 1))")
    yield run("PIL without libjpeg", "from PIL import Image; Image.new('RGB', (1, 1))", {LIB + "libjpeg.so.62": GONE}, blame="libjpeg.so.62")


def ruby():
    def rack(name, entry, files=None, **more): return case(name, "rack", entry, files, **more)
    sinatra = {"srv/app.rb": "require 'sinatra'\nset :port, 8000\nset :bind, '127.0.0.1'\nget('/') { 'x' }\n"}
    ru = {"srv/config.ru": "require_relative 'web'\nrun Web\n", "srv/web.rb": "require 'sinatra/base'\nclass Web < Sinatra::Base\n  get('/') { 'x' }\nend\n"}
    yield rack("sinatra", ["ruby", "app.rb"], sinatra)
    yield rack("sinatra without mustermann", ["ruby", "app.rb"], {**sinatra, "usr/share/rubygems-integration/all/gems/mustermann-1.1.1/lib/mustermann.rb": GONE}, blame="mustermann")
    yield rack("puma", ["puma", "-b", "tcp://127.0.0.1:8000"], ru)
    yield rack("puma, config.ru gone", ["puma", "-b", "tcp://127.0.0.1:8000"], blame="config.ru")
    yield rack("puma, config.ru needs", ["puma", "-b", "tcp://127.0.0.1:8000"], {**ru, "srv/web.rb": GONE}, blame="web")
    yield rack("puma other.ru", ["puma", "-b", "tcp://127.0.0.1:8000", "other.ru"], {**ru, "srv/other.ru": ru["srv/config.ru"]})
    yield rack("puma -C gone", ["puma", "-C", "config/gone.rb"], ru, blame="gone.rb")
    yield rack("nokogiri", ["ruby", "-e", "require 'nokogiri'; puts 'READY'"])
    yield rack("nokogiri without libxml2", ["ruby", "-e", "require 'nokogiri'; puts 'READY'"], {LIB + "libxml2.so.2": GONE}, blame="libxml2.so.2")
    yield rack("pg", ["ruby", "-r", "pg", "-e", "puts 'READY'"])
    yield rack("pg without libpq", ["ruby", "-r", "pg", "-e", "puts 'READY'"], {LIB + "libpq.so.5": GONE}, blame="libpq.so.5")
    yield rack("-I and -r", ["ruby", "-I", "lib", "-r", "here", "-e", "puts 'READY'"], {"srv/lib/here.rb": ""})
    yield rack("-r gone", ["ruby", "-rgone_one", "-e", "puts 'READY'"], blame="gone_one")


def express():
    if not os.path.isdir("/usr/share/nodejs/express"): return
    app = {"app/server.js": "const express = require('express');\nconst app = express();\napp.get('/', (q, s) => s.send('x'));\napp.listen(8000, '127.0.0.1', () => console.log('READY'));\n"}
    def run(name, files=None, **more): return case(name, "express", ["node", "server.js"], {**app, **(files or {})}, workdir="/app", **more)
    yield run("express")
    for gone in ("qs", "accepts", "body-parser", "ms"): yield run(f"express without {gone}", {f"app/node_modules/{gone}": GONE}, blame=gone)
    yield run("express elsewhere", {"srv/server.js": app["app/server.js"]})
    yield case("express by NODE_PATH", "express", ["node", "/srv/server.js"], {"srv/server.js": app["app/server.js"]}, env=["NODE_PATH=/app/node_modules"])
    yield case("express off NODE_PATH", "express", ["node", "/srv/server.js"], {"srv/server.js": app["app/server.js"]}, blame="express")
    yield run("express, own route gone", {"app/server.js": "const r = require('./routes');\n" + app["app/server.js"]}, blame="routes")


def perl():
    def run(name, text, files=None, **more): return case(name, "plack", ["perl", "-e", text + ' print "READY\\n";'], files, **more)
    auto = LIB + "perl5/5.36/"
    yield run("JSON::XS", "use JSON::XS; encode_json({});")
    yield run("JSON::XS without its library", "use JSON::XS;", {auto + "auto/JSON/XS/XS.so": GONE}, blame="XS.so")
    yield run("JSON::XS without Types::Serialiser", "use JSON::XS;", {"usr/share/perl5/Types/Serialiser.pm": GONE}, blame="Types::Serialiser")
    yield run("XML::LibXML", "use XML::LibXML;")
    yield run("XML::LibXML without libxml2", "use XML::LibXML;", {LIB + "libxml2.so.2": GONE}, blame="libxml2.so.2")
    yield run("DBI", "use DBI;")
    yield run("DBI without its library", "use DBI;", {auto + "auto/DBI/DBI.so": GONE}, blame="DBI.so")
    yield run("YAML::XS", "use YAML::XS; Dump({});")
    yield run("POSIX without its library", "use POSIX;", {LIB + "perl-base/auto/POSIX/POSIX.so": GONE, LIB + "perl/5.36/auto/POSIX/POSIX.so": GONE}, blame="POSIX.so")
    psgi = {"srv/app.psgi": "use strict;\nsub { [200, [], ['x']] };\n"}
    yield case("starman", "plack", ["starman", "--listen", "127.0.0.1:8000", "app.psgi"], psgi)
    yield case("starman, app gone", "plack", ["starman", "--listen", "127.0.0.1:8000", "app.psgi"], blame="app.psgi")
    yield case("starman, app needs", "plack", ["starman", "--preload-app", "--listen", "127.0.0.1:8000", "app.psgi"], {"srv/app.psgi": "use Gone::One;\nsub { [200, [], []] };\n"}, blame="Gone::One")
    yield case("starman without Net::Server", "plack", ["starman", "app.psgi"], {**psgi, "usr/share/perl5/Net/Server.pm": GONE}, blame="Net")
    yield case("plackup", "plack", ["plackup", "--host", "127.0.0.1", "app.psgi"], psgi)


def others():
    yield case("guile", "guile", ["guile", "-c", '(display "READY")'])
    yield case("guile without its modules", "guile", ["guile", "-c", '(display "READY")'], {"usr/share/guile": GONE, "usr/lib/x86_64-linux-gnu/guile": GONE}, blame="guile")
    yield case("guile script gone", "guile", ["guile", "/srv/gone.scm"], blame="gone.scm")
    yield case("tclsh", "tcl", ["tclsh", "/srv/a.tcl"], {"srv/a.tcl": "puts READY\n"})
    yield case("tclsh script gone", "tcl", ["tclsh", "/srv/gone.tcl"], blame="gone.tcl")
    yield case("tclsh, source gone", "tcl", ["tclsh", "/srv/a.tcl"], {"srv/a.tcl": "source /srv/gone.tcl\nputs READY\n"}, blame="gone.tcl")
    yield case("tclsh, package gone", "tcl", ["tclsh", "/srv/a.tcl"], {"srv/a.tcl": "package require Gone\nputs READY\n"}, blame="Gone")
    yield case("tclsh without its library", "tcl", ["tclsh", "/srv/a.tcl"], {"srv/a.tcl": "puts READY\n", "usr/share/tcltk/tcl8.6/init.tcl": GONE})

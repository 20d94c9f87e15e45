"""Python's usual packages as their index has them, in a virtual environment: each program whole, and without one file that it reads."""
import hashlib, os, re, subprocess

NAME = "opt/venv"
bases = {"wheels": lambda: base()}
APPS = {"srv/flaskapp.py": "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\napp = Flask(__name__)\napp.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'\ndb = SQLAlchemy(app)\n@app.route('/')\ndef index():\n    return 'x'\n",
        "srv/fastapp.py": "from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    port: int = 80\napp = FastAPI()\nsettings = Settings()\n@app.get('/')\nasync def root():\n    return {}\n",
        "srv/numbers.py": "", "srv/frames.py": "import pandas as pd\nprint(pd.DataFrame({'a': [1]}).describe())\nprint('READY')\n",
        "srv/crypto.py": "from cryptography.hazmat.primitives import hashes\nfrom cryptography.fernet import Fernet\nFernet(Fernet.generate_key())\nprint('READY')\n",
        "srv/pictures.py": "from PIL import Image\nImage.new('RGB', (2, 2)).resize((4, 4))\nprint('READY')\n", "srv/xml1.py": "from lxml import etree\netree.fromstring('<a/>')\nprint('READY')\n",
        "srv/database.py": "import psycopg2\nfrom sqlalchemy import create_engine\ncreate_engine('postgresql+psycopg2://a:b@h/d')\nprint('READY')\n", "srv/rpc.py": "import grpc\ns = grpc.insecure_channel('x:1')\nprint('READY')\n",
        "srv/json1.py": "import orjson, yaml, httpx\norjson.dumps({}); yaml.safe_load('a: 1'); httpx.Client()\nprint('READY')\n", "srv/tasks.py": "from celery import Celery\napp = Celery('tasks', broker='memory://')\n@app.task\ndef add(x, y):\n    return x + y\nprint('READY')\n",
        "srv/cli.py": "import typer\napp = typer.Typer()\n@app.command()\ndef main(name: str = 'x'):\n    print('READY')\nif __name__ == '__main__':\n    app()\n", "srv/green.py": "from gevent import monkey\nmonkey.patch_all()\nimport gevent\ngevent.sleep(0)\nprint('READY')\n",
        "srv/sanicapp.py": "from sanic import Sanic\napp = Sanic('x')\nprint('READY')\n", "srv/sched.py": "from apscheduler.schedulers.blocking import BlockingScheduler\nBlockingScheduler()\nprint('READY')\n",
        "srv/queue1.py": "import dramatiq\nfrom dramatiq.brokers.stub import StubBroker\ndramatiq.set_broker(StubBroker())\n@dramatiq.actor\ndef f():\n    pass\nprint('READY')\n",
        "srv/site1/__init__.py": "", "srv/site1/settings.py": "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django.contrib.auth', 'django.contrib.contenttypes', 'rest_framework']\nROOT_URLCONF = 'site1.urls'\nUSE_TZ = True\nALLOWED_HOSTS = ['*']\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\n",
        "srv/site1/urls.py": "from rest_framework.routers import DefaultRouter\nurlpatterns = DefaultRouter().urls\n", "srv/site1/wsgi.py": "import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\napplication = get_wsgi_application()\n",
        "srv/site1/asgi.py": "import os\nfrom django.core.asgi import get_asgi_application\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\napplication = get_asgi_application()\n",
        "srv/manage.py": "#!/usr/bin/env python\nimport os, sys\ndef main():\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n    from django.core.management import execute_from_command_line\n    execute_from_command_line(sys.argv)\nif __name__ == '__main__':\n    main()\n"}
V = "/opt/venv/bin/"
ENTRIES = {"gunicorn flask": [V + "gunicorn", "-b", "127.0.0.1:8000", "flaskapp:app"], "flask run": [V + "flask", "--app", "flaskapp", "run"], "uvicorn fastapi": [V + "uvicorn", "fastapp:app", "--port", "8000"], "gunicorn uvicorn": [V + "gunicorn", "-k", "uvicorn.workers.UvicornWorker", "-b", "127.0.0.1:8000", "fastapp:app"],
           "hypercorn": [V + "hypercorn", "-b", "127.0.0.1:8000", "fastapp:app"], "daphne": [V + "daphne", "-b", "127.0.0.1", "site1.asgi:application"], "gunicorn django": [V + "gunicorn", "-b", "127.0.0.1:8000", "site1.wsgi"], "django check": [V + "python", "manage.py", "check"], "django runserver": [V + "python", "manage.py", "runserver", "--noreload", "127.0.0.1:8000"],
           "python -m uvicorn": [V + "python", "-m", "uvicorn", "fastapp:app"], "gunicorn gevent": [V + "gunicorn", "-k", "gevent", "-b", "127.0.0.1:8000", "flaskapp:app"], "celery": [V + "celery", "-A", "tasks", "report"], "alembic": [V + "alembic", "--version"], "black": [V + "black", "--version"], "ruff": [V + "ruff", "--version"], "mkdocs": [V + "mkdocs", "--version"],
           "pytest": [V + "pytest", "--version"], "pip-compile": [V + "pip-compile", "--version"], "rq": [V + "rq", "--version"], "pip": [V + "pip", "--version"], **{n: [V + "python", f"{n}.py"] for n in ("frames", "crypto", "pictures", "xml1", "database", "rpc", "json1", "tasks", "cli", "green", "sanicapp", "sched", "queue1")}}


def base():
    """The environment is made once, in the work directory: VENV names one that is there already."""
    root = os.environ.get("VENV", f"{work}/venv")
    files = packaged("python3", "libpython3.11-stdlib", "dash", "libstdc++6", "coreutils", links={"usr/bin/sh": "dash"})
    for directory, folders, names in os.walk(root):
        if "/tests" in directory or directory.endswith("__pycache__"): continue
        for name in names + [f for f in folders if os.path.islink(os.path.join(directory, f))]:
            path = os.path.join(directory, name)
            place = NAME + path[len(root):]
            if os.path.islink(path): files[place] = Link(os.readlink(path))
            elif directory == root + "/bin":
                with open(path, "rb") as file: data = file.read()
                files[place] = Mode(data.replace(root.encode(), b"/opt/venv"), 0o755) if data[:2] == b"#!" else Host(path)
            else: files[place] = Host(path)
    return {**files, **{k: v for k, v in APPS.items()}}


def read(root, entry):
    """The files of the environment that a program reads in its first seconds."""
    known = f"{work}/real-{hashlib.sha256(' '.join(entry).encode()).hexdigest()[:12]}.txt"
    if not os.path.exists(known):
        directory = f"{work}/real-srv"
        for name, text in APPS.items():
            path = directory + name[3:]
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file: file.write(text)
        words = [w.replace("/opt/venv", root) for w in entry]
        done = subprocess.run(["timeout", "8", "strace", "-f", "-e", "trace=openat", "-o", known + ".trace", *words], cwd=directory, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        with open(known + ".trace", errors="replace") as file: found = re.findall(r'openat\(\w+, "([^"]+)".*\) = \d', file.read())
        names = {re.sub(r"__pycache__/(\w+)\.cpython-311\.pyc", r"\1.py", n)[len(root):] for n in found if n.startswith(root + "/lib/")}
        with open(known, "w") as file: file.write("\n".join(sorted(n for n in names if os.path.isfile(root + n))))
    with open(known) as file: return [n for n in file.read().split("\n") if n]


def cases():
    root = os.environ.get("VENV", f"{work}/venv")
    if not os.path.exists(root + "/bin/python"): return
    for name, entry in ENTRIES.items():
        yield Case("wheels", name, "wheels", {}, entry, workdir="/srv", seconds=12)
        files = read(root, entry)
        ranked = sorted(files, key=lambda f: hashlib.sha256((name + f).encode()).hexdigest())
        libraries = [f for f in ranked if ".so" in f.split("/")[-1]]
        packages = sorted({f.split("/site-packages/")[1].split("/")[0] for f in files if f.count("/") > 4}, key=lambda p: hashlib.sha256((name + p).encode()).hexdigest())
        chosen = ranked[:2] + libraries[:1]
        for file in dict.fromkeys(chosen): yield Case("wheels", f"{name} without {file[5:]}", "wheels", {NAME + file: GONE}, entry, workdir="/srv", seconds=12)
        for package in packages[:2]: yield Case("wheels", f"{name} without package {package}", "wheels", {f"{NAME}/lib/python3.11/site-packages/{package}": GONE}, entry, workdir="/srv", seconds=12)

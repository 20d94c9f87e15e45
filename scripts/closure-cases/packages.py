"""Python packages as their authors publish them, in the virtual environment `venv` of the work directory, if there is one:

    python3 -m venv WORK/venv && WORK/venv/bin/pip install flask gunicorn uvicorn fastapi django requests numpy pandas …
"""
import os, re

SKIPPED = ("pip", "_distutils_hack", "setuptools", "pkg_resources")


def tree():
    """The files of the environment, tests left out."""
    files = {}
    for directory, folders, names in os.walk(f"{work}/venv"):
        folders[:] = [f for f in folders if f not in ("tests", "test", "__pycache__", "include", "locale", "datasets")]
        for name in names:
            path = os.path.join(directory, name)
            files[path[1:]] = Link(os.readlink(path)) if os.path.islink(path) else Host(path)
    return files


def base():
    files = packaged("python3", "libpython3.11-stdlib", "dash", links={"usr/bin/sh": "dash"})
    files.update(tree())
    return files


bases = {"packages": base}


def requirements(site):
    """The modules that distributions need, by the module of the distribution."""
    result = {}
    for name in os.listdir(site):
        if not name.endswith(".dist-info"): continue
        with open(f"{site}/{name}/METADATA", errors="replace") as file: text = file.read().split("\n\n")[0]
        own = re.match(r"[^-]+", name).group(0).replace("-", "_")
        needs = [re.split(r"[ ;<>=!~\[(]", line[15:].strip())[0].replace("-", "_") for line in text.split("\n")
                 if line.startswith("Requires-Dist:") and "extra ==" not in line and "python_version <" not in line]
        result[own.lower()] = [n for n in needs if os.path.exists(f"{site}/{n}") or os.path.exists(f"{site}/{n}.py")]
    return result


def cases():
    site = f"{work}/venv/lib/python3.11/site-packages"
    if not os.path.isdir(site): return
    needs = requirements(site)
    env = [f"PATH={work}/venv/bin:/usr/bin:/bin"]
    for name in sorted(n for n in os.listdir(site) if not (n.endswith(".py") and n[:-3] in os.listdir(site))):
        module = name[:-3] if name.endswith(".py") else name
        if module in SKIPPED or not re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", module) or not (name.endswith(".py") or os.path.exists(f"{site}/{name}/__init__.py")): continue
        entry = ["python", "-c", f"import {module}; print('READY')"]
        yield Case("packages", module, "packages", {}, entry, env=env)
        for need in needs.get(module.lower(), [])[:2]:
            gone = f"{site}/{need}"[1:]
            yield Case("packages", f"{module} without {need}", "packages", {gone if os.path.exists("/" + gone) else gone + ".py": GONE}, entry, env=env)
    web = {"app/app.py": "import os\ndef app(environ, start):\n    start('200 OK', [])\n    return [b'x']\n"}
    for program in ("gunicorn", "uvicorn", "django-admin", "flask", "celery", "normalizer", "sqlformat", "pygmentize", "httpx"):
        if not os.path.exists(f"{work}/venv/bin/{program}"): continue
        yield Case("packages", f"{program} --help", "packages", web, [program, "--help"], env=env, workdir="/app")
    yield Case("packages", "gunicorn application", "packages", web, ["gunicorn", "--check-config", "app:app"], env=env, workdir="/app")
    yield Case("packages", "gunicorn application gone", "packages", web, ["gunicorn", "--check-config", "main:app"], env=env, workdir="/app", blame="main")
    yield Case("packages", "gunicorn application's import gone", "packages", {"app/app.py": "import gone_module\n"}, ["gunicorn", "--check-config", "-w", "2", "app:app"], env=env, workdir="/app", blame="gone_module")

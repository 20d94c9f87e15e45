"""Serves the registry of the package django-oci on a free port of the loopback interface.

usage: registry.py DIRECTORY

Everything is kept in the directory. The port is told on standard error: `listening on 127.0.0.1:PORT`.
"""

import os
import sys
import wsgiref.simple_server

import django
from django.conf import settings
from django.urls import include, path

os.chdir(sys.argv[1])
settings.configure(
    SECRET_KEY="no secret",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "rest_framework.authtoken",
        "django_oci",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "registry.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    USE_TZ=True,
    DJANGO_OCI={"DISABLE_AUTHENTICATION": True, "VIEW_RATE_LIMIT": "100000/s"},
)
django.setup()
urlpatterns = [path("", include("django_oci.urls", namespace="django_oci"))]

from django.core.management import call_command  # noqa: E402  needs the settings
from django.core.wsgi import get_wsgi_application  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
server = wsgiref.simple_server.make_server("127.0.0.1", 0, get_wsgi_application())
print(f"listening on 127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
server.serve_forever()

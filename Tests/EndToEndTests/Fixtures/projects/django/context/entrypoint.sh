#!/bin/sh
set -e
python3 manage.py migrate --no-input >/dev/null
exec "$@"

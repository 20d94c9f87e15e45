#!/bin/sh
set -e
for template in /etc/nginx/templates/*.template; do
    name=${template##*/}
    envsubst '$NGINX_PORT' < "$template" > "/etc/nginx/conf.d/${name%.template}"
done
exec "$@"

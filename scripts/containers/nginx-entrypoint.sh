#!/bin/sh
# In the stand-in for the official nginx image: what that image does before it starts nginx, as far as
# deploy/docker-compose.yml relies on it. It sources /docker-entrypoint.d/*.envsh and fills the templates.
set -eu

for file in /docker-entrypoint.d/*.envsh; do
    # shellcheck source=/dev/null
    if [ -x "$file" ]; then . "$file"; fi
done
names=$(env | cut -d= -f1 | grep -E "${NGINX_ENVSUBST_FILTER:-.}" | sed 's/.*/${&}/' | tr '\n' ' ')
for template in /etc/nginx/templates/*.template; do
    rendered=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}/$(basename "$template" .template)
    envsubst "$names" <"$template" >"$rendered"
done
exec "$@"

#!/usr/bin/env bash
# Builds the real docker/Dockerfile and brings the real deploy/docker-compose.yml up, where there is no Docker and no
# registry to pull from: buildah, podman and podman-compose on stand-ins for the official base images, which
# scripts/containers/base-images.sh makes from Debian's packages and this machine's Swift toolchain.
#
# Needs root on Debian 12. Everything it makes stays below .containers (removed by `rm -rf`), or in the state
# directory of this run, which is removed at the end. Not part of CI: it takes about a quarter of an hour at first.
#
#   scripts/container-check.sh            all of it
#   KEEP=1 scripts/container-check.sh     leaves the cluster up, and says how to end it
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
    echo "container-check: needs root (it makes base images and container networks)" >&2
    exit 1
fi
# shellcheck source=scripts/containers/environment.sh
. scripts/containers/environment.sh

scripts/install.sh test
scripts/containers/base-images.sh

echo "== Building docker/Dockerfile"
volumes=()
while IFS= read -r volume; do volumes+=(-v "$volume"); done < <(scripts/containers/build-volumes.sh)
# Docker's format: the other one has no HEALTHCHECK.
buildah bud --layers --format docker --pull-never --network host "${volumes[@]}" -f docker/Dockerfile -t docker.io/library/martlet .
podman image inspect --format 'image: {{.Size}} bytes, user {{.User}}, stop signal {{index .Config.StopSignal}}' martlet

# A free port, and as many open files as this machine may give.
MARTLET_PUBLISH=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
MARTLET_NOFILE=$(ulimit -Hn)
if [ "$MARTLET_NOFILE" = unlimited ] || [ "$MARTLET_NOFILE" -gt 65536 ]; then MARTLET_NOFILE=65536; fi
export MARTLET_PUBLISH MARTLET_NOFILE

compose() { timeout 180 "$CONTAINERS_HOME/venv/bin/podman-compose" -f deploy/docker-compose.yml -p martlet "$@"; }

tear_down() {
    echo "== Ending the cluster"
    # podman-compose forgets the nodes that --scale added, and podman removes only what nothing depends on.
    for _ in 1 2 3 4; do podman rm -af -t 25 >/dev/null 2>&1 && break; done
    compose down -v >/dev/null 2>&1 || true
    podman ps -a --format 'left behind: {{.Names}}'
}

if [ -n "${KEEP:-}" ]; then
    echo "The cluster stays up: http://localhost:$MARTLET_PUBLISH. To end it:"
    echo "  . scripts/containers/environment.sh; podman rm -af (until nothing is left); podman volume prune"
else
    trap tear_down EXIT
fi

say() { echo "== $*"; }
check() { .venv/bin/python scripts/containers/check_chat.py "http://127.0.0.1:$MARTLET_PUBLISH" "$@"; }
nodes() { podman ps --filter label=com.docker.compose.service=node --format '{{.Names}}' | sort; }

say "Up with three nodes"
compose up -d --no-build --scale node=3
check --nodes 3

say "Each node runs without root, is healthy, and has nothing published"
for name in $(nodes); do
    test "$(podman exec "$name" id -u)" = 10001
    podman healthcheck run "$name"
    test -z "$(podman port "$name")"
done
podman healthcheck run martlet_redis_1
podman healthcheck run martlet_nginx_1

nginx_started=$(podman inspect --format '{{.State.StartedAt}}' martlet_nginx_1)

say "A fourth node: nginx finds it"
compose up -d --no-build --no-recreate --scale node=4
check --nodes 4

say "Three nodes end: they drain, nginx forgets them, chat goes on"
for name in $(nodes | tail -n 3); do
    started=$SECONDS
    podman stop -t 35 "$name" >/dev/null
    status=$(podman inspect --format '{{.State.ExitCode}}' "$name")
    echo "$name ended after $((SECONDS - started)) s with status $status"
    test "$status" = 0
done
check --nodes 1

say "All that without a restart of nginx"
test "$nginx_started" = "$(podman inspect --format '{{.State.StartedAt}}' martlet_nginx_1)"

say "The metrics stay inside"
test "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$MARTLET_PUBLISH/metrics")" = 404

say "Everything holds"

#!/usr/bin/env bash
# Makes stand-ins for the images that docker/Dockerfile and deploy/docker-compose.yml name, under those names, from
# Debian's packages. They do what the official ones do as far as this project relies on it. Skips what exists.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in buildah podman runc debootstrap iptables; do
    if ! command -v "$tool" >/dev/null; then
        scripts/apt-install.sh buildah podman runc debootstrap netavark aardvark-dns iptables
        break
    fi
done
if [ ! -x "$CONTAINERS_HOME/venv/bin/podman-compose" ]; then
    python3 -m venv "$CONTAINERS_HOME/venv"
    "$CONTAINERS_HOME/venv/bin/pip" install -q --disable-pip-version-check podman-compose==1.6.0
fi

exists() { buildah inspect --type image "docker.io/library/$1" >/dev/null 2>&1; }

# image NAME BASE PACKAGES: BASE and more packages; prints the working container to finish.
image() {
    local container
    container=$(buildah from --pull-never "docker.io/library/$2")
    # shellcheck disable=SC2086 # a list of packages
    buildah run --network host "$container" -- sh -c "apt-get -qq update \
        && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $3 >/dev/null \
        && rm -rf /var/lib/apt/lists/*" >&2
    echo "$container"
}

commit() {
    buildah commit --rm -q "$1" "docker.io/library/$2" >/dev/null
    echo "made a stand-in for $2"
}

debian=debian:bookworm-slim
if ! exists $debian; then
    root=$CONTAINERS_HOME/root
    rm -rf "$root"
    debootstrap --variant=minbase bookworm "$root" >"$CONTAINERS_HOME/debootstrap.log"
    # As in the official image, which keeps nothing that apt downloads.
    printf '%s\n' 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };' \
        'Dir::Cache::pkgcache "";' 'Dir::Cache::srcpkgcache "";' >"$root/etc/apt/apt.conf.d/docker-clean"
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    container=$(buildah from scratch)
    tar -C "$root" -cf "$CONTAINERS_HOME/root.tar" .
    buildah add -q "$container" "$CONTAINERS_HOME/root.tar" / >/dev/null
    buildah config --cmd bash "$container"
    commit "$container" $debian
    rm -rf "$root" "$CONTAINERS_HOME/root.tar"
fi

swift=swift:6.3-bookworm
if ! exists $swift; then
    # What swift.org lists for Debian 12. The toolchain itself is mounted while building.
    container=$(image $swift $debian "binutils-gold ca-certificates gcc git libc6-dev libcurl4-openssl-dev libedit2 \
        libgcc-12-dev libncurses-dev libpython3-dev libsqlite3-0 libstdc++-12-dev libxml2-dev libz3-dev tzdata \
        unzip zlib1g-dev")
    toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
    buildah config --env "PATH=$toolchain:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$container"
    commit "$container" $swift
fi

redis=redis:7.2-bookworm
if ! exists $redis; then
    container=$(image $redis $debian redis-server)
    buildah config --workingdir /data --cmd redis-server --port 6379 "$container"
    commit "$container" $redis
fi

nginx=nginx:1.28
if ! exists $nginx; then
    container=$(image $nginx $debian "nginx gettext-base curl")
    buildah run "$container" -- mkdir -p /var/cache/nginx
    buildah copy -q "$container" scripts/containers/nginx-entrypoint.sh /docker-entrypoint.sh >/dev/null
    buildah config --entrypoint '["/docker-entrypoint.sh"]' --cmd "nginx -g 'daemon off;'" --stop-signal SIGQUIT \
        --port 80 "$container"
    commit "$container" $nginx
fi

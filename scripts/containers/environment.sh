# shellcheck shell=bash
# Sourced: buildah's and podman's settings for container-check.sh, apart from the machine's own.

CONTAINERS_HOME=$PWD/.containers
mkdir -p "$CONTAINERS_HOME"

cat >"$CONTAINERS_HOME/containers.conf" <<END
[containers]
default_ulimits = ["nofile=$(ulimit -Hn | sed s/unlimited/65536/):$(ulimit -Hn | sed s/unlimited/65536/)", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
END
cat >"$CONTAINERS_HOME/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$CONTAINERS_HOME/storage"
runroot = "/run/martlet-containers"
END
cat >"$CONTAINERS_HOME/registries.conf" <<END
unqualified-search-registries = ["docker.io"]
END

export CONTAINERS_HOME
export CONTAINERS_CONF=$CONTAINERS_HOME/containers.conf
export CONTAINERS_STORAGE_CONF=$CONTAINERS_HOME/storage.conf
export CONTAINERS_REGISTRIES_CONF=$CONTAINERS_HOME/registries.conf
export BUILDAH_ISOLATION=chroot

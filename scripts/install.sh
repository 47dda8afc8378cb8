#!/usr/bin/env bash
# Installs what is missing on a Debian 12 machine, and nothing that is there already.
#
#   scripts/install.sh run        what building and running a node needs
#   scripts/install.sh cluster    that, and what `make cluster` needs
#   scripts/install.sh test       that, and what `make test` and the linters need (.venv, .autobahn)
#
# No service is started or left to start at the next boot: the packages are wanted for their programs.
set -euo pipefail
cd "$(dirname "$0")/.."

level=${1:-run}
case $level in run | cluster | test) ;; *)
    echo "usage: scripts/install.sh run|cluster|test" >&2
    exit 2
    ;;
esac

if ! command -v swift >/dev/null; then
    echo "Swift 6.2 or later is needed and was not found: https://www.swift.org/install/linux/" >&2
    exit 1
fi

missing=()

# need PACKAGE COMMAND...: PACKAGE is missing unless COMMAND succeeds.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

at_level() {
    case "$level:$1" in *:run | cluster:cluster | test:*) ;; *) return 1 ;; esac
}

collect() {
    missing=()
    need git command -v git
    need pkg-config command -v pkg-config
    need libhiredis-dev pkg-config --exists hiredis
    need zlib1g-dev pkg-config --exists zlib
    need openssl command -v openssl
    need redis-server command -v redis-server
    if at_level cluster; then
        need python3 command -v python3
        need nginx command -v nginx
        need dnsmasq-base command -v dnsmasq
    fi
    if at_level test; then
        need redis-tools command -v redis-cli
        need python3-venv python3 -c 'import ensurepip, venv'
        need nodejs command -v node
        need node-ws test -d /usr/share/nodejs/ws
        need chromium command -v chromium
        need fonts-noto-color-emoji test -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf
        need shellcheck command -v shellcheck
        # The load generator of the benchmarks speaks TLS and permessage-deflate.
        need libssl-dev pkg-config --exists openssl
        need zlib1g-dev pkg-config --exists zlib
        # Counts instructions: what the clock says differs too much from machine to machine.
        need valgrind command -v valgrind
        need binutils command -v strip
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_missing() {
    if ! command -v apt-get >/dev/null; then
        echo "Please install: ${missing[*]} (these are Debian's names; there is no apt-get here)." >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        echo "Please run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    echo "Installing: ${missing[*]}"
    as_root scripts/apt-install.sh "${missing[@]}"
}

# sbin is where Debian has nginx and dnsmasq, and not in everybody's PATH.
export PATH=$PATH:/usr/sbin:/sbin
collect
if [ ${#missing[@]} -gt 0 ]; then
    install_missing
    collect
    if [ ${#missing[@]} -gt 0 ]; then
        echo "Still missing after the installation: ${missing[*]}" >&2
        exit 1
    fi
fi

if at_level test; then
    scripts/python-env.sh
    scripts/autobahn-install.sh
fi

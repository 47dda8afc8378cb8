#!/usr/bin/env bash
# apt-install.sh PACKAGE...: as root, installs Debian packages for their programs, without their services.
#
# Debian starts a package's service at once and enables it for the next boot. A policy-rc.d that says no is
# Debian's way to prevent the first; it is put in place for this installation only, and one that is there already
# comes back afterwards. The second is undone for the packages that this script newly installed.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
kept=$policy.before-martlet
mark='# Placed by Martlet while it installs packages.'

# Two installations at once would take each other's policy for the machine's.
exec 9>/run/lock/martlet-apt-install
flock 9

restore_policy() {
    if [ -e "$policy" ] && grep -qF "$mark" "$policy"; then rm -f "$policy"; fi
    if [ -e "$kept" ]; then mv -f "$kept" "$policy"; fi
}

forbid_services() {
    # Left by an installation that was killed.
    restore_policy
    if [ -e "$policy" ]; then
        local answer=0
        "$policy" redis-server start >/dev/null 2>&1 || answer=$?
        # 101: forbidden. The machine's own policy does what is wanted.
        if [ "$answer" -eq 101 ]; then return; fi
        mv "$policy" "$kept"
    fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
}

installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# Of all packages this project installs, these have services, which are called like the packages.
new_services=()
for service in redis-server nginx; do
    installed "$service" || new_services+=("$service")
done

trap restore_policy EXIT
trap 'exit 130' INT TERM HUP
forbid_services

export DEBIAN_FRONTEND=noninteractive
options=(-y -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
apt-get "${options[@]}" update
apt-get "${options[@]}" install --no-install-recommends "$@" </dev/null

for service in "${new_services[@]}"; do
    # Knows systemd's units and the older scripts alike.
    if installed "$service"; then update-rc.d "$service" disable; fi
done

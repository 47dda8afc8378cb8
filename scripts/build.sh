#!/usr/bin/env bash
# The release build; arguments go to `swift build`, e.g. --product martlet.
#
# Three things that Package.swift cannot ask for in the name of the packages that Martlet uses: the Swift runtime goes into the
# binary; what a package exports may be specialised and inlined in another; and no access is checked at run time for
# overlapping another. Debug builds, and so the tests, do check; in the release it costs each message a few hundred calls.
set -euo pipefail
cd "$(dirname "$0")/.."
exec swift build -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked \
    -Xswiftc -cross-module-optimization "$@"

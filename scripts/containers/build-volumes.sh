#!/usr/bin/env bash
# Prints what a build of docker/Dockerfile on the stand-in images needs from this machine, one volume a line: the Swift
# toolchain, and where git is told to read packages from a local folder (url.FOLDER.insteadOf), that folder.
set -euo pipefail

toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
echo "$toolchain:$toolchain:ro"

rules=$CONTAINERS_HOME/gitconfig
: >"$rules"
while read -r key value; do
    folder=${key#url.}
    folder=${folder%.insteadof}
    [ -d "$folder" ] || continue
    git config --file "$rules" --add "url.$folder.insteadOf" "$value"
    echo "$folder:$folder:ro"
done < <(git config --get-regexp '^url\./.*\.insteadof$' || true) | sort -u
if [ -s "$rules" ]; then echo "$rules:/etc/gitconfig:ro"; fi

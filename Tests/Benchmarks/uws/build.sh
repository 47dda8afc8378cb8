#!/bin/sh
# Builds the yardstick: build.sh UWEBSOCKETS OUTPUT, where UWEBSOCKETS is a clone of
# https://github.com/uNetworking/uWebSockets with its submodule uSockets. Needs g++ and libhiredis-dev.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 UWEBSOCKETS OUTPUT" >&2; exit 64; }
here=$(dirname "$0")
sockets=$1/uSockets/src
[ -f "$sockets/libusockets.h" ] || { echo "$1: no uWebSockets with uSockets in it; clone with --recurse-submodules" >&2; exit 66; }
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
for source in "$sockets"/*.c "$sockets"/eventing/epoll_kqueue.c; do
    gcc -std=c11 -O3 -flto -DLIBUS_NO_SSL -I"$sockets" -c "$source" -o "$objects/$(basename "$source").o"
done
g++ -std=c++20 -O3 -flto -DLIBUS_NO_SSL -DUWS_NO_ZLIB -Wno-deprecated -I"$sockets" -I"$1/src" "$here/room.cpp" "$objects"/*.o \
    -lhiredis -o "$2"

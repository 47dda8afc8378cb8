#!/usr/bin/env bash
# Makes a certificate for this machine that vouches for itself, unless there is one that is good for another day.
# Browsers warn of it once.
#
#   scripts/self-signed.sh DIRECTORY     certificate.pem and key.pem in it
set -euo pipefail

directory=${1:?usage: scripts/self-signed.sh DIRECTORY}
certificate=$directory/certificate.pem
key=$directory/key.pem

if [ -s "$key" ] && openssl x509 -in "$certificate" -noout -checkend 86400 >/dev/null 2>&1; then
    exit 0
fi
if ! command -v openssl >/dev/null; then
    echo "openssl is needed and was not found (Debian's package: openssl)" >&2
    exit 1
fi
mkdir -p "$directory"
(
    umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
        -keyout "$key" -out "$certificate" -subj "/CN=localhost" \
        -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1" -addext "extendedKeyUsage=serverAuth" 2>/dev/null
)
echo "made $certificate, a certificate for localhost that vouches for itself"

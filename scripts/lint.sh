#!/usr/bin/env bash
# Formatting of the Swift sources, the image's recipe, the compose file, and the scripts. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0

check() {
    local name=$1
    shift
    if "$@"; then
        echo "lint: $name: ok"
    else
        echo "lint: $name: FAILED ($*)" >&2
        failed=1
    fi
}

scripts=(.ci/run deploy/nginx/12-first-resolver.envsh deploy/redis/start.sh)
while IFS= read -r file; do scripts+=("$file"); done < <(find scripts -name '*.sh' | sort)

check 'swift format' swift format lint --strict --recursive Sources Tests Package.swift
check 'hadolint' .venv/bin/hadolint docker/Dockerfile
check 'compose schema' .venv/bin/check-jsonschema --builtin-schema vendor.compose-spec deploy/docker-compose.yml \
    deploy/docker-compose.tls.yml
check 'shellcheck' shellcheck -x "${scripts[@]}"
check 'python' .venv/bin/python -W error -c 'import ast, pathlib, sys
for root in ("scripts", "Tests"):
    for file in pathlib.Path(root).rglob("*.py"):
        ast.parse(file.read_text(encoding="utf-8"), str(file))'
check 'Swift Testing only' bash -c '! grep -rl "import XCTest" Tests'
exit "$failed"

#!/usr/bin/env bash
# Makes .venv with exactly what Tests/requirements.txt names. Does nothing when it is up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=.venv/requirements.txt
if [ -e "$stamp" ] && cmp -s Tests/requirements.txt "$stamp" && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi
echo "Making .venv from Tests/requirements.txt"
rm -rf .venv
python3 -m venv .venv
# Never a browser of playwright's own: the tests use Debian's.
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 .venv/bin/pip install -q --disable-pip-version-check --retries 5 \
    --requirement Tests/requirements.txt
cp Tests/requirements.txt "$stamp"

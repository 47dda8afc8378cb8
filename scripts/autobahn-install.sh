#!/usr/bin/env bash
# Makes .autobahn/py27 with Autobahn|Testsuite, the WebSocket conformance suite: its program is
# .autobahn/py27/bin/wstest. It is Python 2 code; where no Python 2.7 is to be had (PYTHON27, the PATH, or pyenv) this
# says so and succeeds, and the conformance test is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

home=.autobahn
stamp=$home/requirements.txt
requirements=Tests/autobahn-requirements.txt
if [ -e "$stamp" ] && cmp -s "$requirements" "$stamp"; then exit 0; fi

python27() {
    local candidate
    for candidate in "${PYTHON27:-}" "$(command -v python2.7 || true)" "$HOME"/.pyenv/versions/2.7*/bin/python2.7; do
        # pyenv's shims exist for versions that are not chosen, too.
        if [ -n "$candidate" ] && "$candidate" -c 'import ssl' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

if ! python=$(python27); then
    echo "No Python 2.7 here (set PYTHON27 if there is one): Autobahn|Testsuite will be skipped."
    exit 0
fi
echo "Making $home with $python"
rm -rf "$home"
python3 -m venv "$home/maker"
# The last virtualenv that can make a Python 2.7 environment.
"$home/maker/bin/pip" install -q --disable-pip-version-check --retries 5 'virtualenv<20.22'
"$home/maker/bin/virtualenv" -q -p "$python" "$home/py27"
# Without dependencies: what the packages ask for no longer resolves on Python 2.7; the list is complete and pinned.
"$home/py27/bin/pip" install -q --disable-pip-version-check --retries 5 --no-deps --requirement "$requirements"
"$home/py27/bin/wstest" --autobahnversion
cp "$requirements" "$stamp"

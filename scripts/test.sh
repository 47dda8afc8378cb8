#!/usr/bin/env bash
# Builds everything and runs every test. Goes on after a failed suite, ends with each runner's own closing lines, and
# fails if anything failed. Whole logs are in .build/test-logs.
#
#   scripts/test.sh              all suites
#   scripts/test.sh swift web    only these: swift fuzz web deploy instructions endtoend
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH=$PATH:/usr/sbin:/sbin
scripts/install.sh test
logs=.build/test-logs
mkdir -p "$logs"
rm -f "$logs"/*.log
summary=()
failed=0

wanted() {
    local suite=$1
    shift
    [ $# -eq 0 ] || [[ " $* " == *" $suite "* ]]
}

# build NAME COMMAND...: without it nothing can follow, so a failure ends the run.
build() {
    local log=$logs/$1.log
    shift
    echo "== $*"
    "$@" 2>&1 | tee "$log"
    # Dependencies are built without warnings; what is left are ours.
    if grep -E "^$PWD/(Sources|Tests|Package).*: warning:" "$log"; then
        summary+=("FAILED  no compiler warnings: see $log")
        failed=1
    fi
}

# suite NAME PATTERN COMMAND...: the lines that match PATTERN are the runner's closing lines.
suite() {
    local name=$1 pattern=$2 log=$logs/$1.log status=0
    shift 2
    echo "== $*"
    "$@" 2>&1 | tee "$log" || status=$?
    local closing
    closing=$(grep -E "$pattern" "$log" | tail -n 8) || closing='(no closing line)'
    if [ "$status" -eq 0 ]; then
        summary+=("passed  $name" "$closing")
    else
        summary+=("FAILED  $name (exit $status): see $log" "$closing")
        failed=1
    fi
}

# Each folder has its own pytest.ini.
pytest=("$PWD/.venv/bin/python" -m pytest -p no:cacheprovider)

if wanted swift "$@"; then
    build build-debug swift build --build-tests
    # All of them are Swift Testing's; asked too, XCTest would end with "Executed 0 tests".
    suite swift 'Test run with' timeout 15m swift test --skip-build --disable-xctest
fi

# said FILE STATUS: what a command that ran in the background printed, and how it ended.
# shellcheck disable=SC2317 # suite calls it
said() {
    cat "$1"
    return "$2"
}

# What runs beside something else; `suite` shows it afterwards.
background=
trap '[ -z "$background" ] || kill "$background"' EXIT

# finish NAME PATTERN: waits for what runs in the background, whose output is in NAME.running.
finish() {
    local status=0
    wait "$background" || status=$?
    background=
    suite "$1" "$2" said "$logs/$1.running" "$status"
}

# Each target for a minute (SeededFuzzTests), while the release build leaves something of the processors.
if wanted fuzz "$@"; then
    wanted swift "$@" || build build-debug swift build --build-tests
    MARTLET_FUZZ_SECONDS=60 nice -n 19 timeout 20m "$(swift build --show-bin-path)/martletPackageTests.xctest" \
        --testing-library swift-testing --filter SeededFuzzTests >"$logs/fuzz.running" 2>&1 &
    background=$!
fi

if wanted endtoend "$@" || wanted deploy "$@" || wanted web "$@"; then
    build build-release scripts/build.sh
    MARTLET_BIN=$(scripts/build.sh --show-bin-path)/martlet
    export MARTLET_BIN
fi

[ -z "$background" ] || finish fuzz '^fuzz: |Test run with'

if wanted web "$@"; then
    web_tests=()
    while IFS= read -r file; do web_tests+=("$file"); done < <(find Tests/Web -name '*.test.*js' | sort)
    suite web '^(# |ℹ )(tests|pass|fail)' node --test --test-timeout=120000 "${web_tests[@]}"
fi

if wanted deploy "$@"; then
    suite deploy '^=+ .* in [0-9.]+s' env -C Tests/Deploy "${pytest[@]}"
fi

if wanted instructions "$@"; then
    suite instructions '^instructions: ' env -C Tests/Benchmarks python3 -m bench.instructions --binary "$MARTLET_BIN"
fi

if wanted endtoend "$@"; then
    if [ -x .autobahn/py27/bin/wstest ]; then
        export MARTLET_WSTEST=$PWD/.autobahn/py27/bin/wstest
    else
        summary+=("skipped Autobahn|Testsuite: no Python 2.7 on this machine")
    fi
    # The browser keeps one processor busy, most other tests wait. Each run has ports of its own.
    env -C Tests/EndToEnd MARTLET_TEST_PORTS=23500-31999 "${pytest[@]}" -m browser >"$logs/browser.running" 2>&1 &
    background=$!
    suite endtoend '^=+ .* in [0-9.]+s' env -C Tests/EndToEnd MARTLET_TEST_PORTS=15000-23499 "${pytest[@]}" \
        -m 'not browser and not alone'
    finish browser '^=+ .* in [0-9.]+s'
    suite alone '^=+ .* in [0-9.]+s' env -C Tests/EndToEnd "${pytest[@]}" -m alone
fi

echo
echo "== The runners' closing lines"
printf '%s\n' "${summary[@]}"
exit "$failed"

#!/usr/bin/env bash
# Fuzzes what reads what strangers send, with libFuzzer and the address sanitizer, from the seeds in Tests/Fuzz/Corpus.
# An input that crashes or breaks a rule ends it with status 1 and lies in .build-fuzz/crashes: put it into the corpus
# once it is mended, where every test run tries it. The build is one of its own, .build-fuzz, and takes a while at first.
#
#   scripts/fuzz.sh 600              ten minutes, shared by all targets
#   scripts/fuzz.sh 60 websocket     one minute of one target
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:?usage: scripts/fuzz.sh SECONDS [TARGET…]}
shift
if [ $# -eq 0 ]; then
    targets=()
    for folder in Tests/Fuzz/Corpus/*/; do targets+=("$(basename "$folder")"); done
else
    targets=("$@")
fi

export MARTLET_FUZZ=1
scratch=.build-fuzz
flags=(-c release --scratch-path "$scratch" --sanitize=address -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing)
swift build "${flags[@]}" --target MartletFuzz
objects=$(swift build "${flags[@]}" --show-bin-path)
# By hand: SwiftPM gives programs a main function of their own, and would link libFuzzer's as well.
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
program=$scratch/MartletFuzz
# Quoted: some names have spaces.
find "$objects" -name '*.o' -printf '"%p"\n' >"$scratch/objects"
swiftc -use-ld=lld -sanitize=address -emit-executable -o "$program" "@$scratch/objects" \
    "$(find "$toolchain/lib/clang" -name "libclang_rt.fuzzer_no_main-$(uname -m).a" | head -n 1)" \
    -lstdc++ -lhiredis -lz -Xlinker --defsym=main=MartletFuzz_main 2>"$scratch/link.log" || {
    cat "$scratch/link.log" >&2
    exit 1
}

# A crash is libFuzzer's to tell; Swift's own report would take its time.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
each=$(((seconds + ${#targets[@]} - 1) / ${#targets[@]}))
failed=0
for target in "${targets[@]}"; do
    echo "== $target, $each s"
    mkdir -p "$scratch/corpus/$target" "$scratch/crashes"
    # What it finds on the way is kept in the first folder; the seeds are only read.
    MARTLET_FUZZ_TARGET=$target "$program" -max_total_time="$each" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$scratch/crashes/$target-" -print_final_stats=1 \
        "$scratch/corpus/$target" "Tests/Fuzz/Corpus/$target" 2>"$scratch/$target.log" || {
        failed=1
        tail -n 40 "$scratch/$target.log"
    }
    grep -E 'stat::number_of_executed_units|stat::peak_rss_mb|cov: ' "$scratch/$target.log" | tail -n 3 || true
done
exit "$failed"

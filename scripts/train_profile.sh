#!/usr/bin/env bash
# Makes cmake/profile.tar.xz anew: builds a program that counts, runs the login pipeline at full rate with it (queue,
# worker and sender), and packs what it counted. Called by `./dev profile`.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/output.sh"
cd "$root"

raw=$root/build/train/raw packed=$root/cmake/profile.tar.xz

run_at_full_rate() {
    LLVM_PROFILE_FILE=$raw/%p-%m.profraw .cache/venv/bin/python bench/pipeline.py --binary build/train/sqs2pg \
        --workers 1 2 --messages 100000 --runs 1
}

# The same counts make the same file.
pack() {
    local folder=$root/build/train/packed
    mkdir -p "$folder"
    llvm-profdata-19 merge --sparse -o "$folder/sqs2pg.profdata" "$raw"/*.profraw
    tar -C "$folder" --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - sqs2pg.profdata | xz -9e >"$packed.new"
    mv "$packed.new" "$packed"
}

rm -rf "$raw"
mkdir -p "$raw"
step configure-train "configuring train" cmake --preset train
step build-train "building train" ninja -C build/train sqs2pg
step run-train "running at full rate" run_at_full_rate
step pack-profile "packing the profile" pack
say "cmake/profile.tar.xz: $(wc -c <"$packed") bytes"

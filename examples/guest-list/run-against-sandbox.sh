#!/usr/bin/env bash
# Builds the example and runs it against a local Attendium, on which a scripted user logs in. Fails unless a guest list comes out.
set -euo pipefail
cd "$(dirname "$0")"

cargo build --quiet --locked
cargo build --quiet --locked --manifest-path ../../Cargo.toml -p attendium-cli

binary() { # manifest, name
    cargo metadata --format-version 1 --no-deps --offline --manifest-path "$1" |
        sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p' | sed "s|\$|/debug/$2|"
}

output=$("$(binary ../../Cargo.toml attendium)" sandbox run -- "$(binary Cargo.toml guest-list)")
printf '%s\n' "$output"
grep -q '^Midsummer Night: [0-9]* of [0-9]* tickets are checked in$' <<<"$output"
# The last guest is on the third page.
grep -q '李雷$' <<<"$output"

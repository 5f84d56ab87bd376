# The steps of the gate, one function each; `.ci/run` says in which order, and `.ci/run --list` prints the
# comment behind each name. A step fails by its exit code, or leaves itself out.

left_out=()
leave_out() { # leave_out WHAT WHY: say at the end that this was not run
  [ "${CI:-}" != true ] || [ -n "${ATTENDIUM_LEAVE_OUT:-}" ] || { echo "$1 can't be run: $2"; exit 1; }
  echo "left out: $2"
  left_out+=("$1, because $2")
}

index_is_fresh=
have() { # have PACKAGE…: whether Debian's packages are there; with CI=true they are installed
  dpkg -s "$@" >/dev/null 2>&1 && return
  [ "${CI:-}" = true ] && command -v apt-get >/dev/null || return
  local root=
  [ "$(id -u)" = 0 ] || root=sudo
  [ -n "$index_is_fresh" ] || $root apt-get update -qq
  index_is_fresh=yes
  $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

corpora="${ATTENDIUM_CORPORA:-../shared/corpora}"
have_corpora() { # have_corpora WHAT: leaves WHAT out where the corpora are missing
  [ -d "$corpora" ] && return
  leave_out "$1" "$corpora is missing (ATTENDIUM_CORPORA says where else it is)"
  return 1
}

# --- fast -----------------------------------------------------------------------------------------

format() { # code is formatted
  local manifest
  cargo fmt --all --check
  for manifest in fuzz/Cargo.toml corpora/harness/Cargo.toml .ci/public-api/Cargo.toml \
    examples/*/Cargo.toml; do
    cargo fmt --check --manifest-path "$manifest"
  done
}

columns() { # lines have at most 100 columns
  .ci/columns
}

links() { # relative links in Markdown lead somewhere
  .ci/links
}

records() { # the table in benches/README.md is what the records of the benches say
  benches/readme --check
}

locks() { # each lock file fits its manifest
  local manifest fit=yes
  for manifest in Cargo.toml fuzz/Cargo.toml benches/compile/Cargo.toml benches/first-build/Cargo.toml \
    .ci/public-api/Cargo.toml examples/*/Cargo.toml; do
    cargo metadata --locked --format-version 1 --manifest-path "$manifest" >/dev/null ||
      { echo "run: cargo metadata --format-version 1 --manifest-path $manifest"; fit=; }
  done
  [ -n "$fit" ]
}

licences() { # licences, banned crates and sources of dependencies, by deny.toml; the Rust that they need
  .ci/licences
}

packing() { # every crate can be packed
  .ci/release pack --no-verify --quiet
}

lints() { # clippy, with all features and with none
  cargo clippy --workspace --all-targets --all-features --quiet -- -D warnings
  cargo clippy -p attendium --no-default-features --quiet -- -D warnings
  cargo clippy -p attendium --no-default-features --features session --quiet -- -D warnings
}

unit() { # unit tests of the runtime, the compiler and the macro
  cargo test -p attendium -p attendium-codegen -p attendium-macros --lib
}

goldens() { # what the compiler writes and says, and how its files import each other
  cargo test -p attendium-codegen --tests
}

# --- full -----------------------------------------------------------------------------------------

documentation() { # API documentation without warnings
  RUSTDOCFLAGS='-D warnings' cargo doc --workspace --all-features --no-deps --quiet
}

public_api() { # the public API is the one that docs/api lists; UPDATE_GOLDENS=1 lists it anew
  local crate list now
  RUSTDOC="$PWD/.ci/rustdoc-json" cargo doc --workspace --all-features --no-deps --quiet
  for crate in attendium attendium-codegen attendium-sandbox; do
    list=docs/api/$crate.txt
    # The operations of Attendium's API are generated, and compared as such.
    now=$(cargo run --quiet --manifest-path .ci/public-api/Cargo.toml -- \
      "$CARGO_TARGET_DIR/doc/${crate//-/_}.json" | grep -v 'attendium::model::')
    [ -z "${UPDATE_GOLDENS:-}" ] || printf '%s\n' "$now" >"$list"
    diff -u "$list" - <<<"$now" ||
      { echo "the public API has changed; if you mean it: UPDATE_GOLDENS=1 .ci/run public_api"; exit 1; }
  done
}

workspace() { # the README's test command
  local command
  command=$(sed -n 's/^\(cargo test --workspace[^#]*\)#.*/\1/p' README.md)
  [ -n "$command" ] || { echo "README.md has no line 'cargo test --workspace … # …'"; exit 1; }
  $command
}

without_session() { # generated code without the session
  cargo test -p attendium --no-default-features --lib --tests
  cargo test -p attendium --no-default-features --features attendium-api --lib --tests
}

demo() { # the demo, for a person and as JSON
  cargo run --quiet -- demo
  cargo run --quiet -- demo --json >"$CARGO_TARGET_DIR/demo.json"
  python3 .ci/demo.py "$CARGO_TARGET_DIR/demo.json"
}

examples() { # the example applications and one of `attendium new`, built and run
  local client answer
  examples/guest-list/run-against-sandbox.sh
  cargo test --quiet --locked --manifest-path examples/web-login/Cargo.toml
  for client in cynic graphql_client; do
    answer=$(cargo run --quiet --locked --manifest-path examples/other-clients/Cargo.toml --bin "$client")
    [ "$answer" = $'user-emma is Emma Lindqvist\nrefreshes: 1' ] || { echo "$client: $answer"; exit 1; }
  done
  .ci/new-application
}

# Of the whole workspace, so that the dependencies are those that `workspace` has built.
with_all_features='cargo test --workspace --all-features'

json_suite() { # the JSON test suite
  have_corpora 'the JSON test suite' || return 0
  $with_all_features --test json_test_suite
}

services() { # PostgreSQL, Redis, a keyring, authorization servers from npm and PyPI, the peers' operations
  local missing=
  command -v redis-server >/dev/null || have redis-server || missing+=' redis-server'
  have dbus gnome-keyring || missing+=' dbus gnome-keyring'
  command -v initdb >/dev/null || PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"
  command -v initdb >/dev/null || have postgresql || missing+=' postgresql'
  command -v initdb >/dev/null || PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"
  command -v npm >/dev/null || missing+=' npm'
  if [ -n "$missing" ]; then
    leave_out 'the session over PostgreSQL, Redis, a keyring and other servers' "there is no:$missing"
    return
  fi
  (cd interop && npm ci --no-audit --no-fund --silent)
  local servers
  for servers in subscriptions incremental uploads; do
    (cd "interop/$servers" && npm ci --no-audit --no-fund --silent)
  done
  (cd interop/incremental-apollo && npm ci --legacy-peer-deps --no-audit --no-fund --silent)
  python3 -m venv interop/.venv
  interop/.venv/bin/pip install --quiet --disable-pip-version-check --requirement interop/requirements.txt
  $with_all_features \
    --test incremental_interop --test subscription_interop --test upload_interop --test session_interop --test session_keyring --test session_points --test session_processes
}

guide() { # the guide: its code and commands, its charts, the book; examples in the documentation
  local mdbook="$CARGO_TARGET_DIR/mdbook"
  $with_all_features --test guide
  $with_all_features --doc # `workspace` has those of the default features
  benches/charts --check
  if ! { python3 -m venv "$mdbook" &&
    "$mdbook/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
      --requirement docs/guide/requirements.txt; }; then
    leave_out 'the book' 'mdBook could not be installed, which takes python3 with venv, and PyPI'
    return
  fi
  "$mdbook/bin/mdbook" build docs/guide --dest-dir "$CARGO_TARGET_DIR/guide"
}

real_schemas() { # reads real schemas, and compiles again over them
  have_corpora 'reading real schemas' || return 0
  RUSTFLAGS='--cfg corpora' CARGO_TARGET_DIR="$CARGO_TARGET_DIR/corpora" \
    cargo test -p attendium-codegen --lib --test incremental_corpora
}

count() { # instructions and bytes, beside the peers
  if ! have valgrind libc6-dbg; then
    leave_out 'counting instructions' 'valgrind and libc6-dbg are not installed'
    return
  fi
  benches/count
}

fuzz() { # fuzz targets, bounded, on stable
  cargo test --manifest-path fuzz/Cargo.toml
}

pages() { # the login pages in Chromium
  if ! have chromium chromium-driver; then
    leave_out 'pages in Chromium' 'chromium and chromium-driver are not installed'
    return
  fi
  cargo test --workspace --test pages
}

corpora() { # real schemas and operations, a sample
  have_corpora 'real schemas and operations' || return 0
  corpora/run
}

# --- nightly --------------------------------------------------------------------------------------

corpora_whole() { # every operation of every corpus
  have_corpora 'every operation of every corpus' || return 0
  corpora/run --full
}

fuzz_long() { # fuzz targets, a hundred times as many rounds
  ATTENDIUM_FUZZ_ROUNDS=${ATTENDIUM_FUZZ_ROUNDS:-200000} cargo test --release --manifest-path fuzz/Cargo.toml
}

packages() { # every crate builds from its packed files
  .ci/release pack
}

benches() { # the records of decoding, the session, subscriptions and the command
  cargo bench -p attendium-benches
  cargo bench -p attendium-benches --bench session
  cargo bench -p attendium-benches --bench command
  (cd interop/subscriptions && npm ci --no-audit --no-fund --silent)
  cargo bench -p attendium-benches --bench subscriptions
}

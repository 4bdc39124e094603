# The commands that people use most (https://just.systems). Each calls cargo or a script of this repository, which
# work without `just` as well. `just` alone lists them.

_list:
    @{{just_executable()}} --list --unsorted

# Start the whole service with its demo on an embedded store.
run *ARGS:
    cargo run --locked -- up --demo {{ARGS}}

# Run every test, on a throwaway PostgreSQL and RabbitMQ: `just test`, `just test --lib`.
test *ARGS:
    scripts/test {{ARGS}}

# Run the tests whose name contains NAME: unit tests without servers, or `just one NAME it` with them.
one NAME TARGET="lib":
    {{ if TARGET == "lib" { "cargo test --locked --lib" } else { "scripts/with-servers cargo test --locked --test " + TARGET } }} {{NAME}}

# Check the format, the lints and the documentation, as .ci/run does before its tests.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --locked --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --locked --no-deps --document-private-items

# Measure payments a second on an embedded store; docs/bench.md has the other forms.
bench *ARGS:
    cargo run --release --locked -- bench {{ARGS}}

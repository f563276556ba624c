# The few verbs of the house. `just` alone is what CI asks for, without its browsers and clients.

export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", env("HOME") / ".cache/tertial/target")

default: format lint test

format:
    cargo fmt --all

lint:
    cargo clippy --release --all-targets -- -D warnings
    sqruff lint sql

test:
    cargo test --release

# A synthetic region, from deliveries to report, in data/demo.
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# The generated reference pages.
docs:
    cargo run --release -- docs

# The peers' bench: ratios in one run, medians of several rounds.
bench ROWS="4000000":
    tests/bench/run {{ROWS}}

ci:
    bash .ci/run

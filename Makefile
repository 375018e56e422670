# make run    sets up what is missing, builds and serves
# make test   sets up what is missing and runs every test
.PHONY: run test test-rust test-snippet test-browser check bench load soak snippet sqlx fixtures deps-test

TARGET := $(or $(CARGO_TARGET_DIR),target)

run:
	@.ci/deps postgres
	cargo run --release -- serve $(ARGS)

test: deps-test test-rust test-snippet test-browser

deps-test:
	@.ci/deps postgres chromium node

# One of them compares the snippet's encoder with our decoder.
test-rust: node_modules
	cargo test

test-snippet: node_modules
	npm test

# The debug binary: it is built for the Rust tests anyway.
test-browser: node_modules
	cargo build
	MOUSETRAIL=$(TARGET)/debug/mousetrail node --test tests/browser/*.test.mjs

# What CI checks besides the tests.
check: deps-test node_modules
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	.ci/sqlx --check
	npm run --silent check
	node build.mjs --check
	node .ci/licences.mjs
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --quiet
	node tests/browser/geometry.mjs --check

# Figures, each beside what it is compared with. Parts of the snippet's alone: npm run bench -- size wire
bench: node_modules
	@.ci/deps postgres chromium
	npm run --silent bench
	cargo bench --bench ingest -- $(ARGS)
	cargo bench --bench heat
	cargo bench --bench figures

# Clients of the real protocol against a collector and a Postgres of their own: make load ARGS='--idle 1000 --active 200 --seconds 60'
load:
	@.ci/deps postgres
	cargo bench --bench load -- $(ARGS)

# Long checks: many more random cases, the chaos tests that take minutes, and the browser tests with other seeds and 500 closes.
soak: deps-test node_modules
	PROPTEST_CASES=200000 cargo test --release --lib --test api -- wire session_tests
	PROPTEST_CASES=20000 cargo test --release --lib -- collector::model
	cargo test --release --test api -- --ignored --nocapture b2_ b3_
	FUZZ_SECONDS=60 cargo test --release --test parsers -- --nocapture
	cargo test --release --test chaos -- --ignored --test-threads=1 --nocapture
	FAST_CHECK_RUNS=20000 npm test
	cargo build
	for seed in 1 2 3 $$(date +%s); do SEED=$$seed MOUSETRAIL=$(TARGET)/debug/mousetrail node --test tests/browser/movement.test.mjs || exit 1; done
	CLOSES=500 SEED=$$(date +%s) MOUSETRAIL=$(TARGET)/debug/mousetrail node --test tests/browser/close.test.mjs

# Builds what browsers load: snippet/dist and templates/assets/dist. Both are committed.
snippet: node_modules
	node build.mjs

# Writes .sqlx anew after a query or a migration changed.
sqlx:
	@.ci/deps postgres
	.ci/sqlx

node_modules: package.json package-lock.json
	@.ci/deps node
	npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules

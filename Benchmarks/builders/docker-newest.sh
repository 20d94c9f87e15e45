# shellcheck shell=bash
# docker of Debian's newest suite with its BuildKit, in a tree of its own.
# shellcheck source=Benchmarks/builders/docker.sh
. "${BASH_SOURCE[0]%-newest.sh}.sh"
docker() { chroot "$BENCH_NEWEST" docker "$@"; }
unmask() { exec chroot "$BENCH_NEWEST" "$@"; }
present() { [ -n "${BENCH_NEWEST:-}" ] && start_engine; }

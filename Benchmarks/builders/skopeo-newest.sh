# shellcheck shell=bash
# skopeo of Debian's newest suite, in a tree of its own.
# shellcheck source=Benchmarks/builders/skopeo.sh
. "${BASH_SOURCE[0]%-newest.sh}.sh"
skopeo() { chroot "$BENCH_NEWEST" skopeo "$@"; }
present() { [ -n "${BENCH_NEWEST:-}" ]; }

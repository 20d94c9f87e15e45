# shellcheck shell=bash
# buildah of Debian's newest suite, in a tree of its own.
# shellcheck source=Benchmarks/builders/buildah.sh
. "${BASH_SOURCE[0]%-newest.sh}.sh"
buildah() { chroot "$BENCH_NEWEST" buildah "$@"; }
present() { [ -n "${BENCH_NEWEST:-}" ]; }

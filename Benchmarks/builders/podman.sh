# shellcheck shell=bash
podman_() { podman --root "$WORK/root" --runroot "$WORK/run" --storage-driver overlay --cgroup-manager cgroupfs --log-level error "$@"; }
present() { command -v podman >/dev/null; }
version() { podman --version; }
prepare() { local id; id=$(podman_ load -q -i "$1" | sed 's/^Loaded image[^:]*: //') && podman_ tag "$id" "$2"; }
build_cold() { podman_ build -q --isolation chroot --pull=never --no-cache -t "$2" ${3:+-f "$3"} "$1"; }
build_warm() { podman_ build -q --isolation chroot --pull=never -t "$2" ${3:+-f "$3"} "$1"; }
save() { podman_ save -q --format oci-archive -o "$2" "$1"; }
list() { podman_ images; }
tag() { :; }
push() { podman_ push -q --tls-verify=false "$1" "$2"; }
pull() { podman --root "$WORK/pulled" --runroot "$WORK/pulled-run" --storage-driver overlay --log-level error pull -q --tls-verify=false "$1"; }
forget_pulled() { rm -rf "$WORK/pulled" "$WORK/pulled-run"; }
processes() { echo podman; }
finish() { podman_ rmi -a -f >/dev/null 2>&1 || true; }

# shellcheck shell=bash
# Isolation by chroot: the runtime refuses hosts that mix the two versions of control groups.
buildah_() { buildah --root "$WORK/root" --runroot "$WORK/run" --storage-driver overlay "$@"; }
present() { command -v buildah >/dev/null; }
version() { buildah --version; }
prepare() { local id; id=$(buildah_ pull -q "docker-archive:$1") && buildah_ tag "$id" "$2"; }
build_cold() { buildah_ bud -q --isolation chroot --pull-never --layers --no-cache -t "$2" ${3:+-f "$3"} "$1"; }
build_warm() { buildah_ bud -q --isolation chroot --pull-never --layers -t "$2" ${3:+-f "$3"} "$1"; }
save() { buildah_ push -q "$1" "oci-archive:$2"; }
list() { buildah_ images; }
tag() { :; }
push() { buildah_ push -q --tls-verify=false "$1" "$2"; }
pull() { buildah --root "$WORK/pulled" --runroot "$WORK/pulled-run" --storage-driver overlay pull -q --tls-verify=false "$1"; }
forget_pulled() { rm -rf "$WORK/pulled" "$WORK/pulled-run"; }
processes() { echo buildah; }
finish() { buildah_ rmi -a -f >/dev/null 2>&1 || true; }

# shellcheck shell=bash
export DISTILL_ROOT=$WORK/store
present() { [ -x "$DISTILL" ]; }
version() { "$DISTILL" --version; }
# A base is ready once its layers are unpacked, which others do when they load.
prepare() { "$DISTILL" load -q -i "$1" && "$DISTILL" tag "$(tar -xOf "$1" manifest.json | sed 's/.*"RepoTags":\["\([^"]*\)".*/\1/')" "$2" &&
    printf 'FROM %s\nCOPY Dockerfile /\n' "$2" >"$WORK/Dockerfile" && "$DISTILL" build -q --no-cache --check=off "$WORK"; }
build_cold() { "$DISTILL" build -q --no-cache -t "$2" ${3:+-f "$3"} "$1"; }
build_warm() { "$DISTILL" build -q -t "$2" ${3:+-f "$3"} "$1"; }
save() { "$DISTILL" save --format oci --compression gzip -o "$2" "$1"; }
list() { "$DISTILL" images; }
save_docker() { "$DISTILL" save --format docker -o "$2" "$1"; }
tag() { "$DISTILL" tag "$1" "$2"; }
push() { "$DISTILL" push -q "$2"; }
pull() { DISTILL_ROOT=$WORK/pulled "$DISTILL" pull -q "$1"; }
forget_pulled() { rm -rf "$WORK/pulled"; }
processes() { basename "$DISTILL"; }
finish() { :; }

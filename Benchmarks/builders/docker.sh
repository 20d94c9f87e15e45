# shellcheck shell=bash
# dockerd of Debian with its built-in builder; a daemon of its own on a socket of its own.
export DOCKER_HOST=unix://$WORK/docker.sock DOCKER_BUILDKIT=1
# Newer clients need a plugin for BuildKit; without it the older builder is what there is. `present` finds out.
[ ! -e "$WORK/classic" ] || export DOCKER_BUILDKIT=0
present() {
    command -v dockerd >/dev/null || return 1
    start_engine || return 1
    ! docker build - </dev/null 2>&1 | grep -q "buildx component" || touch "$WORK/classic"
}
unmask() { unshare -m --propagation private sh -c 'umount /sys/fs/cgroup 2>/dev/null; exec "$@"' sh "$@"; }
start_engine() {
    [ -S "$WORK/docker.sock" ] && docker version >/dev/null 2>&1 && return 0
    # Control groups are hidden here, but not from the engine.
    unmask dockerd --data-root "$WORK/data" --exec-root "$WORK/exec" --pidfile "$WORK/dockerd.pid" -H "$DOCKER_HOST" \
        --bridge none --iptables=false --ip6tables=false >"$WORK/dockerd.log" 2>&1 &
    for _ in $(seq 50); do
        docker version >/dev/null 2>&1 && return 0
        sleep 0.2
    done
    return 1
}
version() { docker version --format 'dockerd {{.Server.Version}}'; }
prepare() { local id; id=$(docker load -i "$1" | sed 's/^Loaded image[^:]*: //') && docker tag "$id" "$2"; }
build_cold() { docker build -q --network none --no-cache -t "$2" ${3:+-f "$3"} "$1"; }
build_warm() { docker build -q --network none -t "$2" ${3:+-f "$3"} "$1"; }
save() { docker save -o "$2" "$1"; }
list() { docker images; }
tag() { docker tag "$1" "$2"; }
push() { docker push -q "$2"; }
pull() { docker pull -q "$1"; }
# Docker has one store: what it pulls is no longer there only when no image has its layers.
forget_pulled() { docker images -q | sort -u | xargs -r docker rmi -f || true; } # bases that others stand on stay
processes() { echo dockerd docker containerd; }
finish() { [ ! -f "$WORK/dockerd.pid" ] || kill "$(cat "$WORK/dockerd.pid")" 2>/dev/null || true; }

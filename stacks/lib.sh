# For the demos: an engine of its own in a throw-away directory, the base images, and a tidy end.
# Sourced by stacks/*/demo with $top set to the repository.
set -euo pipefail
cairn() { "$top/.build/release/cairn" "$@"; }
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[36m$ %s\033[0m\n' "$*"; "$@"; }

work=$(mktemp -d /tmp/cairn-demo.XXXXXX)
export CAIRN_HOST=unix://$work/cairn.sock
tidy() {
  code=$?
  if [ -n "${engine:-}" ]; then
    [ -z "${stack:-}" ] || cairn -f "$stack" down -v -t 0 >/dev/null 2>&1 || true
    kill "$engine" 2>/dev/null && wait "$engine" 2>/dev/null || true
  fi
  [ $code -eq 0 ] || { echo "the demo failed; the engine's log:" >&2; tail -n 20 "$work/engine.log" >&2 || true; }
  rm -rf "$work"
  exit $code
}
trap tidy EXIT

begin() { # STACK-FILE IMAGE…
  stack=$1; shift
  say "An engine of its own, in $work"
  mkfifo "$work/ready"
  "$top/.build/release/cairn" engine --data-root "$work/data" --exec-root "$work/exec" \
    --host "$CAIRN_HOST" >"$work/engine.log" 2>&1 &
  engine=$!
  for _ in $(seq 200); do cairn version --format json >/dev/null 2>&1 && [ -S "$work/cairn.sock" ] && break; sleep 0.05; done
  for image in "$@"; do
    "$top/stacks/images/make" "$image" "$work/$image.tar"
    run cairn image import "$work/$image.tar" "$image"
  done
}

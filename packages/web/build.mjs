// `build.mjs web|docs FOLDER` builds the page or the documentation, with compressed copies of its files beside them.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * @param {'web' | 'docs'} kind
 * @param {string} target written beside it first, then moved: concurrent builds and starts find all of it or nothing
 */
async function buildPage(kind, target) {
  const outDir = `${target}.${process.pid}`;
  try {
    await (kind === 'web' ? buildWeb(outDir) : buildDocs(outDir));
    compress(outDir);
    renameSync(outDir, target);
  } catch (error) {
    rmSync(outDir, { recursive: true, force: true });
    // Another process was first.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

async function buildWeb(outDir) {
  const { build } = await import('vite');
  await build({ root: here, configFile: join(here, 'vite.config.mjs'), logLevel: 'warn', build: { outDir } });
}

async function buildDocs(outDir) {
  const { build } = await import('vitepress');
  await build(join(here, 'docs'), { outDir });
}

const COMPRESSED = /\.(js|css|html|svg|json)$/;
const LEAST_BYTES = 1_024;

/** At build time with the best there is, so that serving costs nothing. */
function compress(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (!entry.isFile() || !COMPRESSED.test(entry.name)) continue;
    const bytes = readFileSync(path);
    if (bytes.length < LEAST_BYTES) continue;
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
  }
}

const [kind, target] = process.argv.slice(2);
await buildPage(kind, target);

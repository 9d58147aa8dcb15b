import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtPages } from '@crunch-node/launcher/page';
import { Command } from 'commander';
import { root } from '../compile.mjs';
import { compilePackage } from './compiled.ts';
import { copyDeclarations, emitDeclarations } from './declarations.ts';
import { manifestOf, version } from './manifest.ts';
import { type Packed, packages } from './packages.ts';

const options = new Command('scripts/pack')
  .description('Makes the npm packages and the Python wheel that people install, all of one version.')
  .requiredOption('--to <folder>', 'folder for the tarballs and the wheel, created if missing')
  .option('--no-wheel', 'leaves the Python package out, which needs pip and takes longest')
  .parse()
  .opts<{ to: string; wheel: boolean }>();

const to = resolve(options.to);
const scratch = mkdtempSync(join(tmpdir(), 'crunch-pack-'));
try {
  mkdirSync(to, { recursive: true });
  emitDeclarations([...new Set(packages.flatMap(({ exports }) => Object.values(exports)))], scratch);
  const folders = [];
  for (const packed of packages) folders.push(await prepare(packed));
  const made = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', to, ...folders], { cwd: scratch, encoding: 'utf8' }),
  ) as { filename: string }[] | Record<string, { filename: string }>;
  for (const { filename } of Object.values(made)) process.stdout.write(`${join(to, filename)}\n`);
  if (options.wheel) execFileSync(join(root, 'scripts', 'wheel'), [to], { stdio: ['ignore', 'inherit', 'inherit'] });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The folder of a package, as it is published. */
async function prepare(packed: Packed): Promise<string> {
  const folder = join(scratch, packed.name.replace('/', '-'));
  mkdirSync(folder);
  await compilePackage(packed, folder);
  copyDeclarations(Object.values(packed.exports), scratch, folder);
  for (const part of packed.parts ?? []) {
    cpSync(join(root, part), join(folder, 'parts', part), {
      recursive: true,
      filter: (path) => !/__pycache__|\.egg-info|\.test\.ts$/.test(path),
    });
  }
  plainManifests(folder, packed.parts ?? []);
  if (packed.workspace === '*') {
    for (const [kind, pages] of Object.entries(builtPages())) {
      cpSync(pages, join(folder, 'parts', 'pages', kind), { recursive: true });
    }
  }
  if (packed.bin !== undefined && packed.workspace === '*') useCompiled(folder);
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'README.md'), readmeOf(packed));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(packed), null, 2)}\n`);
  return folder;
}

/** Of a manifest among the parts only the version is read: its exports hold for the workspace. */
function plainManifests(folder: string, parts: readonly string[]): void {
  for (const part of parts.filter((path) => path.endsWith('package.json'))) {
    const { name } = JSON.parse(readFileSync(join(root, part), 'utf8')) as { name: string };
    writeFileSync(join(folder, 'parts', part), `${JSON.stringify({ name, version, type: 'module' })}\n`);
  }
}

/** An installed engine has no sources: its programs start what lies in `dist/`. */
function useCompiled(folder: string): void {
  const launcher = join(folder, 'parts', 'packages', 'launcher', 'src');
  cpSync(join(launcher, 'installed.js'), join(launcher, 'compiled.js'));
  rmSync(join(launcher, 'installed.js'));
  for (const program of [
    'packages/cli/bin/crunch-node.js',
    'services/orchestrator/bin/orchestrator.js',
    'services/orchestrator/bin/model-host.js',
    'packages/backtest/bin/model-thread.js',
  ]) {
    const path = join(folder, 'parts', program);
    const text = readFileSync(path, 'utf8');
    const levels = program.split('/').length - 1;
    writeFileSync(
      path,
      text.replace("'@crunch-node/launcher'", `'${'../'.repeat(levels)}packages/launcher/src/run.js'`),
    );
  }
}

function readmeOf({ name, description, usage }: Packed): string {
  const language = usage.startsWith('npx') || usage.startsWith('npm') ? 'sh' : 'ts';
  return `# ${name}\n\n${description}. Version ${version}, the same for every package of crunch-node.\n\n\`\`\`${language}\n${usage}\n\`\`\`\n`;
}

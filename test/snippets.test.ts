/** Every TypeScript example of the documentation compiles. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * What a fragment lacks to be a module: a comment right before it, such as `<!-- ts: declare const last: number; -->`,
 * becomes its first line. One that begins with a key is part of a configuration.
 */
const SNIPPET = /(?:<!-- ts: (.*) -->\n)?```ts\n([\s\S]*?)^```$/gm;
const FRAGMENT = /^\s*(?:\/\/.*\n\s*)*[a-z_]+: /;

interface Snippet {
  /** file and line, with all but letters and digits replaced */
  readonly name: string;
  readonly code: string;
}

async function snippetsOf(path: string): Promise<Snippet[]> {
  const text = await readFile(join(ROOT, path), 'utf8');
  return [...text.matchAll(SNIPPET)].map(({ index, 1: preamble = '', 2: code = '' }) => {
    const line = text.slice(0, index).split('\n').length;
    return { name: `${path.replace(/[^A-Za-z0-9]+/g, '-')}-${line}`, code: moduleOf(preamble, code) };
  });
}

function moduleOf(preamble: string, code: string): string {
  const configuration = FRAGMENT.test(code) ? `export default defineCrunch({\n${code}});\n` : code;
  const isImported = /import .*defineCrunch/.test(configuration);
  const needed = ['defineCrunch', 'realtimePack', 'tradingPack', 'tournamentPack'].filter((name) =>
    configuration.includes(name),
  );
  const imports =
    isImported || needed.length === 0 ? '' : `import { ${needed.join(', ')} } from '@crunch-node/config';\n`;
  return `${imports}${preamble}\n${configuration}\nexport {};\n`;
}

async function documents(): Promise<string[]> {
  const found = await readdir(join(ROOT, 'docs'), { recursive: true });
  return ['README.md', ...found.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))];
}

/** Output of tsc for these modules; empty when nothing is wrong. */
async function compile(snippets: readonly Snippet[]): Promise<string> {
  // Next to the packages, so that their names are found.
  const folder = await mkdtemp(join(ROOT, 'node_modules', '.snippets-'));
  try {
    const config = { extends: '../../tsconfig.json', include: ['*.ts'], exclude: [] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await Promise.all(snippets.map(({ name, code }) => writeFile(join(folder, `${name}.ts`), code)));
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    await promisify(execFile)(tsc, ['-p', folder], { cwd: folder });
    return '';
  } catch (error) {
    return String((error as { stdout?: string }).stdout || error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('examples of the documentation', () => {
  it('compile', { timeout: 240_000 }, async () => {
    const snippets = (await Promise.all((await documents()).map(snippetsOf))).flat();
    assert.ok(snippets.length >= 8, `expected at least 8 examples, found ${snippets.length}`);
    const wrong = {
      name: 'wrong',
      code: moduleOf('', 'scoring_function: (prediction) => ({ value: prediction.price }),\n'),
    };
    const faults = (await compile([...snippets, wrong])).split('\n').filter((line) => line.includes('error TS'));
    // The last one has a fault of its own: a compiler that finds nothing has looked at nothing.
    assert.match(faults.find((line) => line.startsWith('wrong.ts')) ?? '', /price/);
    assert.deepEqual(
      faults.filter((line) => !line.startsWith('wrong.ts')),
      [],
    );
  });
});

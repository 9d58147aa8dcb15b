/**
 * Runs every golden vector file of a folder through the pure functions of the domain, in the reference's way, and ends
 * with `N passed, N failed`. Exit code 0 only when no binding case fails and none waits for code, unless
 * `--built-only` forgives the latter.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CaseResult, runVectors } from '../test/vectors/run.ts';
import { parseVectors } from '../test/vectors/vector.ts';

const SCHEMA = 'crunch-vectors/1';
const SHOWN_FAILURES = 20;

const args = process.argv.slice(2);
const builtOnly = args.includes('--built-only');
const [folder] = args.filter((arg) => !arg.startsWith('--'));
if (folder === undefined) fail('usage: scripts/vectors <folder> [--built-only]');

const results: CaseResult[] = [];
for (const file of vectorFiles(folder)) {
  const ofFile = runVectors(file);
  results.push(...ofFile);
  console.log(`${file.file.padEnd(20)} ${summary(ofFile)}`);
}
if (results.length === 0) fail(`expected vector files with schema ${SCHEMA} in ${folder}, found none`);

const only = (verdict: CaseResult['verdict']): CaseResult[] => results.filter((result) => result.verdict === verdict);
for (const { file, name, detail } of only('deviates')) console.log(`deviates on purpose: ${file}/${name}: ${detail}`);
for (const { file, name, detail } of only('failed').slice(0, SHOWN_FAILURES)) {
  console.log(`failed: ${file}/${name}: ${detail}`);
}
if (only('failed').length > SHOWN_FAILURES) console.log(`… and ${only('failed').length - SHOWN_FAILURES} more`);
for (const [operation, count] of countBy(only('not built yet'))) {
  console.log(`not built yet: ${operation} (${count} cases)`);
}
const waiting = builtOnly ? 0 : only('not built yet').length;
console.log(`${only('passed').length} passed, ${only('failed').length + waiting} failed`);
process.exitCode = only('failed').length + waiting > 0 ? 1 : 0;

function vectorFiles(path: string) {
  let names: string[];
  try {
    names = readdirSync(path).filter((name) => name.endsWith('.json'));
  } catch (error) {
    return fail(`expected a folder of vector files, received ${path}: ${(error as Error).message}`);
  }
  return names
    .sort()
    .map((name) => ({ name, vectors: parseVectors(readFileSync(join(path, name), 'utf8')) }))
    .filter(({ vectors }) => (vectors as { schema?: unknown }).schema === SCHEMA)
    .map(({ name, vectors }) => ({ ...vectors, file: name }));
}

function summary(ofFile: readonly CaseResult[]): string {
  const count = (verdict: CaseResult['verdict']): number =>
    ofFile.filter((result) => result.verdict === verdict).length;
  const parts = [`${count('passed')} passed`, `${count('failed')} failed`];
  if (count('deviates') > 0) parts.push(`${count('deviates')} deviate on purpose`);
  if (count('not built yet') > 0) parts.push(`${count('not built yet')} not built yet`);
  return parts.join(', ');
}

function countBy(waiting: readonly CaseResult[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { file, operation } of waiting) {
    counts.set(`${file}/${operation}`, (counts.get(`${file}/${operation}`) ?? 0) + 1);
  }
  return counts;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

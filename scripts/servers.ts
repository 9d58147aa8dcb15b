import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { serversUnderTest } from '../packages/eventlog/src/testing/servers.ts';

const intTestsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.int.test.ts'))
    .map((name) => `${folder}/${name}`)
    .sort();

/** Tests that depend on the server: the log, and a whole disturbed run. */
const suites: readonly { readonly name: string; readonly files: readonly string[] }[] = [
  { name: 'log', files: intTestsIn('packages/eventlog/src') },
  { name: 'facts', files: ['test/same-inputs-same-facts.e2e.test.ts'] },
  { name: 'poison', files: ['test/poison.e2e.test.ts'] },
];

const wanted = process.env.CRUNCH_TEST_NATS_SUITES ?? 'bookworm,trixie,sid';
const found = await serversUnderTest({ ...process.env, CRUNCH_TEST_NATS_SUITES: wanted });
const servers = [...new Map(found.map((server) => [server.title, server])).values()];
const only = process.argv.slice(2);
let failed = 0;
console.log('| server | suite | outcome |\n| --- | --- | --- |');
for (const { title, binary, skip } of servers) {
  for (const { name, files } of suites) {
    if (only.length > 0 && !only.includes(name)) continue;
    const outcome = binary === undefined ? `not run: ${skip}` : await run(binary, files);
    if (outcome.startsWith('failed')) failed += 1;
    console.log(`| ${title} | ${name} | ${outcome} |`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;

/** Its own servers for tests on several versions are this one alone. */
async function run(binary: string, files: readonly string[]): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-reporter=tap', ...files],
    {
      env: { ...process.env, NATS_SERVER_BIN: binary, CRUNCH_TEST_NATS_SUITES: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  await once(child, 'close');
  const count = (what: string): string => new RegExp(`^# ${what} (\\d+)`, 'm').exec(output)?.[1] ?? '?';
  const faults = [...output.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name);
  const text = `${count('pass')} passed, ${count('skipped')} skipped`;
  return faults.length === 0 ? text : `failed: ${faults.join('; ')} (${text})`;
}

import { parseArgs } from 'node:util';
import { type FuzzResult, fuzz } from '../services/report/src/testing/fuzz/fuzz.ts';
import { fuzzAnswers } from '../test/support/fuzz-answers.ts';
import { fuzzedCompetition, fuzzedRows, fuzzedTournament } from '../test/support/fuzz-targets.ts';
import { startServers } from '../test/support/servers.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    url: { type: 'string' },
    key: { type: 'string', multiple: true, default: [] },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('expected --seconds as a number above 0 and --seed as a whole number');
  process.exit(2);
}

function forSeconds(length: number): () => boolean {
  const until = performance.now() + length * 1000;
  return () => performance.now() < until;
}

let failed = false;
function printResult(name: string, { requests, byStatus, faults }: FuzzResult, inside: readonly string[]): void {
  for (const fault of [...faults, ...inside]) console.log(`${name}: ${fault}`);
  failed ||= faults.length + inside.length > 0;
  console.log(
    JSON.stringify({ target: name, seed, requests, by_status: byStatus, faults: faults.length + inside.length }),
  );
}

console.error(`seed ${seed}`);
if (values.url !== undefined) {
  printResult(values.url, await fuzz({ url: values.url, seed, keys: values.key, goesOn: forSeconds(seconds) }), []);
} else {
  const rows = fuzzedRows(seed, forSeconds(seconds / 4));
  for (const fault of rows.faults) console.log(`feed rows: ${fault}`);
  failed ||= rows.faults.length > 0;
  console.log(
    JSON.stringify({ target: 'feed rows', seed, rows: rows.rows, outcomes: rows.outcomes, faults: rows.faults.length }),
  );
  const { runs, answers, faults } = fuzzAnswers(seed, forSeconds(seconds / 4));
  for (const fault of faults) console.log(fault);
  failed ||= faults.length > 0;
  console.log(JSON.stringify({ target: 'answers', seed, runs, answers, faults: faults.length }));
  const servers = await startServers();
  try {
    for (const open of [fuzzedCompetition, fuzzedTournament]) {
      const target = await open(servers);
      try {
        const result = await target.ask(seed, forSeconds(seconds / 4));
        printResult(target.name, result, target.faultsInside());
      } finally {
        await target.stop();
      }
    }
  } finally {
    await servers.stop();
  }
}
process.exitCode = failed ? 1 : 0;

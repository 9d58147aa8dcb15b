import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { planOf } from '../test/chaos/plan.ts';
import { type RunResult, run } from '../test/chaos/run.ts';
import { openSurroundings } from '../test/chaos/surroundings.ts';
import { isKill, tallyOf, tallyText } from '../test/chaos/tally.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    minutes: { type: 'string' },
    first: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    endings: { type: 'string', default: '3' },
    cycles: { type: 'string', default: '90' },
    nats: { type: 'string' },
    'sync-always': { type: 'boolean', default: false },
    replicas: { type: 'string', default: '1' },
    mirror: { type: 'boolean', default: false },
    'lease-seconds': { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(`scripts/chaos [options]
  --runs <n>       so many runs (1)
  --minutes <m>    or as many as begin within so many minutes
  --seed <text>    of the disturbances: the same seed, the same plan
  --first <n>      number of the first run: --seed 7 --first 3 --runs 1 is run 7/3 again
  --only <names>   separated by commas: services (score), processes (score-2), places (stored, cycle-published, …),
                   ways (point, kill, kill starting, terminate, freeze, cut off, slow disk), nats-server, Postgres, replay
  --endings <n>    how often each process is ended in a run (3)
  --cycles <n>     length of a run (90)
  --nats <file>    nats-server to use; default as crunch-node finds one
  --replicas 3     three nats-servers; two of them are killed, frozen, lost for longer than every timer; leaders move
  --mirror         each stream has a mirror in the same account, which is behind
  --lease-seconds <n>  how long a lease outlives its holder (2); a writer repeats what is not acknowledged after 5
  --sync-always    nats-server writes every message to the disk before it acknowledges it`);
  process.exit(0);
}

const whole = (
  name: 'runs' | 'first' | 'endings' | 'cycles' | 'replicas' | 'lease-seconds',
  fallback: number,
): number => {
  const number = Number(values[name] ?? fallback);
  if (Number.isInteger(number) && number >= 0) return number;
  console.error(`expected --${name} as a whole number, received ${values[name]}`);
  process.exit(2);
};
const minutes = Number(values.minutes ?? 0);
if (!(minutes >= 0)) {
  console.error(`expected --minutes as a number, received ${values.minutes}`);
  process.exit(2);
}
const runs = whole('runs', minutes > 0 ? Number.MAX_SAFE_INTEGER : 1);
const [first, endings, cycles] = [whole('first', 1), whole('endings', 3), whole('cycles', 90)];
const [replicas, leaseSeconds] = [whole('replicas', 1), whole('lease-seconds', 2)];
if (replicas !== 1 && replicas !== 3) {
  console.error(`expected --replicas 1 or 3, received ${replicas}`);
  process.exit(2);
}
if (replicas === 3 && values['sync-always']) {
  console.error('expected --sync-always with one nats-server, received --replicas 3');
  process.exit(2);
}
const only = values.only?.split(',').map((name) => name.trim());

const print = (line: string): void => console.log(line);
const until = minutes > 0 ? performance.now() + minutes * 60_000 : Number.POSITIVE_INFINITY;
const results: RunResult[] = [];
const surroundings = await openSurroundings({
  cycles,
  feedSeed: 'chaos',
  syncAlways: values['sync-always'],
  replicas,
  leaseSeconds,
  ...(values.nats !== undefined && { natsBinary: values.nats }),
});
const folder = await mkdtemp(join(tmpdir(), 'crunch-chaos-logs-'));
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopped = true;
    print(`${signal}: ending after this run`);
  });
try {
  print(
    `seed ${values.seed}, nats-server ${surroundings.natsVersion}${values['sync-always'] ? ', sync_interval always' : ''}`,
  );
  const calm = performance.now();
  await surroundings.undisturbed();
  print(`undisturbed: ${((performance.now() - calm) / 1000).toFixed(0)} s`);
  for (let n = first; n < first + runs && performance.now() < until && !stopped; n++) {
    const seed = `${values.seed}/${n}`;
    print(`run ${seed}`);
    const result = await run(planOf(seed, { endings, cycles, replicas, ...(only && { only }) }), {
      surroundings,
      cycles,
      folder,
      mirrored: values.mirror,
      print,
    });
    results.push(result);
    const kills = result.suffered.filter(isKill).length;
    const verdict = result.faults.length === 0 ? 'equal to the undisturbed run' : 'FAILED';
    print(`run ${seed}: ${kills} kills in ${result.seconds.toFixed(0)} s: ${verdict}`);
    for (const fault of result.faults) print(`  ${fault}`);
    if (result.folder !== null) print(`  logs in ${result.folder}`);
  }
} finally {
  await surroundings.stop();
  await rmdir(folder).catch(() => undefined);
}
const failed = results.filter(({ faults }) => faults.length > 0);
const kills = results.flatMap(({ suffered }) => suffered.filter(isKill)).length;
print(`\n${tallyText(tallyOf(results))}\n`);
print(
  `${kills} kills of services in ${results.length} runs, ${failed.length} of them failed${failed.length > 0 ? `: ${failed.map(({ seed }) => seed).join(', ')}` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

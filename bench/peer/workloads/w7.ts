/** W7: canonical JSON and SHA-256 of a cycle's snapshots, their tree, the proof of one and its check. */
import { merkleTree, proofOf, snapshotHash, verifyProof } from '@crunch-node/domain';
import { instantOfMillis } from '@crunch-node/streams';
import { emptyDatabase, startReference } from '../reference.ts';
import type { Row, Setting } from '../row.ts';
import { modelId, START, summary } from '../synthetic.ts';

const SNAPSHOTS = 500;
const PROVEN = 250;
const PARTS = ['hash', 'tree', 'proof', 'verify'] as const;

interface Measured {
  readonly root: string;
  readonly ms: Readonly<Record<(typeof PARTS)[number], number>>;
  readonly cpu_ms: number;
  readonly peak_rss_mb: number;
}

export async function w7({ installed, postgres, folder, small }: Setting): Promise<Row[]> {
  const [turns, repeats] = small ? [2, 40] : [4, 500];
  const databaseUrl = await emptyDatabase(postgres.url, 'reference_w7');
  const reference = await startReference({ installed, folder, databaseUrl });
  try {
    const theirs: Measured[] = [];
    const ours: Measured[] = [];
    run(repeats);
    for (let turn = 0; turn < turns; turn++) {
      theirs.push(await reference.call<Measured>('w7', 'run', { snapshots: SNAPSHOTS, repeats }));
      ours.push(run(repeats));
    }
    if (theirs[0]!.root !== ours[0]!.root) throw new Error('expected the same root of both systems');
    const best = (all: readonly Measured[], of: (one: Measured) => number): number => Math.min(...all.map(of));
    const sum = ({ ms }: Measured): number => PARTS.reduce((total, part) => total + ms[part], 0);
    const row = (what: string, of: (one: Measured) => number): Row => ({
      workload: 'W7',
      what,
      unit: 'ms',
      reference: best(theirs, of),
      ours: best(ours, of),
      durable: 'nothing is kept',
    });
    return [
      {
        ...row(`all of ${SNAPSHOTS} snapshots, same root`, sum),
        referenceCpu: best(theirs, ({ cpu_ms }) => cpu_ms),
        oursCpu: best(ours, ({ cpu_ms }) => cpu_ms),
      },
      row('canonical JSON and SHA-256', ({ ms }) => ms.hash),
      row('tree', ({ ms }) => ms.tree),
      row('proof of a leaf', ({ ms }) => ms.proof),
      row('check of the proof', ({ ms }) => ms.verify),
    ];
  } finally {
    await reference.stop();
  }
}

function run(repeats: number): Measured {
  const given = Array.from({ length: SNAPSHOTS }, (_, i) => ({
    model_id: modelId(i),
    period_start: instantOfMillis(START),
    period_end: instantOfMillis(START + 60_000),
    prediction_count: 20,
    result_summary: summary(i, 1),
  }));
  const ms = { hash: 0, tree: 0, proof: 0, verify: 0 };
  let root = '';
  const before = process.cpuUsage();
  for (let repeat = 0; repeat < repeats; repeat++) {
    const begun = performance.now();
    const hashes = given.map(snapshotHash);
    const hashed = performance.now();
    const tree = merkleTree(hashes)!;
    const built = performance.now();
    const proof = proofOf(tree, hashes[PROVEN]!);
    const proved = performance.now();
    if (!verifyProof(hashes[PROVEN]!, proof, tree.root)) throw new Error('the proof does not lead to the root');
    ms.hash += (hashed - begun) / repeats;
    ms.tree += (built - hashed) / repeats;
    ms.proof += (proved - built) / repeats;
    ms.verify += (performance.now() - proved) / repeats;
    root = tree.root;
  }
  const { user, system } = process.cpuUsage(before);
  return { root, ms, cpu_ms: (user + system) / 1000 / repeats, peak_rss_mb: process.resourceUsage().maxRSS / 1024 };
}

import { foldProof, hashPair, type ProofStep, sha256Hex, snapshotText } from '@crunch-node/domain';
import { CrunchError } from '@crunch-node/streams/errors';
import type { PublicApi, PublishedCycle, PublishedProof, PublishedSnapshot } from './public-api.ts';

/** One check. After a failed check there are no further ones. */
export interface VerifiedStep {
  readonly name: 'published' | 'content' | 'leaf' | 'cycle' | 'chain' | 'checkpoint' | 'trusted root';
  readonly ok: boolean;
  readonly detail: string;
}

export interface SnapshotVerifyOptions {
  readonly snapshotId: string;
  /** follow the chain to the first cycle, rather than to the previous one */
  readonly full?: boolean;
  /** checkpoint root known from elsewhere: without it responses are only compared with each other */
  readonly trustedRoot?: string;
}

type Failure = Omit<VerifiedStep, 'ok'>;

/**
 * Recomputes all published evidence for a snapshot, from its content to the root of its checkpoint, from responses of
 * the public API only.
 */
export async function* verifySnapshot(api: PublicApi, options: SnapshotVerifyOptions): AsyncGenerator<VerifiedStep> {
  const { snapshotId, full = false, trustedRoot } = options;
  try {
    const snapshot = await published(`snapshot ${snapshotId}`, () => api.snapshot(snapshotId));
    const proof = await published(`proof of ${snapshotId}`, () => api.proof(snapshotId));
    const cycle = await published(`cycle ${proof.cycle_id}`, () => api.cycle(proof.cycle_id));
    yield passed('content', contentOf(snapshot));
    yield passed('leaf', leafOf(snapshot, proof));
    yield passed('cycle', cycleOf(proof, cycle));
    yield passed('chain', full ? await wholeChain(api, cycle) : await lastLink(api, cycle));
    yield passed('checkpoint', await checkpointOf(api, proof));
    if (trustedRoot !== undefined) yield passed('trusted root', trusted(proof, trustedRoot));
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    yield { ...error.failure, ok: false };
  }
}

class StepFailed extends CrunchError {
  override readonly code = 'proof_step_failed';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.detail);
    this.failure = failure;
  }
}

const passed = (name: VerifiedStep['name'], detail: string): VerifiedStep => ({ name, ok: true, detail });

const fail = (name: VerifiedStep['name'], detail: string): never => {
  throw new StepFailed({ name, detail });
};

function mustEqual(name: VerifiedStep['name'], what: string, recomputed: string, recordedHash: unknown): void {
  if (recomputed !== recordedHash) fail(name, `${what}: recomputed ${recomputed}, published ${String(recordedHash)}`);
}

async function published<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  return (await find()) ?? fail('published', `there is no ${what}`);
}

/** The displayed values have to equal the hashed ones. */
function contentOf(snapshot: PublishedSnapshot): string {
  const { model_id, period_start, period_end, prediction_count, result_summary } = snapshot;
  const text = textOf({
    model_id,
    period_start: `${period_start}+00:00`,
    period_end: `${period_end}+00:00`,
    prediction_count,
    result_summary,
  });
  mustEqual('content', 'text of the fields', text, snapshot.canonical);
  return text;
}

function textOf(fields: Parameters<typeof snapshotText>[0]): string {
  try {
    return snapshotText(fields);
  } catch (error) {
    return fail('content', (error as Error).message);
  }
}

function leafOf(snapshot: PublishedSnapshot, proof: PublishedProof): string {
  const hash = sha256Hex(snapshot.canonical);
  mustEqual('leaf', 'hash of the snapshot', hash, snapshot.content_hash);
  mustEqual('leaf', 'hash in the proof', hash, proof.snapshot_content_hash);
  return hash;
}

function cycleOf(proof: PublishedProof, cycle: PublishedCycle): string {
  const root = foldProof(proof.snapshot_content_hash, proof.path);
  mustEqual('cycle', `root of the snapshots of ${cycle.id}`, root, cycle.snapshots_root);
  mustEqual('cycle', `chained root of ${cycle.id}`, chainedRoot(cycle), cycle.chained_root);
  mustEqual('cycle', 'chained root in the proof', cycle.chained_root, proof.cycle_root);
  return `${cycle.id}, ${steps(proof.path)} to ${root}, chained to ${cycle.chained_root}`;
}

const chainedRoot = ({ previous_cycle_root, snapshots_root }: PublishedCycle): string =>
  previous_cycle_root === null ? snapshots_root : hashPair(previous_cycle_root, snapshots_root);

async function lastLink(api: PublicApi, cycle: PublishedCycle): Promise<string> {
  if (cycle.previous_cycle_id === null) return first(cycle);
  const previous = await api.cycle(cycle.previous_cycle_id);
  if (previous === undefined) return fail('chain', `there is no cycle ${cycle.previous_cycle_id}`);
  link(cycle, previous);
  return `continues ${previous.id}`;
}

/** Page by page back to the first cycle, each recomputed. */
async function wholeChain(api: PublicApi, newest: PublishedCycle): Promise<string> {
  let cycle = newest;
  let links = 0;
  while (cycle.previous_cycle_id !== null) {
    const older = (await api.cyclesUntil(cycle.created_at)).filter(({ id }) => id !== cycle.id).reverse();
    if (older.length === 0) fail('chain', `there is no cycle ${cycle.previous_cycle_id}`);
    for (const previous of older) {
      link(cycle, previous);
      cycle = previous;
      links += 1;
    }
  }
  return `${links} links back, ${first(cycle)}`;
}

function link(cycle: PublishedCycle, previous: PublishedCycle): void {
  mustEqual('chain', `cycle before ${cycle.id}`, previous.id, cycle.previous_cycle_id);
  mustEqual('chain', `chained root of ${previous.id}`, chainedRoot(previous), previous.chained_root);
  mustEqual('chain', `root that ${cycle.id} continues`, previous.chained_root, cycle.previous_cycle_root);
}

function first({ id, previous_cycle_root }: PublishedCycle): string {
  if (previous_cycle_root !== null) fail('chain', `${id} continues a root, but names no cycle before it`);
  return `${id} is the first cycle`;
}

async function checkpointOf(api: PublicApi, proof: PublishedProof): Promise<string> {
  const { checkpoint_id, cycle_root, checkpoint_path, merkle_root } = proof;
  if (checkpoint_id === null) return 'no checkpoint covers the cycle yet';
  const root = foldProof(cycle_root, checkpoint_path);
  mustEqual('checkpoint', `root of ${checkpoint_id} in the proof`, root, merkle_root);
  const checkpoint = await api.checkpoint(checkpoint_id);
  if (checkpoint === undefined) return fail('checkpoint', `there is no checkpoint ${checkpoint_id}`);
  mustEqual('checkpoint', `root of ${checkpoint_id}`, root, checkpoint.merkle_root);
  return `${checkpoint_id}, ${steps(checkpoint_path)} to ${root}`;
}

function trusted({ checkpoint_id, merkle_root }: PublishedProof, root: string): string {
  if (checkpoint_id === null) return fail('trusted root', 'no checkpoint covers the cycle yet');
  mustEqual('trusted root', `root of ${checkpoint_id}`, root.toLowerCase(), merkle_root);
  return root;
}

const steps = (path: readonly ProofStep[]): string => `${path.length} ${path.length === 1 ? 'step' : 'steps'}`;

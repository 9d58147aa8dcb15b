/** The evidence of a snapshot, recomputed with the browser's own SHA-256 from what the API publishes. */

export interface ProofStep {
  readonly hash: string;
  readonly position: 'left' | 'right';
}

export interface Evidence {
  readonly snapshot: { readonly id: string; readonly canonical: string; readonly content_hash: string };
  readonly proof: {
    readonly snapshot_content_hash: string;
    readonly cycle_id: string;
    readonly cycle_root: string;
    readonly checkpoint_id: string | null;
    readonly merkle_root: string | null;
    readonly path: readonly ProofStep[];
    readonly checkpoint_path: readonly ProofStep[];
  };
  readonly cycle: {
    readonly id: string;
    readonly previous_cycle_root: string | null;
    readonly snapshots_root: string;
    readonly chained_root: string;
  };
  /** null: no checkpoint covers the cycle yet */
  readonly checkpoint: { readonly id: string; readonly merkle_root: string | null } | null;
}

export interface Step {
  readonly title: string;
  readonly detail: string;
  /** what was hashed together, and what came out */
  readonly hashes: readonly { readonly what: string; readonly hash: string }[];
  readonly isRight: boolean;
}

type Digest = (text: string) => Promise<string>;

/** Lower-case hex of the hash of the UTF-8 text. */
export const sha256: Digest = async (text) => {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** Each check in its order; none follows one that failed. */
export async function* verify(
  { snapshot, proof, cycle, checkpoint }: Evidence,
  digest: Digest = sha256,
): AsyncGenerator<Step> {
  const leaf = await digest(snapshot.canonical);
  const content: Step = {
    title: 'The content of the snapshot has the published hash',
    detail: snapshot.canonical,
    hashes: [
      { what: 'computed here', hash: leaf },
      { what: 'published', hash: snapshot.content_hash },
    ],
    isRight: leaf === snapshot.content_hash && leaf === proof.snapshot_content_hash,
  };
  yield content;
  if (!content.isRight) return;

  const toCycle = await fold(leaf, proof.path, digest);
  const inCycle: Step = {
    title: `It leads to the root of its cycle, ${cycle.id}`,
    detail: `${steps(proof.path)} up the tree of the snapshots of that cycle`,
    hashes: [...toCycle, { what: 'published', hash: cycle.snapshots_root }],
    isRight: toCycle.at(-1)?.hash === cycle.snapshots_root,
  };
  yield inCycle;
  if (!inCycle.isRight) return;

  const { previous_cycle_root: previous, snapshots_root } = cycle;
  const chained = previous === null ? snapshots_root : await digest(previous + snapshots_root);
  const chain: Step = {
    title: 'The cycle is chained to all before it',
    detail: previous === null ? 'it is the first cycle' : 'hash of the root of the cycle before and of this one',
    hashes: [
      ...(previous === null ? [] : [{ what: 'the cycle before', hash: previous }]),
      { what: 'computed here', hash: chained },
      { what: 'published', hash: cycle.chained_root },
    ],
    isRight: chained === cycle.chained_root && chained === proof.cycle_root,
  };
  yield chain;
  if (!chain.isRight || checkpoint === null) return;

  const toRoot = await fold(chained, proof.checkpoint_path, digest);
  const root = toRoot.at(-1)?.hash;
  yield {
    title: `The chain leads to the root of checkpoint ${checkpoint.id}`,
    detail: `${steps(proof.checkpoint_path)} up the tree of the cycles of the checkpoint`,
    hashes: [...toRoot, { what: 'published', hash: checkpoint.merkle_root ?? 'none' }],
    isRight: root === checkpoint.merkle_root && root === proof.merkle_root,
  };
}

async function fold(leaf: string, path: readonly ProofStep[], digest: Digest): Promise<Step['hashes']> {
  const hashes = [{ what: 'start', hash: leaf }];
  let current = leaf;
  for (const { hash, position } of path) {
    current = await digest(position === 'right' ? current + hash : hash + current);
    hashes.push({ what: `with ${hash.slice(0, 8)}… on the ${position}`, hash: current });
  }
  return hashes;
}

const steps = ({ length }: readonly unknown[]): string => `${length} ${length === 1 ? 'step' : 'steps'}`;

import { publicApi, type VerifiedStep, verifySnapshot } from '@crunch-node/operations/merkle';
import { createScreen } from '../screen.ts';

export interface MerkleVerifyOptions {
  readonly url: string;
  readonly snapshotId: string;
  readonly full?: boolean;
  readonly root?: string;
  readonly key?: string;
  readonly json?: boolean;
}

/** Prints each step; the first that fails ends it, with exit code 1. */
export async function runMerkleVerify({ url, snapshotId, full, root, key, json }: MerkleVerifyOptions): Promise<void> {
  const screen = createScreen();
  const steps: VerifiedStep[] = [];
  const options = { snapshotId, ...(full && { full }), ...(root !== undefined && { trustedRoot: root }) };
  for await (const step of verifySnapshot(publicApi(url, key), options)) {
    steps.push(step);
    if (!json) screen.result(`${step.ok ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(12)}  ${step.detail}`);
  }
  const failed = steps.find(({ ok }) => !ok);
  if (json) screen.result(JSON.stringify({ snapshot_id: snapshotId, verified: failed === undefined, steps }));
  else screen.result(verdict(snapshotId, failed));
  if (failed !== undefined) process.exitCode = 1;
}

const verdict = (snapshotId: string, failed: VerifiedStep | undefined): string =>
  failed === undefined ? `snapshot ${snapshotId} verified` : `${snapshotId} is refuted at: ${failed.name}`;

import { type ChainHead, chainCycle, headAfter, merkleTree, snapshotHash } from '@crunch-node/domain';
import type { Sample } from '@crunch-node/projections/testing';
import {
  addSeconds,
  CheckpointCreated,
  checkpoints,
  type Instant,
  type JsonObject,
  SnapshotsCycleClosed,
  SnapshotTaken,
  snapshots,
} from '@crunch-node/streams';

export const evidenceStart: Instant = '2026-11-21T19:07:17.605149Z';

/** Snapshots whose evidence is true: a minute apart, `summaries` being model → summary of each cycle. */
export function evidenceLog(summaries: readonly Readonly<Record<string, JsonObject>>[], covered: number): Sample[] {
  let head: ChainHead | null = null;
  const roots: string[] = [];
  const log: Sample[] = [];
  summaries.forEach((cycle, i) => {
    const end = addSeconds(evidenceStart, 60 * i);
    const taken = Object.entries(cycle).map(([model_id, result_summary]) => {
      const period = { period_start: addSeconds(end, -60), period_end: addSeconds(end, -30.5) };
      const hashed = { model_id, ...period, prediction_count: 2, result_summary };
      return SnapshotTaken.at(end, {
        ...hashed,
        snapshot_id: `SNAP_${model_id}_${i}`,
        cycle_end: end,
        failed_count: 0,
        unavailable: {},
        content_hash: snapshotHash(hashed),
      });
    });
    const merkle = chainCycle(
      head,
      end,
      taken.map(({ data }) => data),
    );
    head = headAfter(head, merkle);
    if (merkle !== null) roots.push(merkle.chained_root);
    const start = i === 0 ? null : addSeconds(end, -60);
    const closing = SnapshotsCycleClosed.at(end, { start, end, config_hash: 'hash', merkle, chain: head });
    log.push(...[...taken, closing].map((event) => ({ stream: snapshots, event })));
  });
  const end = addSeconds(evidenceStart, 60 * (covered - 1));
  log.push({
    stream: checkpoints,
    event: CheckpointCreated.at(end, {
      checkpoint_id: 'CKP_covering',
      period_start: addSeconds(evidenceStart, -60),
      period_end: end,
      emission: { crunch: 'c', cruncher_rewards: [], compute_provider_rewards: [], data_provider_rewards: [] },
      snapshot_count: 1,
      ranking: [],
      merkle_root: merkleTree(roots.slice(0, covered))?.root ?? null,
    }),
  });
  return log;
}

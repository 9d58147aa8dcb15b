import { type BackfillJob, foldBackfill, isActive } from '@crunch-node/domain';
import type { ReadableLog } from '@crunch-node/eventlog';
import { readToEnd } from '@crunch-node/service';
import { backfills } from '@crunch-node/streams';

/** All jobs there are, newest first. */
export async function allJobs(log: ReadableLog): Promise<BackfillJob[]> {
  const jobs = new Map<string, BackfillJob>();
  for await (const { events } of readToEnd(log, backfills)) for (const { event } of events) take(jobs, event);
  return [...jobs.values()].reverse();
}

/** Calls with the jobs of these ids after each of their events, until all have ended or the signal aborts. */
export async function followJobs(
  log: ReadableLog,
  ids: readonly string[],
  signal: AbortSignal,
  onChange: (jobs: readonly BackfillJob[]) => void,
): Promise<readonly BackfillJob[]> {
  const jobs = new Map<string, BackfillJob>();
  const wanted = (): BackfillJob[] => ids.flatMap((id) => jobs.get(id) ?? []);
  const { lastSequence } = await log.info(backfills);
  for await (const batch of log.read(backfills, { after: 0, maxWaitMs: 0, signal })) {
    for (const { event } of batch.events) if (ids.includes(event.data.job_id)) take(jobs, event);
    // Events from before the start are shown at once, as one state.
    if (batch.lastSequence < lastSequence) continue;
    onChange(wanted());
    if (wanted().length === ids.length && !wanted().some(isActive)) break;
  }
  return wanted();
}

function take(jobs: Map<string, BackfillJob>, event: Parameters<typeof foldBackfill>[1]): void {
  const job = foldBackfill(jobs.get(event.data.job_id) ?? null, event);
  if (job !== null) jobs.set(event.data.job_id, job);
}

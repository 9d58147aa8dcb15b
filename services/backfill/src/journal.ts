import { type BackfillJob, foldBackfill } from '@crunch-node/domain';
import type { EventLog, Publisher } from '@crunch-node/eventlog';
import { type BackfillEvent, backfillNatsSubject, backfills } from '@crunch-node/streams';

interface Kept {
  readonly job: BackfillJob;
  /** of the job's last event */
  readonly sequence: number;
}

/** All jobs as recorded in the log, and the only way to append events about them. */
export interface Journal {
  jobs(): readonly BackfillJob[];
  job(jobId: string): BackfillJob | undefined;
  /** Reads events appended since the last read. */
  catchUp(): Promise<void>;
  /**
   * Appends the events `decide` returns for the current state of the job, one at a time.
   * @param decide returns null when there is nothing to append
   * @throws {FencedError} when another writer has appended to the job
   */
  publish<E extends BackfillEvent>(
    jobId: string,
    decide: (job: BackfillJob | undefined) => E | null,
  ): Promise<{ readonly event: E; readonly sequence: number } | null>;
  close(): Promise<void>;
}

export async function openJournal(log: EventLog): Promise<Journal> {
  const kept = new Map<string, Kept>();
  /** last sequence per subject, unreadable messages included: the next append has to follow them */
  const sequences = new Map<string, number>();
  const publisher: Publisher = log.publisher();
  let position = 0;
  let previous: Promise<unknown> = Promise.resolve();

  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const result = previous.then(work);
    previous = result.catch(() => undefined);
    return result;
  };

  function take(event: BackfillEvent, sequence: number): void {
    const { job_id } = event.data;
    const before = kept.get(job_id);
    if (before !== undefined && before.sequence >= sequence) return;
    const job = foldBackfill(before?.job ?? null, event);
    if (job !== null) kept.set(job_id, { job, sequence });
  }

  const advanceTo = (natsSubject: string, sequence: number): void => {
    sequences.set(natsSubject, Math.max(sequence, sequences.get(natsSubject) ?? 0));
  };

  async function catchUp(): Promise<void> {
    const { lastSequence } = await log.info(backfills);
    if (lastSequence <= position) return;
    for await (const batch of log.read(backfills, { after: position, maxWaitMs: 0 })) {
      for (const { event, sequence } of batch.events) take(event, sequence);
      for (const { natsSubject, sequence } of [...batch.events, ...batch.skipped]) advanceTo(natsSubject, sequence);
      position = batch.lastSequence;
      if (position >= lastSequence) return;
    }
  }

  await catchUp();
  return {
    jobs: () => [...kept.values()].map(({ job }) => job),
    job: (jobId) => kept.get(jobId)?.job,
    catchUp: () => oneAtATime(catchUp),
    publish: (jobId, decide) =>
      oneAtATime(async () => {
        const before = kept.get(jobId);
        const event = decide(before?.job);
        if (event === null) return null;
        const natsSubject = backfillNatsSubject(jobId);
        const expectedLastSequence = sequences.get(natsSubject) ?? 0;
        const { sequence } = await publisher.append(backfills, { event, natsSubject, expectedLastSequence });
        take(event, sequence);
        advanceTo(natsSubject, sequence);
        return { event, sequence };
      }),
    close: () => publisher.close(),
  };
}

import type { FeedRecord } from '@crunch-node/domain';
import { instantOfMillis } from '@crunch-node/streams';
import { mergeRecords } from '../../merge.ts';
import type { FeedRequest, FeedSink } from '../../provider.ts';
import { type AttemptContext, Delivery, persist, type Times, Waker } from '../../rows/index.ts';
import { type Change, changesOf } from './change.ts';
import { recordsOf } from './records.ts';
import type { FoundFile } from './scan.ts';
import type { FileStanding } from './standing.ts';

export interface FilesContext extends AttemptContext {
  readonly request: FeedRequest;
  readonly sink: FeedSink;
  readonly source: string;
  readonly times: Times;
  readonly pollMs: number;
  readonly settleMs: number | undefined;
  scan(): Promise<readonly FoundFile[]>;
  /** what is in the files by now is the past, which others read */
  marked(): void;
}

const EVERY = 500;

/** New files and new lines of old ones, every few seconds. */
export async function followFiles(context: FilesContext): Promise<void> {
  const { clock, signal, scan, pollMs, settleMs, reports, request, sink, marked } = context;
  const waker = new Waker();
  const read = new Map<string, FileStanding>();
  const deliveries = new Map(
    request.subjects.map((subject) => [subject, new Delivery({ subject, startMs: 0, sink, clock, reports })]),
  );
  const changesSince = async (files: readonly FoundFile[]): Promise<readonly Change[]> =>
    (await Promise.all(files.map((found) => changesOf(found, read.get(found.file), reports)))).flat();
  const remember = (changes: readonly Change[]): void => {
    for (const { found, to } of changes) read.set(found.file, to);
  };
  await persist(context, 'looking for files', async () => {
    remember(await changesSince(await scan()));
  });
  marked();
  for (;;) {
    await waker.sleep(pollMs, clock, signal);
    const beganMs = clock.nowMs();
    await persist(context, 'looking for files', async () => {
      const changed = (await scan()).filter(({ file, version }) => read.get(file)?.version !== version);
      const changes = await changesSince(changed);
      const older = await takeAll(changes, deliveries, context);
      remember(changes);
      if (older > 0) reports.notice('records older than those before them are left out', { records: older });
    });
    if (settleMs === undefined) continue;
    for (const subject of request.subjects) sink.confirmed(subject, instantOfMillis(Math.floor(beganMs - settleMs)));
  }
}

/** How many were older than what had been given before the files changed, and never given themselves. */
async function takeAll(
  changes: readonly Change[],
  deliveries: ReadonlyMap<string, Delivery>,
  { sink, source, times, reports, signal }: FilesContext,
): Promise<number> {
  const from = new Map([...deliveries].map(([subject, { cursorMs }]) => [subject, cursorMs]));
  const parts: AsyncIterable<FeedRecord>[] = changes.flatMap(({ found, from: known, to }) =>
    found.keys.map((key) => recordsOf(found, key, source, reports, times, { from: known, to })),
  );
  let [count, older] = [0, 0];
  for await (const record of mergeRecords(parts)) {
    const { subject, ts_event } = record;
    if (count++ % EVERY === 0) {
      signal.throwIfAborted();
      await sink.room?.(subject, signal);
    }
    const delivery = deliveries.get(subject);
    if (delivery === undefined || delivery.knows(record)) continue;
    if (ts_event < (from.get(subject) ?? 0)) older++;
    else delivery.give(record, true);
  }
  return older;
}

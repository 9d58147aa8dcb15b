import type { EventLog } from '@crunch-node/eventlog';
import type { ReadModel } from '@crunch-node/projections';
import { outdatedProjections } from '@crunch-node/projector';
import { allStreams, control, type StreamDefinition } from '@crunch-node/streams';
import type { StreamVersions, UpgradeFacts } from './plan.ts';

/** Newest messages of a stream that are looked at. */
const SAMPLED = 500;
const SILENCE_MS = 5_000;

/** Looks at the log and the tables as they are; writes nothing. */
export async function lookForUpgrade(
  log: EventLog,
  openModel: () => Promise<ReadModel>,
  given: Pick<UpgradeFacts, 'version' | 'own'>,
): Promise<UpgradeFacts> {
  const active = await log.last(control, 'control.config').catch(() => null);
  const streams: StreamVersions[] = [];
  for (const stream of allStreams) streams.push(...(await versionsIn(log, stream)));
  let outdated: UpgradeFacts['outdated'] = null;
  try {
    outdated = await outdatedProjections(await openModel());
  } catch {
    // The plan has it as a step: the log can be looked at while Postgres is away.
  }
  const { config_hash: hash, partitions } = active?.event.data ?? { config_hash: '', partitions: 0 };
  return { ...given, active: active === null ? null : { hash, partitions }, streams, outdated };
}

async function versionsIn(log: EventLog, stream: StreamDefinition): Promise<readonly StreamVersions[]> {
  const { lastSequence, firstSequence } = await log.info(stream);
  const first = Math.max(firstSequence, lastSequence - SAMPLED + 1);
  const newest = new Map<string, number>();
  if (lastSequence > 0) {
    // A message may have been removed behind what was announced: its absence is not waited for.
    const signal = AbortSignal.timeout(SILENCE_MS);
    for await (const batch of log.messages(stream, { after: first - 1, signal })) {
      for (const { payload } of batch) {
        const found = envelopeOf(payload);
        if (found !== null) newest.set(found.type, Math.max(found.v, newest.get(found.type) ?? 0));
      }
      if ((batch.at(-1)?.sequence ?? 0) >= lastSequence) break;
    }
  }
  return [...newest].map(([type, recorded]) => ({
    stream: stream.name,
    type,
    recorded,
    current: stream.events.find((event) => event.type === type)?.v ?? null,
  }));
}

/** What cannot be read is a dead letter, which has commands of its own. */
function envelopeOf(payload: Uint8Array): { readonly type: string; readonly v: number } | null {
  try {
    const { type, v } = JSON.parse(Buffer.from(payload).toString('utf8')) as { type?: unknown; v?: unknown };
    return typeof type === 'string' && Number.isInteger(v) ? { type, v: v as number } : null;
  } catch {
    return null;
  }
}

import type { LogLookup, LogReader, Recorded } from '@crunch-node/eventlog';
import { type EnsembleSignalled, type Instant, type SignalEvent, signals } from '@crunch-node/streams';
import { type Since, startOf } from './since.ts';

export interface SignalsOptions {
  /** default all */
  readonly ensemble?: string;
  /** a `scope_key`, default all */
  readonly scope?: string;
  /** default `now`: signals published after the first request */
  readonly since?: Since;
  /** ends the iteration */
  readonly signal?: AbortSignal;
}

/** One ensemble's signal for a round. */
export interface Signal {
  /** its sequence in the stream, to continue from: `since: { after: sequence }` */
  readonly sequence: number;
  /** a function of ensemble, scope and time, so the same for every copy of the signal */
  readonly id: string;
  /** unix microseconds, by the server's clock; for measuring, not for deciding */
  readonly stored_us: number | undefined;
  readonly data: EnsembleSignalled['data'];
}

/**
 * Matching signals from a position on. Late ones, after the closing of their own cycle, are ignored: see
 * docs/signals.md.
 */
export async function* readSignals(
  log: LogReader & LogLookup,
  { ensemble, scope, since = 'now', signal }: SignalsOptions,
): AsyncGenerator<Signal, void, undefined> {
  const start = await startOf(log, since);
  let closed = start.closed;
  const fits = ({ name, scope_key, performed_at }: EnsembleSignalled['data']): boolean =>
    (closed === null || performed_at > closed) &&
    (start.from === null || performed_at >= start.from) &&
    (ensemble === undefined || name === ensemble) &&
    (scope === undefined || scope_key === scope);

  for await (const { events } of log.read(signals, { after: start.after, ...(signal && { signal }) })) {
    for (const recorded of events) {
      const { event } = recorded;
      if (event.type === 'CycleClosed') closed = later(closed, event.data.end);
      else if (fits(event.data)) {
        if (signal?.aborted) return;
        yield signalOf(recorded, event);
      }
    }
  }
}

const later = (a: Instant | null, b: Instant): Instant => (a === null || b > a ? b : a);

const signalOf = ({ sequence, stored_us }: Recorded<SignalEvent>, { id, data }: EnsembleSignalled): Signal => ({
  sequence,
  id,
  stored_us,
  data,
});

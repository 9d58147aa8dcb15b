import type { CrunchConfig } from '@crunch-node/domain';
import { type EventLog, PayloadTooSmall } from '@crunch-node/eventlog';
import { control } from '@crunch-node/streams';

/**
 * The configuration with the largest event that may be published: what it says itself, else what was recorded when it
 * was activated, so that every process decides alike whichever server it is connected to; in an old log, or before an
 * activation, what the server at hand takes.
 */
export async function withRecordedLimit(log: EventLog, config: CrunchConfig): Promise<CrunchConfig> {
  const active = await log.last(control, 'control.config');
  const recorded = config.max_event_bytes ?? active?.event.data.max_event_bytes;
  return { ...config, max_event_bytes: recorded ?? log.capabilities.maxPayload };
}

/** The same, for who publishes. @throws {PayloadTooSmall} when this server takes less */
export async function withEventLimit(log: EventLog, config: CrunchConfig): Promise<CrunchConfig> {
  const limited = await withRecordedLimit(log, config);
  const [wanted, taken] = [limited.max_event_bytes ?? 0, log.capabilities.maxPayload];
  if (wanted > taken) throw new PayloadTooSmall('NATS_URL', wanted, taken);
  return limited;
}

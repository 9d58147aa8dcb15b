import type { CrunchConfig } from '@crunch-node/domain';
import { type EventLog, PayloadTooSmall } from '@crunch-node/eventlog';
import { control } from '@crunch-node/streams';

/**
 * The configuration with the size limit of published events: its own value, else the one recorded at its activation, so
 * that all processes decide alike whichever server they use; in an old log, or before an activation, the limit of the
 * connected server.
 */
export async function withRecordedLimit(log: EventLog, config: CrunchConfig): Promise<CrunchConfig> {
  const active = await log.last(control, 'control.config');
  const recorded = config.max_event_bytes ?? active?.event.data.max_event_bytes;
  return { ...config, max_event_bytes: recorded ?? log.capabilities.maxPayload };
}

/** The same, for processes that publish. @throws {PayloadTooSmall} when this server's limit is lower */
export async function withEventLimit(log: EventLog, config: CrunchConfig): Promise<CrunchConfig> {
  const limited = await withRecordedLimit(log, config);
  const [wanted, taken] = [limited.max_event_bytes ?? 0, log.capabilities.maxPayload];
  if (wanted > taken) throw new PayloadTooSmall('NATS_URL', wanted, taken);
  return limited;
}

import type { LogLookup, StreamInfo } from '@crunch-node/eventlog';
import type { StreamDefinition } from '@crunch-node/streams';
import type { Position } from './position.ts';
import {
  LogRewritten,
  LogShorterThanPosition,
  LogTrimmedBeyondPosition,
  ProjectionVersionChanged,
  StreamRecreated,
} from './position-faults.ts';

/**
 * Does the log still contain what the rows were made from? A projection that continued regardless would show rows that
 * do not follow from the log, or wait indefinitely for a sequence that was lost.
 * @throws {ProjectionVersionChanged} {StreamRecreated} {LogShorterThanPosition} {LogTrimmedBeyondPosition} {LogRewritten}
 */
export async function assertContinues(
  log: LogLookup,
  stream: StreamDefinition,
  info: StreamInfo,
  position: Position,
  version: number,
): Promise<void> {
  if (position.version !== version) throw new ProjectionVersionChanged(position, version);
  if (position.created !== info.created) throw new StreamRecreated(position, info.created);
  if (position.sequence === 0) return;
  if (info.lastSequence < position.sequence) throw new LogShorterThanPosition(position, info.lastSequence);
  if (info.firstSequence > position.sequence + 1) throw new LogTrimmedBeyondPosition(position, info.firstSequence);
  if (info.firstSequence > position.sequence) return; // trimmed exactly up to here: there is nothing left to compare
  const messageId = await log.messageId(stream, position.sequence);
  if ((messageId ?? '') !== position.message_id) throw new LogRewritten(position, messageId);
}

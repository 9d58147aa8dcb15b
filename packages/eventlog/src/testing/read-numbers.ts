import type { EventLog } from '../capabilities.ts';
import { said } from './toys.ts';

/** The numbers of all events, in the order of the stream. */
export async function readNumbers(log: EventLog, after = 0): Promise<number[]> {
  const { lastSequence } = await log.info(said);
  const numbers: number[] = [];
  if (lastSequence <= after) return numbers;
  for await (const batch of log.read(said, { after })) {
    for (const { event } of batch.events) numbers.push(event.data.n);
    if (batch.lastSequence >= lastSequence) break;
  }
  return numbers;
}

import { byCodePoint, EnsembleSignalled } from '@crunch-node/streams';
import { dataRoom, type EventLimit, fits, jsonBytes } from './event-room.ts';

/**
 * A signal as it can be stored. Its value is that of all members; where they do not fit, those with the largest weights
 * are named and the others counted.
 */
export function fitSignal(signal: EnsembleSignalled, limit: EventLimit): EnsembleSignalled {
  const room = dataRoom(limit);
  if (fits(signal.data, room)) return signal;
  const { members, input, ...about } = signal.data;
  const base = { ...about, members: [], members_omitted: members.length };
  const withInput = input === undefined ? base : { ...base, input };
  // Without its input a signal of horizon 0 expires, since its ground truth is in the input.
  const kept = fits(withInput, room) ? withInput : base;
  const heaviest = [...members].sort((a, b) => b.weight - a.weight || byCodePoint(a.model_id, b.model_id));
  let used = jsonBytes(kept);
  const named = new Set<string>();
  for (const member of heaviest) {
    used += jsonBytes(member) + 1;
    if (used > room) break;
    named.add(member.model_id);
  }
  return EnsembleSignalled.at(signal.at, {
    ...kept,
    members: members.filter(({ model_id }) => named.has(model_id)),
    members_omitted: members.length - named.size,
  });
}

import { change, squash } from '../../indicators.ts';
import { ModelBase, type ModelOutput } from '../../model-base.ts';

type Fault = 'none' | 'late' | 'raise' | 'not-a-number' | 'nothing' | 'garbage';

/** About one prediction in so many is late: fewer than ten in two days of minutes of two subjects. */
const LATE_IN = 1_500;

/** By a hash of the symbol and the time alone, so that a replay meets the same faults at the same places. */
export function faultAt(symbol: string, asofTs: number): Fault {
  const hash = hashOf(`${symbol}@${asofTs}`);
  if (hash % LATE_IN === 0) return 'late'; // rare: each costs the caller its whole deadline
  const draw = Math.floor(hash / LATE_IN) % 100;
  if (draw < 75) return 'none';
  if (draw < 80) return 'raise';
  if (draw < 87) return 'not-a-number';
  if (draw < 93) return 'nothing';
  return 'garbage';
}

/** FNV-1a over the code units, then the finaliser of MurmurHash3: neighbouring times get unrelated numbers. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A participant's bad day: mostly a plain momentum model, else late, raising, not a number, nothing, or garbage. A late
 * prediction returns after its caller has stopped waiting. It keeps no state, so that a run that was killed and resumed
 * gets the same predictions as one that was not.
 */
export class Faulty extends ModelBase {
  override async predict(subject: string): Promise<ModelOutput> {
    switch (faultAt(subject, this.latest(subject)?.asof_ts ?? 0)) {
      case 'raise':
        throw new Error('a model may raise');
      case 'not-a-number':
        return { value: Number.NaN };
      case 'nothing':
        return undefined as unknown as ModelOutput; // a model is not obliged to keep to its types
      case 'garbage':
        return { forecast: 'up' } as unknown as ModelOutput;
      case 'late':
        await aborted(this.cancelled);
    }
    return { value: squash(change(this.closes(subject), 5) * 100) };
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

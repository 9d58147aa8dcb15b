import { change, squash } from '../indicators.ts';
import { ModelBase, type ModelOutput } from '../model-base.ts';

/** late answers of one instance */
const MOST_LATE = 10;

type Fault = 'none' | 'late' | 'raise' | 'not-a-number' | 'nothing' | 'garbage';

/** By a hash of the time, so that a replay meets the same faults at the same places. */
export function faultAt(asofTs: number): Fault {
  const draw = mixed(asofTs) % 100;
  if (draw < 70) return 'none';
  if (draw < 75) return 'late';
  if (draw < 80) return 'raise';
  if (draw < 87) return 'not-a-number';
  if (draw < 93) return 'nothing';
  return 'garbage';
}

/** Finaliser of MurmurHash3: neighbouring times get unrelated numbers. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A participant's bad day: mostly a plain momentum model, else late, raising, not a number, nothing, or garbage. A
 * late answer comes when nobody waits for it any more.
 */
export class Faulty extends ModelBase {
  #late = 0;

  override async predict(subject: string): Promise<ModelOutput> {
    const fault = faultAt(this.latest(subject)?.asof_ts ?? 0);
    switch (fault) {
      case 'raise':
        throw new Error('a model may raise');
      case 'not-a-number':
        return { value: Number.NaN };
      case 'nothing':
        return undefined as unknown as ModelOutput; // a model is not obliged to keep to its types
      case 'garbage':
        return { forecast: 'up' } as unknown as ModelOutput;
      case 'late':
        if (this.#late < MOST_LATE) {
          this.#late += 1;
          await this.#untilCancelled();
        }
    }
    return { value: squash(change(this.closes(subject), 5) * 100) };
  }

  #untilCancelled(): Promise<void> {
    const { cancelled } = this;
    if (cancelled.aborted) return Promise.resolve();
    return new Promise((resolve) => cancelled.addEventListener('abort', () => resolve(), { once: true }));
  }
}

import type { CrunchConfig, ModelOutcome, Sample } from '@crunch-node/domain';
import {
  type EncodedCall,
  encodeCall,
  type ModelPool,
  noStrikes,
  recordedStrikes,
  type Strikes,
  shouldSkip,
  strikeOut,
} from '@crunch-node/models';
import { outcomeOf } from './ask.ts';
import type { Roster } from './roster.ts';

/** What models said to one sample. */
export interface SampleAnswer {
  readonly sample: Sample;
  readonly outcomes: readonly ModelOutcome[];
  /** milliseconds per model called */
  readonly execMs: Readonly<Record<string, number>>;
  /** what connections said about calls that failed, per model */
  readonly details: Readonly<Record<string, string>>;
}

export interface AskSamplesMeans {
  readonly config: CrunchConfig;
  readonly pool: ModelPool;
  readonly roster: Roster;
  count(name: string, n: number): void;
}

/**
 * Asks each model for one sample after the other, all models at once: no model has more than one call to work on, none
 * waits for another, and a model that stops answering is absent from that sample on.
 */
export function createAskSamples({ config, pool, roster, count }: AskSamplesMeans) {
  const deadlineMs = config.model_timeout_seconds * 1000;

  return async function askSamples(
    samples: readonly Sample[],
    partition: number,
    strikes: ReadonlyMap<string, Strikes>,
    signal: AbortSignal,
  ): Promise<readonly SampleAnswer[]> {
    const answers = samples.map((sample) => ({
      sample,
      outcomes: [] as ModelOutcome[],
      execMs: {} as Record<string, number>,
      details: {} as Record<string, string>,
    }));
    // One argument, the features, whatever the call is configured to take: encoded once for all models.
    const calls = samples.map((): EncodedCall | undefined => undefined);
    const callOf = (i: number): EncodedCall => {
      calls[i] ??= encodeCall(config.call_method.method, [{ type: 'JSON', value: samples[i]!.scope.features }]);
      return calls[i];
    };

    async function askModel(model_id: string): Promise<void> {
      let struck = strikes.get(model_id) ?? noStrikes;
      for (const [i, answer] of answers.entries()) {
        signal.throwIfAborted();
        if (!pool.isRunning(model_id)) {
          answer.outcomes.push({ kind: 'absent', model_id, reason: 'not connected' });
          continue;
        }
        if (shouldSkip(struck).skip) {
          answer.outcomes.push({ kind: 'cooling', model_id });
          struck = recordedStrikes(struck, 'TIMEOUT');
        } else {
          const said = await pool.call(model_id, callOf(i), { deadlineMs, patient: true });
          answer.execMs[model_id] = said.exec_us / 1000;
          if (said.detail !== null) answer.details[model_id] = said.detail;
          count('calls', 1);
          answer.outcomes.push(outcomeOf(model_id, said));
          struck = recordedStrikes(struck, said.status);
        }
        const code = strikeOut(struck);
        if (code === null) continue;
        void pool.reportFailure(model_id, code, null);
        struck = noStrikes;
      }
    }

    await unlessAborted(signal, Promise.all(roster.known(partition).map(askModel)));
    return answers;
  };
}

/** Nobody waits for a slow model when we are told to stop: the round is asked again by the next owner. */
const unlessAborted = (signal: AbortSignal, work: Promise<unknown>): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(() => resolve(), reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });

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
import { orAborted } from '@crunch-node/service';
import { callModel, type ReceivedAnswer } from './call-model.ts';
import type { RosterWriter } from './roster.ts';

/** The answers of models to one sample. */
export interface SampleAnswer extends ReceivedAnswer {
  readonly sample: Sample;
}

export interface AskSamplesContext {
  readonly config: CrunchConfig;
  readonly pool: ModelPool;
  readonly roster: Pick<RosterWriter, 'known'>;
  count(name: string, n: number): void;
}

/**
 * Calls each model for one sample after the other, all models at once: no model has more than one call in progress,
 * none waits for another, and a model that stops answering is absent from that sample on.
 */
export function createAskSamples({ config, pool, roster, count }: AskSamplesContext) {
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
          const reply = await callModel(pool, model_id, callOf(i), { deadlineMs, patient: true }, answer);
          count('calls', 1);
          answer.outcomes.push(reply);
          struck = recordedStrikes(struck, reply.status);
        }
        const code = strikeOut(struck);
        if (code === null) continue;
        void pool.reportFailure(model_id, code, null);
        struck = noStrikes;
      }
    }

    // A stop does not wait for a slow model: the next owner runs the round again.
    await orAborted(Promise.all(roster.known(partition).map(askModel)), signal);
    return answers;
  };
}

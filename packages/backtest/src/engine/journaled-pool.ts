import type { ModelAnswer, ModelPool } from '@crunch-node/models';
import type { Instant } from '@crunch-node/streams';
import type { AnswerJournal } from './answer-journal.ts';

/**
 * A pool that answers predictions from a journal as far as that goes, and adds to it from there on. Models get all
 * updates nevertheless, so that those that keep what they have seen have seen the same.
 */
export interface JournaledPool {
  readonly pool: ModelPool;
  /** Whether the answers of a stretch are known. */
  isKnown(stretch: number): boolean;
  begin(stretch: number): void;
  /** @param at of its last step */
  end(at: Instant): void;
}

export function journaledPool(pool: ModelPool, updateMethod: string, journal: AnswerJournal): JournaledPool {
  const { known } = journal;
  let answers = new Map<string, ModelAnswer[]>();
  let isReplaying = false;

  /** A model's answers come in the order of its calls. */
  function note(modelId: string, answer: ModelAnswer): ModelAnswer {
    const list = answers.get(modelId);
    if (list === undefined) answers.set(modelId, [answer]);
    else list.push(answer);
    return answer;
  }

  function replayed(modelId: string): ModelAnswer {
    const answer = answers.get(modelId)?.shift();
    if (answer === undefined)
      throw new Error(`expected the journal to have an answer of ${modelId}: it is of another run`);
    if (answer.error_code === 'BAD_IMPLEMENTATION') {
      void pool.reportFailure(modelId, answer.error_code, answer.message);
    }
    return answer;
  }

  return {
    pool: {
      ...pool,
      call(modelId, call, limits) {
        if (call.method === updateMethod) return pool.call(modelId, call, limits);
        if (isReplaying) return replayed(modelId);
        const answer = pool.call(modelId, call, limits);
        return answer instanceof Promise ? answer.then((one) => note(modelId, one)) : note(modelId, answer);
      },
    },
    isKnown: (stretch) => stretch < known,
    begin(stretch) {
      isReplaying = stretch < known;
      const entries = isReplaying ? Object.entries(journal.answersOf(stretch)) : [];
      answers = new Map(entries.map(([id, list]) => [id, [...list]]));
    },
    end(at) {
      if (!isReplaying) journal.append(at, Object.fromEntries(answers));
    },
  };
}

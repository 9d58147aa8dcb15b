import { type Argument, type EncodedCall, localCall, type ModelAnswer, type ModelPool } from '@crunch-node/models';
import type { Json, JsonObject } from '@crunch-node/streams';
import type { HostAnswer, HostReply, HostRequest } from './model-process.ts';
import type { PlannedCall } from './planned-calls.ts';

interface FeedItems {
  /** number of the first one that is kept */
  offset: number;
  items: Json[];
}

/** Items that may be forgotten are, once they are so many. */
const FORGOTTEN_AT_ONCE = 4_096;

/** Makes the planned calls of one model in this thread, as the host of Python models does in its process. */
export class ThreadHost {
  readonly #modelId: string;
  readonly #pool: Pick<ModelPool, 'call'>;
  readonly #feeds = new Map<string, FeedItems>();
  #isPassing = false;

  constructor(modelId: string, pool: Pick<ModelPool, 'call'>) {
    this.#modelId = modelId;
    this.#pool = pool;
  }

  async run({ items, keep_from, calls, deadline_ms, mode }: HostRequest): Promise<HostReply> {
    for (const [feed, added] of Object.entries(items)) this.#add(feed, added);
    if (mode === 'resume') this.#isPassing = false;
    if (this.#isPassing && mode === 'ahead') return { answers: [], passed: true };
    const answers: HostAnswer[] = [];
    for (const call of calls) {
      const answering = this.#pool.call(this.#modelId, this.#encoded(call), { deadlineMs: deadline_ms, patient: true });
      const answer = answering instanceof Promise ? await answering : answering;
      answers.push(hostAnswer(answer));
      if (answer.status !== 'TIMEOUT') continue;
      if (mode !== 'single') this.#isPassing = true;
      break;
    }
    this.#forget(keep_from);
    return { answers, passed: false };
  }

  #add(feed: string, added: readonly Json[]): void {
    const known = this.#feeds.get(feed) ?? { offset: 0, items: [] };
    this.#feeds.set(feed, known);
    for (const item of added) known.items.push(Object.freeze(item));
  }

  #encoded(call: PlannedCall): EncodedCall {
    if (call[0] === 'call') {
      const [, method, positional, keywords = {}] = call;
      const named = Object.entries(keywords).map(([keyword, value]) => ({ ...argument(value), keyword }));
      return localCall(method, [...positional.map(argument), ...named]);
    }
    const [, method, feed, from, to, symbol, list, asof_ts] = call;
    const { offset, items } = this.#feeds.get(feed)!;
    const input: JsonObject = { symbol, asof_ts, [list]: items.slice(from - offset, to - offset) };
    return localCall(method, [argument(input)]);
  }

  #forget(keepFrom: HostRequest['keep_from']): void {
    for (const [feed, first] of Object.entries(keepFrom)) {
      const known = this.#feeds.get(feed);
      if (known === undefined || first - known.offset < FORGOTTEN_AT_ONCE) continue;
      known.items.splice(0, first - known.offset);
      known.offset = first;
    }
  }
}

const argument = (value: Json): Argument =>
  typeof value === 'string' ? { type: 'STRING', value } : { type: 'JSON', value };

/** Of a late call the code alone matters. */
const hostAnswer = ({ status, result, error_code, message }: ModelAnswer): HostAnswer =>
  status === 'SUCCESS' ? ['SUCCESS', result ?? null] : [error_code ?? 'UNKNOWN', message];

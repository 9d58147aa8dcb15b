import type { Json, JsonObject } from '@crunch-node/streams';
import { status } from '@grpc/grpc-js';
import { answer, type CallVerdict, judge } from '../client/answer.ts';
import { fault } from '../client/unary.ts';
import type {
  Argument,
  CallLimits,
  EncodedCall,
  FailureCode,
  ModelAnswer,
  ModelIdentity,
  ModelPool,
  PoolChange,
} from '../pool.ts';
import { copierOf, resultForm } from '../wire/json-copy.ts';
import type { LocalModel } from './model-host.ts';
import { callWith, type MethodAnswer, type ModelObject, NO_KEYWORDS, succeeded } from './model-object.ts';
import { quiet, settledWithin } from './settled-within.ts';

/** A model that is called no more, and why. */
export interface DroppedModel {
  readonly failure_code: FailureCode;
  readonly failure_reason: string | null;
}

/** Models of this process behind the contract of the connected ones, called without a network in between. */
export interface LocalPool extends ModelPool {
  readonly dropped: ReadonlyMap<string, DroppedModel>;
}

interface Entry {
  readonly identity: ModelIdentity;
  readonly model: ModelObject;
  /** methods the model knows under their old name only */
  readonly renamed: Set<string>;
  /** calls that have begun and not ended */
  pending: number;
  last: Promise<unknown>;
  /** a call that missed its deadline and is still running */
  late: Promise<unknown> | null;
  /** signals that the caller has stopped waiting; reused until then, since creating one costs as much as a call */
  cancelling: AbortController;
}

const OLD_NAMES: ReadonlyMap<string, string> = new Map([
  ['feed_update', 'tick'],
  ['tick', 'feed_update'],
]);
/** As the client of connected models has it. */
const PATIENCE_MS = 120_000;

/**
 * Creates the models' objects and calls them as their host and the client of connected models do together: arguments are
 * copies, results have passed through JSON, failures and missed deadlines have the same codes. A model that waits for
 * nothing but its cancellation has missed its deadline at once.
 * @throws what `create` of a model throws
 */
export async function localPool(models: readonly LocalModel[], modelArguments: JsonObject = {}): Promise<LocalPool> {
  const entries = new Map<string, Entry>();
  const dropped = new Map<string, DroppedModel>();
  const listeners = new Set<(change: PoolChange) => void>();
  for (const { create, ...names } of models) {
    const identity: ModelIdentity = { ...identityOf(names), deployment_id: `${names.model_id}_local` };
    const model = await create({ positional: [], keywords: new Map(Object.entries(modelArguments)) });
    entries.set(names.model_id, {
      identity,
      model,
      renamed: new Set(),
      pending: 0,
      last: Promise.resolve(),
      late: null,
      cancelling: new AbortController(),
    });
  }
  const isQuiet = quiet();

  function drop(modelId: string, failure_code: FailureCode, failure_reason: string | null): void {
    const entry = entries.get(modelId);
    if (entry === undefined) return;
    entries.delete(modelId);
    dropped.set(modelId, { failure_code, failure_reason });
    for (const listener of [...listeners])
      listener({ kind: 'failed', model: entry.identity, failure_code, failure_reason });
  }

  /** One call of a method under one name. */
  function ask(entry: Entry, call: EncodedCall, name: string, limits: CallLimits): CallVerdict | Promise<CallVerdict> {
    const startMs = performance.now();
    const isLate = (): boolean => performance.now() - startMs > limits.deadlineMs;
    const { positional, keywords } = localArguments(call);
    const answering = callWith(entry.model, name, positional, entry.cancelling.signal, keywords, localAnswer);
    if (!(answering instanceof Promise)) return isLate() ? lateVerdict() : verdictOf(answering);
    return settledWithin(answering, limits.deadlineMs, isQuiet).then((settled) => {
      if (settled !== undefined && !isLate()) return verdictOf(settled.value);
      entry.late = answering;
      entry.cancelling.abort();
      entry.cancelling = new AbortController();
      return lateVerdict();
    });
  }

  function judged(
    entry: Entry,
    call: EncodedCall,
    limits: CallLimits,
    verdict: CallVerdict,
  ): CallVerdict | Promise<CallVerdict> {
    const oldName = OLD_NAMES.get(call.method);
    if (verdict.remedy !== 'give-up') return verdict;
    if (oldName === undefined || entry.renamed.has(call.method)) return giveUp(entry, verdict);
    return then(ask(entry, call, oldName, limits), (other) => {
      if (other.status === 'SUCCESS' || other.error_code === 'MODEL_FAILED') entry.renamed.add(call.method);
      return other.remedy === 'give-up' ? giveUp(entry, verdict) : other;
    });
  }

  function giveUp({ identity }: Entry, verdict: CallVerdict): CallVerdict {
    drop(identity.model_id, 'BAD_IMPLEMENTATION', verdict.message);
    return verdict;
  }

  function run(entry: Entry, call: EncodedCall, limits: CallLimits): ModelAnswer | Promise<ModelAnswer> {
    const startMs = performance.now();
    const finish = (verdict: CallVerdict): ModelAnswer =>
      answer(verdict, Math.round((performance.now() - startMs) * 1_000));
    const begin = (): CallVerdict | Promise<CallVerdict> => {
      const oldName = entry.renamed.has(call.method) ? OLD_NAMES.get(call.method) : undefined;
      return then(ask(entry, call, oldName ?? call.method, limits), (verdict) => judged(entry, call, limits, verdict));
    };
    if (entry.late === null) return then(begin(), finish);
    const { late } = entry;
    return settledWithin(late, PATIENCE_MS, isQuiet).then((settled) => {
      if (settled === undefined) return finish(busyVerdict());
      entry.late = null;
      return then(begin(), finish);
    });
  }

  const identities = (): ModelIdentity[] => [...entries.values()].map(({ identity }) => identity);
  return {
    orchestratorConnected: true,
    elsewhere: 0,
    dropped,
    running: identities,
    isRunning: (modelId) => entries.has(modelId),
    lookAgain: () => undefined,
    call(modelId, call, limits) {
      const entry = entries.get(modelId);
      if (entry === undefined) return gone;
      entry.pending++;
      const answered = entry.pending === 1 ? run(entry, call, limits) : entry.last.then(() => run(entry, call, limits));
      if (!(answered instanceof Promise)) {
        entry.pending--;
        return answered;
      }
      const ended = answered.finally(() => entry.pending--);
      entry.last = ended.catch(() => undefined);
      return ended;
    },
    async reportFailure(modelId, code, reason) {
      drop(modelId, code, reason);
    },
    watch(listener) {
      listeners.add(listener);
      for (const model of identities()) listener({ kind: 'running', model });
      return () => listeners.delete(listener);
    },
    settled: async () => [],
    awaited: () => [],
    close: async () => entries.clear(),
  };
}

const gone: ModelAnswer = answer(judge(fault(status.UNAVAILABLE, 'the model is not running')), 0);
const lateVerdict = (): CallVerdict => judge(fault(status.DEADLINE_EXCEEDED, 'the deadline passed'));
const busyVerdict = (): CallVerdict => judge(fault(status.RESOURCE_EXHAUSTED, 'the model works on another call'));

const identityOf = ({ model_id, model_name, cruncher_id, cruncher_name }: Omit<LocalModel, 'create'>) => ({
  model_id,
  model_name,
  cruncher_id,
  cruncher_name,
});

/** Synchronous where possible: an asynchronous step costs more than a call. */
const then = <A, B>(value: A | Promise<A>, next: (value: A) => B | Promise<B>): B | Promise<B> =>
  value instanceof Promise ? value.then(next) : next(value);

/** An answer that needs no encoding to be what the client of connected models would decode. */
type LocalAnswer = MethodAnswer & { readonly plain?: Json };

function localAnswer(result: unknown): LocalAnswer {
  const plain = typeof result === 'object' && result !== null ? resultForm(result) : undefined;
  return plain === undefined ? succeeded(result) : { status: { code: 'SUCCESS' }, plain };
}

const verdictOf = (response: LocalAnswer): CallVerdict =>
  response.plain === undefined
    ? judge({ ok: true, response })
    : { status: 'SUCCESS', result: response.plain, error_code: null, message: null, detail: null, remedy: 'none' };

interface Copier {
  readonly keyword: string | undefined;
  readonly copy: () => unknown;
}
const copiers = new WeakMap<EncodedCall, readonly Copier[]>();
const nothing = new Uint8Array();

/**
 * A call for models of a local pool: its arguments are copied instead of encoded.
 * @throws what encoding them throws
 */
export function localCall(method: string, args: readonly Argument[]): EncodedCall {
  const call: EncodedCall = { method, bytes: nothing };
  copiers.set(
    call,
    args.map((argument) => ({ keyword: argument.keyword, copy: copierOf(argument) })),
  );
  return call;
}

/** The arguments of a local call as a model receives them: its own, whatever it does to them. */
export function localArguments(call: EncodedCall): {
  readonly positional: unknown[];
  readonly keywords: ReadonlyMap<string, unknown>;
} {
  const copies = copiers.get(call);
  if (copies === undefined) throw new TypeError(`expected a call of ${call.method} made by localCall`);
  const positional: unknown[] = [];
  let keywords: Map<string, unknown> | undefined;
  for (const { keyword, copy } of copies) {
    if (keyword === undefined) positional.push(copy());
    else {
      keywords ??= new Map();
      keywords.set(keyword, copy());
    }
  }
  return { positional, keywords: keywords ?? NO_KEYWORDS };
}

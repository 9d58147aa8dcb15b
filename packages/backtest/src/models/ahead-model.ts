import { type CallLimits, type EncodedCall, localArguments, type ModelAnswer } from '@crunch-node/models';
import type { Json } from '@crunch-node/streams';
import type { HostAnswer, HostReply, ModelProcess } from './model-process.ts';
import { type PlannedCall, type PlannedChunk, plannedCall } from './planned-calls.ts';

interface Chunk {
  readonly planned: PlannedChunk;
  readonly calls: readonly PlannedCall[];
  /** places among the calls at which a record begins */
  readonly starts: readonly number[];
  /** place of the first call that was sent last */
  from: number;
  reply: Promise<HostReply>;
  /** the reply, once it is there */
  received: HostReply | undefined;
}

/**
 * A model in another thread or process, called in chunks before its predictions are needed. A late call decides which
 * calls come after it: those are made one by one until one succeeds, and what comes then is sent together again.
 */
export class AheadModel {
  readonly #process: ModelProcess;
  readonly #deadlineMs: number;
  readonly #updateMethod: string;
  /** the one that is worked off first */
  readonly #chunks: Chunk[] = [];
  /** of the first chunk: the record that is worked off, and the place of its next call */
  #record = -1;
  #next = 0;
  /** a prediction was late and none has succeeded since: some of those that follow are not asked for */
  #isStruck = false;

  constructor(process: ModelProcess, updateMethod: string, deadlineMs: number) {
    this.#process = process;
    this.#updateMethod = updateMethod;
    this.#deadlineMs = deadlineMs;
  }

  /** Chunks come in order, and a model is called about all of their records. */
  ask(planned: PlannedChunk): void {
    const calls: PlannedCall[] = [];
    const starts: number[] = [];
    for (const { update, predictions } of planned.records) {
      starts.push(calls.length);
      calls.push(update, ...predictions);
    }
    const reply = this.#send(calls, 'ahead', planned);
    const chunk: Chunk = { planned, calls, starts, from: 0, reply, received: undefined };
    receive(chunk, reply);
    this.#chunks.push(chunk);
  }

  /** A promise only where the answer is not there yet. */
  call({ method }: EncodedCall, limits: CallLimits): ModelAnswer | Promise<ModelAnswer> {
    if (method === this.#updateMethod) this.#beginRecord();
    const chunk = this.#chunks[0];
    const place = this.#next++;
    const planned = chunk?.calls[place];
    if (chunk === undefined || planned === undefined) throw new Error('expected a call that was planned');
    const answered = chunk.received?.answers[place - chunk.from];
    if (answered !== undefined) return this.#noted(method, answered);
    return this.#wait(chunk, place, planned, limits);
  }

  async #wait(chunk: Chunk, place: number, planned: PlannedCall, limits: CallLimits): Promise<ModelAnswer> {
    const method = planned[1];
    let reply = await chunk.reply;
    // What came after a late update is sent again at once: none of it is left out.
    if (reply.answers[place - chunk.from] === undefined && !this.#isStruck) {
      this.#askAgain(place);
      reply = await chunk.reply;
    }
    const answered = reply.answers[place - chunk.from];
    if (answered !== undefined) return this.#noted(method, answered);
    const { answers } = await this.#send([planned], 'single', null, limits.deadlineMs);
    return this.#noted(method, answers[0] ?? ['UNKNOWN', null]);
  }

  #noted(method: string, answered: HostAnswer): ModelAnswer {
    const answer = answerOf(answered);
    if (method === this.#updateMethod) return answer;
    if (answer.status === 'TIMEOUT') this.#isStruck = true;
    else if (answer.status === 'SUCCESS') this.#isStruck = false;
    return answer;
  }

  #beginRecord(): void {
    this.#record++;
    while (this.#chunks[0] !== undefined && this.#record >= this.#chunks[0].starts.length) {
      this.#chunks.shift();
      this.#record = 0;
    }
    this.#next = this.#chunks[0]?.starts[this.#record] ?? 0;
  }

  /** Calls that were not made are sent again, in order, before any new ones. @param from place in the first chunk */
  #askAgain(from: number): void {
    for (const [i, chunk] of this.#chunks.entries()) {
      chunk.from = i === 0 ? from : 0;
      receive(chunk, this.#send(chunk.calls.slice(chunk.from), i === 0 ? 'resume' : 'ahead', null));
    }
  }

  #send(
    calls: readonly PlannedCall[],
    mode: 'ahead' | 'resume' | 'single',
    planned: PlannedChunk | null,
    deadline_ms = this.#deadlineMs,
  ): Promise<HostReply> {
    const items = planned?.items ?? {};
    const keep_from = mode === 'single' ? {} : this.#keepFrom();
    return this.#process.ask({ items, keep_from, calls, deadline_ms, mode });
  }

  /** Items of the first chunk that waits are needed still. */
  #keepFrom(): Readonly<Record<string, number>> {
    const calls = this.#chunks[0]?.calls ?? [];
    const from: Record<string, number> = {};
    for (const call of calls) if (call[0] === 'update') from[call[2]] ??= call[3];
    return from;
  }
}

function receive(chunk: Chunk, reply: Promise<HostReply>): void {
  chunk.reply = reply;
  chunk.received = undefined;
  reply.then(
    (received) => {
      if (chunk.reply === reply && !received.passed) chunk.received = received;
    },
    () => undefined,
  );
}

/** Calls one by one, with whatever the operator's own code made of the input. */
export async function callProcess(process: ModelProcess, call: EncodedCall, limits: CallLimits): Promise<ModelAnswer> {
  const { positional, keywords } = localArguments(call);
  const planned = plannedCall(call.method, positional as Json[], keywords as ReadonlyMap<string, Json>);
  const { answers } = await process.ask({
    items: {},
    keep_from: {},
    calls: [planned],
    deadline_ms: limits.deadlineMs,
    mode: 'single',
  });
  return answerOf(answers[0] ?? ['UNKNOWN', null]);
}

/** As the client of connected models judges it. */
function answerOf([code, value]: HostAnswer): ModelAnswer {
  const common = { detail: null, exec_us: 0 };
  if (code === 'SUCCESS') {
    return { ...common, status: 'SUCCESS', result: value ?? undefined, error_code: null, message: null };
  }
  if (code === 'DEADLINE_EXCEEDED' || code === 'RESOURCE_EXHAUSTED') {
    return { ...common, status: 'TIMEOUT', result: undefined, error_code: code, message: null };
  }
  const message = typeof value === 'string' && value !== '' ? value : null;
  return { ...common, status: 'FAILED', result: undefined, error_code: code, message };
}

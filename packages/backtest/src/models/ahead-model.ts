import { type CallLimits, type EncodedCall, localArguments, type ModelAnswer } from '@crunch-node/models';
import type { Json } from '@crunch-node/streams';
import type { HostAnswer, HostReply, ModelProcess } from './model-process.ts';
import { type PlannedCall, type PlannedChunk, plannedCall } from './planned-calls.ts';

interface Chunk {
  readonly planned: PlannedChunk;
  readonly calls: readonly PlannedCall[];
  /** places among the calls at which a record begins */
  readonly starts: readonly number[];
  reply: Promise<HostReply>;
}

/**
 * A model in another process, called in chunks before its predictions are needed. A late call decides which calls
 * come after it: those are made one by one, and later chunks again.
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
    reply.catch(() => undefined);
    this.#chunks.push({ planned, calls, starts, reply });
  }

  async call({ method }: EncodedCall, limits: CallLimits): Promise<ModelAnswer> {
    if (method === this.#updateMethod) this.#beginRecord();
    const chunk = this.#chunks[0];
    const place = this.#next++;
    const planned = chunk?.calls[place];
    if (chunk === undefined || planned === undefined) throw new Error('expected a call that was planned');
    let reply = await chunk.reply;
    if (reply.passed && chunk === this.#chunks[0]) {
      this.#askAgain();
      reply = await chunk.reply;
    }
    const answered = reply.answers[place];
    if (answered !== undefined) return answerOf(answered);
    const { answers } = await this.#send([planned], 'single', null, limits.deadlineMs);
    return answerOf(answers[0] ?? ['UNKNOWN', null]);
  }

  #beginRecord(): void {
    this.#record++;
    while (this.#chunks[0] !== undefined && this.#record >= this.#chunks[0].starts.length) {
      this.#chunks.shift();
      this.#record = 0;
    }
    this.#next = this.#chunks[0]?.starts[this.#record] ?? 0;
  }

  /** Calls that were skipped are made again, in order, before any new ones. */
  #askAgain(): void {
    for (const [i, chunk] of this.#chunks.entries()) {
      chunk.reply = this.#send(chunk.calls, i === 0 ? 'resume' : 'ahead', null);
      chunk.reply.catch(() => undefined);
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
  if (code === 'DEADLINE_EXCEEDED') {
    return { ...common, status: 'TIMEOUT', result: undefined, error_code: code, message: null };
  }
  const message = typeof value === 'string' && value !== '' ? value : null;
  return { ...common, status: 'FAILED', result: undefined, error_code: code, message };
}

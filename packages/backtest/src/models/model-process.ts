import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseTolerantJson } from '@crunch-node/models';
import type { Json, JsonObject } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import type { PlannedCall } from './planned-calls.ts';

/** Result of a call: the code of a model runner, and the value or the message. */
export type HostAnswer = readonly [code: string, value: Json];

export interface HostReply {
  /** in the order of the calls; fewer when a call was late, since what comes next depends on it */
  readonly answers: readonly HostAnswer[];
  /** not looked at, because an earlier call was late */
  readonly passed: boolean;
}

export interface HostRequest {
  readonly items: Readonly<Record<string, readonly Json[]>>;
  readonly keep_from: Readonly<Record<string, number>>;
  readonly calls: readonly PlannedCall[];
  readonly deadline_ms: number;
  /** `ahead`: passed by after a call that was late, until `resume` */
  readonly mode: 'ahead' | 'resume' | 'single';
}

/** What a fresh instance declares about itself. */
export interface Instance {
  /** Its answers follow from the latest update of each subject and the arguments: nothing else is kept between calls. */
  readonly isStateless: boolean;
}

/** A model in another process, called with a line of JSON each way. */
export interface ModelProcess {
  /** Replies come in the order of requests. */
  ask(request: HostRequest): Promise<HostReply>;
  /** Begins with a fresh instance. */
  reset(): Promise<Instance>;
  close(): Promise<void>;
}

/** The process of a model ended, or replied with something invalid. */
export class ModelProcessFailed extends CrunchError {
  override readonly name = 'ModelProcessFailed';
  override readonly code = 'model_process_failed';
}

/** @param ended describes why the process ended, for people */
export function modelProcess(
  { input, output }: { readonly input: Writable; readonly output: Readable },
  ended: () => string,
  stop: () => Promise<void>,
): ModelProcess {
  const waiting: { resolve(message: JsonObject): void; reject(error: Error): void }[] = [];
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  const lines = createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    try {
      waiting.shift()?.resolve(parseTolerantJson(line) as JsonObject);
    } catch (cause) {
      fail(
        new ModelProcessFailed(`expected a line of JSON from the model's process, received ${line.slice(0, 200)}`, {
          cause,
        }),
      );
    }
  });
  lines.on('close', () => fail(new ModelProcessFailed(`the model's process ended: ${ended()}`)));
  input.on('error', () => fail(new ModelProcessFailed(`the model's process ended: ${ended()}`)));

  const send = (message: object): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      waiting.push({ resolve, reject });
      input.write(`${JSON.stringify(message)}\n`);
    });

  return {
    async ask(request) {
      const reply = await send({ kind: 'run', ...request });
      return { answers: (reply.answers ?? []) as unknown as readonly HostAnswer[], passed: reply.passed === true };
    },
    async reset() {
      const reply = await send({ kind: 'reset' });
      if (typeof reply.failed === 'string') throw new ModelProcessFailed(reply.failed);
      return { isStateless: reply.stateless === true };
    },
    close: async () => {
      input.end();
      await stop();
    },
  };
}

import type { Json, RunnerStatus } from '@crunch-node/streams';

/** Identity of a model, as announced by the orchestrator; null names already replaced by their fallbacks. */
export interface ModelIdentity {
  readonly model_id: string;
  readonly deployment_id: string;
  readonly model_name: string;
  readonly cruncher_id: string;
  readonly cruncher_name: string;
}

export type FailureCode = 'BAD_IMPLEMENTATION' | 'CONNECTION_FAILED' | 'MULTIPLE_FAILED' | 'MULTIPLE_TIMEOUT';

/** A call serialised once, to be sent to any number of models. */
export interface EncodedCall {
  readonly method: string;
  readonly bytes: Uint8Array;
}

export type TypedValue =
  | { readonly type: 'STRING'; readonly value: string }
  | { readonly type: 'INT'; readonly value: number | bigint }
  | { readonly type: 'DOUBLE'; readonly value: number }
  | { readonly type: 'JSON'; readonly value: Json };

/** Passed by keyword where it has one, else by position. */
export type Argument = TypedValue & { readonly keyword?: string };

/** Result of one call of one model. A call never rejects: failures are in the status. */
export interface ModelAnswer {
  readonly status: RunnerStatus;
  /**
   * Decoded value of a SUCCESS; undefined when nothing was returned or it could not be decoded. NaN and infinities a
   * peer sends are in it as such numbers: no output schema accepts them, and `finiteOrText` makes them storable.
   */
  readonly result: Json | undefined;
  /** the model side's status code (`MODEL_FAILED`, …) or the gRPC status name (`UNAVAILABLE`, …), null on SUCCESS */
  readonly error_code: string | null;
  /** the model's message about its failure; part of the facts */
  readonly message: string | null;
  /** the error of the connection: holds addresses and times, so it is an observation */
  readonly detail: string | null;
  /** wall time around the call in microseconds */
  readonly exec_us: number;
}

export type PoolChange =
  /** connected and set up, or its names changed */
  | { readonly kind: 'running'; readonly model: ModelIdentity }
  /** the orchestrator reported STOPPED or RECOVERING, or left it out of an `init` */
  | { readonly kind: 'stopped'; readonly model: ModelIdentity }
  /** given up on and reported to the orchestrator */
  | {
      readonly kind: 'failed';
      readonly model: ModelIdentity;
      readonly failure_code: FailureCode;
      readonly failure_reason: string | null;
    };

export interface CallLimits {
  readonly deadlineMs: number;
  /**
   * Replay pace: a call of a busy model (RESOURCE_EXHAUSTED) is repeated until it is free, and the deadline counts from
   * when it accepted the call.
   */
  readonly patient: boolean;
}

/** How long models that are announced and not expected are waited for, from the first `init` on; absent: until given up on. */
export interface JoinPatience {
  /** milliseconds for one that cannot be reached */
  readonly unreachableMs: number;
  /** milliseconds for one that is being set up; absent: until it is given up on */
  readonly settingUpMs?: number;
}

/** A model that has not joined yet. */
export interface AwaitedModel {
  readonly model_id: string;
  /** `host:port`; null: not announced */
  readonly address: string | null;
  readonly why: 'not announced' | 'cannot be reached' | 'is being set up';
}

/** Follows an orchestrator and keeps a connection to each running model. */
export interface ModelPool {
  readonly orchestratorConnected: boolean;
  running(): readonly ModelIdentity[];
  isRunning(modelId: string): boolean;
  /** models the orchestrator announced that are not wanted here */
  readonly elsewhere: number;
  /** To be called when `wanted` has changed: connects to newly wanted models, disconnects from others. */
  lookAgain(): void;
  /**
   * Calls one model. Calls of one model are sent one at a time in the order of these calls; models do not wait for
   * each other. FAILED_PRECONDITION sets the model up again and retries once. A model of this process that waits for
   * nothing has answered when this returns.
   */
  call(modelId: string, call: EncodedCall, limits: CallLimits): ModelAnswer | Promise<ModelAnswer>;
  /** Reports the failure to the orchestrator and removes the model. */
  reportFailure(modelId: string, code: FailureCode, reason: string | null): Promise<void>;
  /** Called for everything that is running now, then for every change. Returns the way to stop listening. */
  watch(listener: (change: PoolChange) => void): () => void;
  /**
   * Resolves once the first `init` is in and every model of it is set up or given up on, and every `expected` one runs
   * or was given up on. Those that are not expected are waited for no longer than the patience allows.
   * @returns the models it did not wait for
   */
  settled(expected: readonly string[], signal: AbortSignal, patience?: JoinPatience): Promise<readonly AwaitedModel[]>;
  /** Models that `settled` waits for now; null: for the orchestrator. */
  awaited(expected: readonly string[]): readonly AwaitedModel[] | null;
  close(): Promise<void>;
}

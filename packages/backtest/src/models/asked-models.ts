import type { CrunchConfig } from '@crunch-node/domain';
import {
  type DroppedModel,
  type EncodedCall,
  type LocalModel,
  localPool,
  type ModelAnswer,
  type ModelPool,
} from '@crunch-node/models';
import type { AskedModels, ModelNames } from '../engine/run.ts';
import { AheadModel, callProcess } from './ahead-model.ts';
import type { ModelProcess } from './model-process.ts';
import { type PlannedChunk, planner } from './planned-calls.ts';

/** A model in a process of its own. */
export interface ProcessModel {
  readonly names: ModelNames;
  readonly process: ModelProcess;
  /** see `Instance` */
  readonly isStateless: boolean;
  /** its number where a stateless model is asked about several stretches of the history at once */
  readonly copies?: number;
}

const NOTHING = new Uint8Array();

/**
 * Models of this process and of others behind one interface. Those of others are called ahead where their inputs follow
 * from records alone: not where the operator's hook makes them.
 * @param order ids of models in the order in which they are named, wherever they run
 */
export async function askedModels(
  config: CrunchConfig,
  local: readonly LocalModel[],
  processes: readonly ProcessModel[],
  order: readonly string[] = [],
): Promise<AskedModels> {
  const pool = await localPool(local, config.model_arguments);
  const dropped = new Map<string, DroppedModel>();
  pool.watch((change) => {
    if (change.kind === 'failed') dropped.set(change.model.model_id, change);
  });
  const isAhead = config.pre_feed_update_hook === null;
  const shortest = Math.min(
    config.model_timeout_seconds,
    ...config.scheduled_predictions.map(({ prediction_interval_seconds }) => prediction_interval_seconds),
  );
  const others = new Map(
    processes.map(({ names, process }) => {
      const ahead = isAhead ? new AheadModel(process, config.feed_update_method, shortest * 1_000) : null;
      return [names.model_id, { names, process, ahead }];
    }),
  );
  const sendsNothing = isAhead && local.length === 0;
  const plan = isAhead && others.size > 0 ? planner(config) : null;

  function call(modelId: string, call: EncodedCall, limits: Parameters<ModelPool['call']>[2]) {
    const other = others.get(modelId);
    if (other === undefined) return pool.call(modelId, call, limits);
    const answer = other.ahead?.call(call, limits) ?? callProcess(other.process, call, limits);
    return answer instanceof Promise ? answer.then((one) => judged(modelId, one)) : judged(modelId, answer);
  }

  function judged(modelId: string, answer: ModelAnswer): ModelAnswer {
    if (answer.error_code !== 'BAD_IMPLEMENTATION') return answer;
    const { error_code, message } = answer;
    if (others.delete(modelId)) dropped.set(modelId, { failure_code: error_code, failure_reason: message });
    return answer;
  }

  async function report(...failure: Parameters<ModelPool['reportFailure']>): Promise<void> {
    const [modelId, failure_code, failure_reason] = failure;
    if (others.delete(modelId)) dropped.set(modelId, { failure_code, failure_reason });
    else await pool.reportFailure(...failure);
  }

  return {
    names: [...local.map(({ create: _, ...names }) => names), ...processes.map(({ names }) => names)].sort(
      (a, b) => order.indexOf(a.model_id) - order.indexOf(b.model_id),
    ),
    pool: {
      ...pool,
      isRunning: (modelId) => others.has(modelId) || pool.isRunning(modelId),
      call,
      reportFailure: report,
    },
    dropped,
    copies: new Map(processes.flatMap(({ names, copies }) => (copies === undefined ? [] : [[names.model_id, copies]]))),
    // Arguments are not needed here, since they were sent ahead.
    ...(sendsNothing && { encode: (method) => ({ method, bytes: NOTHING }) }),
    ...(sendsNothing && isInputFree(config) && { update: { method: config.feed_update_method, bytes: NOTHING } }),
    ...(plan !== null && {
      ahead(steps, what) {
        const planned = what === 'all calls' ? plan(steps) : updatesOf(plan(steps));
        for (const { ahead } of others.values()) ahead?.ask(planned);
      },
    }),
  };
}

/** Rounds with a horizon of 0 are scored with the input of their models, which they carry. */
const isInputFree = ({ scheduled_predictions }: CrunchConfig): boolean =>
  scheduled_predictions.every(({ resolve_horizon_seconds }) => resolve_horizon_seconds > 0);

const updatesOf = (planned: PlannedChunk): PlannedChunk => ({
  ...planned,
  records: planned.records.map(({ update }) => ({ update, predictions: [] })),
});

import { type ModelStatus as Found, modelStatus } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { orNull, tsZ } from '../values/timestamps.ts';
import { ModelStatus } from './status-schemas.ts';

const SHOWN_ERRORS = 10;
/** Reasons are texts of participants. */
const SHOWN_CHARACTERS = 500;

export const modelStatusRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const schema = {
    tags: ['models'],
    summary: 'How a model is: whether it is there, how fast it answers, what went wrong last',
    params: Type.Object({ model_id: Type.String() }),
    querystring: query({ calls: integer({ absent: 1_000, minimum: 1, maximum: 10_000 }) }),
    response: { 200: ModelStatus },
  };
  app.get(
    '/reports/models/:model_id/status',
    { schema, ...reads('models', 'predictions', 'signals', 'configurations') },
    async ({ params: { model_id }, query: { calls } }) => {
      const found = await modelStatus(db, model_id, { calls, faults: SHOWN_ERRORS });
      if (found === undefined) throw new HttpFault(404, `There is no model ${model_id}`);
      return statusOf(found);
    },
  );
};

function statusOf({ model, state, calls, faults }: Found): ModelStatus {
  const time = orNull(tsZ);
  const [p50 = null, p95 = null, p99 = null] = calls.latency_ms ?? [];
  const { rounds, succeeded, invalid, failed, timed_out, absent } = calls;
  const alive = model.state === 'running';
  return {
    model_id: model.model_id,
    model_name: model.model_name,
    cruncher_name: model.cruncher_name,
    deployment_id: model.deployment_id,
    is_ensemble: model.is_ensemble,
    status: alive ? 'active' : 'inactive',
    alive,
    state: model.state,
    failure_code: state?.failure_code ?? null,
    failure_reason: shortened(state?.failure_reason ?? null),
    joined_at: time(state?.joined_at ?? null),
    left_at: time(state?.left_at ?? null),
    failed_at: time(state?.failed_at ?? null),
    changed_at: time(state?.changed_at ?? null),
    last_call_at: time(calls.last_call_at),
    last_seen_at: time(calls.last_success_at),
    calls: {
      rounds,
      succeeded,
      invalid,
      failed,
      timed_out,
      absent,
      first_at: time(calls.first_at),
      last_at: time(calls.last_at),
      success_rate: rounds === 0 ? null : succeeded / rounds,
    },
    latency_ms: { p50, p95, p99 },
    last_errors: faults.map(({ performed_at, reason, ...fault }) => ({
      ...fault,
      performed_at: tsZ(performed_at),
      reason: shortened(reason),
    })),
  };
}

const shortened = (text: string | null): string | null =>
  text === null || text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;

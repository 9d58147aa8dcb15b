import { answerOf } from '@crunch-node/domain';
import { latestSignals, listEnsembles, newestSignals, newestSnapshots, type SignalRow } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { filter, instant, integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { orNull, tsZ } from '../values/timestamps.ts';
import { EnsembleState, LatestSignal, PastSignal } from './schemas.ts';

const params = Type.Object({ name: Type.String() });
const scope_key = filter('of one scope only');

/** Signals of ensembles, as soon as they are published: before their ground truth is known. */
export const signalRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const states = {
    tags: ['signals'],
    summary: 'The newest snapshot of each ensemble',
    response: { 200: Type.Array(EnsembleState) },
  };
  app.get('/signals/ensemble', { schema: states, ...reads('signals', 'snapshots') }, async () => {
    const known = await listEnsembles(db);
    const found = await Promise.all(
      known.map(async ({ name, model_id }): Promise<EnsembleState[]> => {
        const taken = await newestSnapshots(db, { model_id, limit: 1 });
        return taken.map(({ period_end, prediction_count, result_summary }) => ({
          name,
          model_id,
          period_end: tsZ(period_end),
          prediction_count,
          metrics: result_summary,
        }));
      }),
    );
    return found.flat();
  });

  const latest = {
    tags: ['signals'],
    summary: 'The newest signal of an ensemble, over all scopes and of each',
    params,
    querystring: query({ scope_key }),
    response: { 200: LatestSignal },
  };
  app.get(
    '/signals/ensemble/:name',
    { schema: latest, ...reads('signals') },
    async ({ params: { name }, query: asked }) => {
      const signals = (await latestSignals(db, name, asked.scope_key)).map(signalOf);
      const [newest] = signals;
      if (newest === undefined) throw new HttpFault(404, `Ensemble ${name} has published nothing yet`);
      return { ...newest, scopes: signals };
    },
  );

  const history = {
    tags: ['signals'],
    summary: 'Signals of an ensemble, newest first',
    params,
    querystring: query({
      scope_key,
      since: instant('first performed'),
      limit: integer({ absent: 50, minimum: 1, maximum: 500 }),
    }),
    response: { 200: Type.Array(PastSignal) },
  };
  app.get(
    '/signals/ensemble/:name/history',
    { schema: history, ...reads('signals') },
    async ({ params: { name }, query: asked }) => (await newestSignals(db, name, asked)).map(pastSignalOf),
  );
};

const pastSignalOf = (row: SignalRow): PastSignal => ({
  signal: answerOf(row),
  performed_at: tsZ(row.performed_at),
  resolvable_at: orNull(tsZ)(row.resolvable_at),
  scope_key: row.scope_key,
  weights: Object.fromEntries(row.members.map(({ model_id, weight }) => [model_id, weight])),
  weights_cycle_end: orNull(tsZ)(row.weights_cycle_end),
  input_id: row.input_id,
});

/** As the API shows it. */
export const signalOf = (row: SignalRow) => ({
  ...pastSignalOf(row),
  ensemble: row.name,
  model_id: row.model_id,
  scope: row.scope,
});

import { timedPredictions } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { stageLatencies, stampsOf } from './metrics.ts';
import { TimingMetrics } from './schemas.ts';

const SHOWN = 10;

export const timingRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, config }) => {
  const schema = {
    tags: ['system'],
    summary: 'How long each stage took, from a record received to its predictions safe in the log',
    querystring: query({ limit: integer({ absent: 1_000, minimum: Number.MIN_SAFE_INTEGER, maximum: 10_000 }) }),
    response: { 200: TimingMetrics },
  };
  app.get('/timing-metrics', { schema, ...reads('predictions', 'feeds') }, async ({ query: { limit } }) => {
    if (config.performance?.timing_endpoint_enabled === false) throw new HttpFault(404, 'Timing is not shown here');
    const found = await timedPredictions(db, Math.max(1, limit));
    const samples = found.map((prediction) => ({ id: prediction.prediction_id, stamps: stampsOf(prediction) }));
    return {
      enabled: true,
      buffer_size: samples.length,
      total_records: samples.length,
      stage_latencies: stageLatencies(samples.map(({ stamps }) => stamps)),
      recent_samples: samples.slice(0, SHOWN).map(({ id, stamps }) => ({ prediction_id: id, ...stamps })),
    };
  });
};

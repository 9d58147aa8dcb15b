import { cliFormat, prizes } from '@crunch-node/domain';
import { type ListedCheckpoint, newestCheckpoints } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { tsOff, tsZ } from '../values/timestamps.ts';
import { CheckpointPayload, CliFormat, LatestEmission, LatestPrizes, Prizes } from './export-schemas.ts';
import { Emission } from './schemas.ts';

const params = Type.Object({ id: Type.String() });
const about = (summary: string) => ({ tags: ['checkpoints'], summary });
/** Whole units, as many as a double holds exactly. */
const totalPrize = query({ total_prize: integer({ absent: 0, minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) });

/** A checkpoint in the forms that other tools take. */
export const checkpointExportRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  async function find(id: string): Promise<ListedCheckpoint> {
    const [found] = await newestCheckpoints(db, { id, limit: 1 });
    if (found === undefined) throw new HttpFault(404, `There is no checkpoint ${id}`);
    return found;
  }
  async function newest(): Promise<ListedCheckpoint> {
    const [found] = await newestCheckpoints(db, { limit: 1 });
    if (found === undefined) throw new HttpFault(404, 'There is no checkpoint yet');
    return found;
  }

  const payload = { ...about('What is submitted of a checkpoint'), params, response: { 200: CheckpointPayload } };
  app.get(
    '/reports/checkpoints/:id/payload',
    { schema: payload, ...reads('checkpoints', 'models') },
    async ({ params: { id } }) => {
      const { checkpoint_id, period_start, period_end, emission, merkle_root } = await find(id);
      return {
        checkpoint_id,
        period_start: tsOff(period_start),
        period_end: tsOff(period_end),
        entries: [emission],
        merkle_root,
      };
    },
  );

  const emission = { ...about('Rewards in parts of 1,000,000,000'), params, response: { 200: Emission } };
  app.get(
    '/reports/checkpoints/:id/emission',
    { schema: emission, ...reads('checkpoints', 'models') },
    async ({ params: { id } }) => {
      return (await find(id)).emission;
    },
  );

  const cli = { ...about('Rewards in percent, by model and provider'), params, response: { 200: CliFormat } };
  app.get(
    '/reports/checkpoints/:id/emission/cli-format',
    { schema: cli, ...reads('checkpoints', 'models') },
    async ({ params: { id } }) => {
      const found = await find(id);
      return cliFormat(found.emission, found.ranking);
    },
  );

  const shares = {
    ...about('A total shared out, without anything left over'),
    params,
    querystring: totalPrize,
    response: { 200: Prizes },
  };
  app.get(
    '/reports/checkpoints/:id/prizes',
    { schema: shares, ...reads('checkpoints', 'models') },
    async ({ params: { id }, query: { total_prize } }) => prizesOf(await find(id), total_prize),
  );

  const latestShares = {
    ...about('A total shared out by the newest checkpoint'),
    querystring: totalPrize,
    response: { 200: LatestPrizes },
  };
  app.get(
    '/reports/checkpoints/latest/prizes',
    { schema: latestShares, ...reads('checkpoints', 'models') },
    async ({ query: { total_prize } }) => {
      const found = await newest();
      return {
        checkpoint_id: found.checkpoint_id,
        status: found.status,
        period_start: tsOff(found.period_start),
        period_end: tsOff(found.period_end),
        total_prize,
        prizes: prizesOf(found, total_prize),
      };
    },
  );

  const latest = { ...about('The rewards of the newest checkpoint'), response: { 200: LatestEmission } };
  app.get('/reports/emissions/latest', { schema: latest, ...reads('checkpoints', 'models') }, async () => {
    const found = await newest();
    return {
      checkpoint_id: found.checkpoint_id,
      status: found.status,
      period_start: tsZ(found.period_start),
      period_end: tsZ(found.period_end),
      emission: found.emission,
    };
  });
};

const prizesOf = ({ checkpoint_id, period_end, emission, ranking }: ListedCheckpoint, total: number) =>
  prizes({ id: checkpoint_id, period_end, emission, ranking }, total);

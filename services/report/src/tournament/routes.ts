import { unscored } from '@crunch-node/config';
import { faultOfRoundId, hasRoundsByCommand } from '@crunch-node/domain';
import {
  type TournamentScore,
  type TournamentStanding,
  tournamentScores,
  tournamentStanding,
} from '@crunch-node/projections';
import { CommandRefused, MODELS_QUERY } from '@crunch-node/service';
import type { GroundTruthProvided, JsonObject, TournamentRoundRequested } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { whenCaughtUp } from '../caught-up.ts';
import { bodyObject, closingSignal, command, connected } from '../command-client.ts';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import type { RouteContext } from '../route-context.ts';
import { Inference, InferenceBody, RoundStatus, ScoreBody, Scored } from './schemas.ts';

/**
 * How long a response waits for models, and for the closing of a cycle; then it is a 202 and the status shows the rest.
 */
const WAIT_MS = 60_000;
const limits = { bodyLimit: 16 * 1024 * 1024, handlerTimeout: WAIT_MS + 30_000 };

/** Rounds on demand: features in, predictions out; ground truth in, scores out. */
export const tournamentRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, config, log }) => {
  const signal = closingSignal(app);
  const params = Type.Object({ round_id: Type.String() });
  const schema = <B, R>(summary: string, body: B, response: R) => ({
    tags: ['tournament'],
    summary,
    params,
    body,
    response: { 200: response, 202: response },
  });
  const standing = (round_id: string) => tournamentStanding(db, round_id);
  const rounds = (samples: number): number => samples * (config.partitions ?? 1);

  const inference = schema('Ask models for a prediction of each sample', InferenceBody, Inference);
  app.post(
    '/tournament/rounds/:round_id/inference',
    { schema: inference, ...limits },
    async ({ params: { round_id }, body }, reply) => {
      mustBeTournament();
      const { features } = bodyObject(body);
      if (Array.isArray(features) && features.length === 0) throw new HttpFault(400, 'expected at least one sample');
      await mustReachModels();
      const asked = { tournament: round_id, ...(features === undefined ? {} : { features }) };
      const { data } = await command<TournamentRoundRequested>(log, 'rounds.request', asked, reply);
      const expected = rounds(data.features.length);
      const found = await whenCaughtUp(
        () => standing(round_id),
        (now) => now.rounds >= expected,
        { waitMs: WAIT_MS, signal },
      );
      const complete = found.rounds >= expected;
      return reply.code(complete ? 200 : 202).send({
        round_id,
        model_count: found.models,
        prediction_count: found.predictions,
        status: complete ? 'inference_complete' : 'inference_pending',
      });
    },
  );

  const score = schema('Provide what really happened', ScoreBody, Scored);
  app.post(
    '/tournament/rounds/:round_id/score',
    { schema: score, ...limits },
    async ({ params: { round_id }, body }, reply) => {
      mustBeTournament();
      if (config.scoring_function === unscored) throw new HttpFault(400, 'no scoring function is configured');
      const { ground_truth } = bodyObject(body);
      const provided = { tournament: round_id, ...(ground_truth === undefined ? {} : { ground_truth }) };
      const { data } = await command<GroundTruthProvided>(log, 'rounds.ground_truth', provided, reply);
      const expected = rounds(data.samples ?? data.ground_truth.length);
      const found = await whenCaughtUp(
        () => standing(round_id),
        (now) => now.scored_rounds >= expected,
        {
          waitMs: WAIT_MS,
          signal,
        },
      );
      const complete = found.scored_rounds >= expected;
      const results = (await tournamentScores(db, round_id)).map(resultOf);
      return reply.code(complete ? 200 : 202).send({
        round_id,
        scores_count: results.length,
        results,
        status: complete ? statusOf(found) : 'score_pending',
      });
    },
  );

  const status = { tags: ['tournament'], summary: 'State of a round', params, response: { 200: RoundStatus } };
  app.get(
    '/tournament/rounds/:round_id/status',
    { schema: status, ...reads('predictions', 'scores') },
    async ({ params: { round_id } }) => {
      const nothing: TournamentStanding = { rounds: 0, scored_rounds: 0, models: 0, predictions: 0, by_status: {} };
      const found = faultOfRoundId(round_id) === null ? await standing(round_id) : nothing;
      return { round_id, status: statusOf(found), total: found.predictions, by_status: found.by_status };
    },
  );

  function mustBeTournament(): void {
    if (!hasRoundsByCommand({ kind: config.kind ?? 'realtime' }))
      throw new HttpFault(404, 'this competition is no tournament: its rounds follow a feed');
  }

  async function mustReachModels(): Promise<void> {
    const reached = await connected(log)
      .request(MODELS_QUERY, {}, 2_000)
      .catch(() => null);
    const { running = 0 } = (reached ?? {}) as { running?: number };
    if (running === 0) throw new CommandRefused(503, 'no model can be reached: try again when models are running');
  }
};

function statusOf({ predictions, by_status }: TournamentStanding): string {
  if (predictions === 0) return 'not_found';
  if (by_status.SCORED === predictions) return 'scored';
  return (by_status.PENDING ?? 0) > 0 ? 'inference_complete' : 'partial';
}

/** A score that failed has no value, but a reason. */
const resultOf = ({ prediction_id, model_id, sample, value, success, failed_reason, result }: TournamentScore) => ({
  prediction_id,
  model_id,
  feature_index: sample,
  score: value ?? 0,
  success,
  result: result ?? ({ success, failed_reason } satisfies JsonObject),
});

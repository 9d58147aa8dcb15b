import { setTimeout as delay } from 'node:timers/promises';
import { sampleHouses, tournamentExampleModels } from '@crunch-node/challenge';
import type { Screen } from '../screen.ts';
import { type RoundScores, roundText } from '../show/tournament-round.ts';

export interface RoundOf {
  /** of the API */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

const POLL_MS = 200;

/** Runs a round over the sample houses with the example models, provides their prices, shows the scores. */
export async function playRound({ url, apiKey, screen, signal }: RoundOf): Promise<void> {
  const ask = async <T>(method: string, path: string, body?: object): Promise<{ status: number; body: T }> => {
    const response = await fetch(`${url}${path}`, {
      method,
      signal,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(apiKey !== undefined && { 'x-api-key': apiKey }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  /** Services that are still starting respond with 503; a round that takes long with 202. */
  const untilDone = async <T>(path: string, body: object, done: readonly number[]): Promise<T> => {
    for (;;) {
      const answer = await ask<T & { detail?: string }>('POST', path, body);
      if (done.includes(answer.status)) return answer.body;
      if (answer.status !== 503 && answer.status !== 202) {
        throw new Error(`expected ${path} to answer, received ${answer.status}: ${answer.body.detail ?? ''}`);
      }
      await delay(POLL_MS, undefined, { signal });
    }
  };

  screen.print('waiting for the answers to a round of sample houses');
  let number = 1;
  const round = (): string => `demo-${number}`;
  const standing = async (): Promise<string> =>
    (await ask<{ status?: string }>('GET', `/tournament/rounds/${round()}/status`)).body.status ?? '';
  // A kept data folder holds the rounds of earlier runs.
  for (let status = await standing(); status !== 'not_found'; status = await standing()) {
    if (status === '') await delay(POLL_MS, undefined, { signal });
    else number += 1;
  }
  const features = sampleHouses.map((house) => house.features);
  // The response to a repeated request, sent because the first one took too long, is 409: the round exists.
  await untilDone(`/tournament/rounds/${round()}/inference`, { features }, [200, 409]);
  screen.print('waiting for its scores');
  const ground_truth = sampleHouses.map(({ price }) => ({ price }));
  const scored = await untilDone<RoundScores>(`/tournament/rounds/${round()}/score`, { ground_truth }, [200]);
  screen.print('waiting for the rewards');
  for (const path of ['/reports/leaderboard', '/reports/checkpoints']) {
    while ((await ask<unknown[]>('GET', path)).body.length === 0) await delay(POLL_MS, undefined, { signal });
  }
  const names = new Map(tournamentExampleModels.map(({ model_id, model_name }) => [model_id, model_name]));
  screen.result(`\nRound ${round()}\n${roundText(scored, sampleHouses, names)}`);
}

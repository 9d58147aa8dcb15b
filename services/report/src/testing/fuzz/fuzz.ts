/** Sends random requests to an API, and reports responses that are wrong. */
import { NoAnswer, type RawAnswer, rawRequest } from '../raw-request.ts';
import { diceOf } from './dice.ts';
import { faultsOf } from './judge.ts';
import { type ApiDescription, type FuzzContext, type FuzzRequest, fuzzRequest } from './requests.ts';

export interface FuzzOptions {
  readonly url: string;
  readonly seed: number;
  readonly keys: readonly string[];
  /** called before each request with the number of those made so far */
  readonly goesOn: (made: number) => boolean;
}

export interface FuzzResult {
  readonly requests: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

const AT_ONCE = 8;
const FAULTS_SHOWN = 20;
/** Lists whose values make requests nearly right. */
const SOURCES = [
  '/reports/models',
  '/reports/snapshots?limit=5',
  '/reports/checkpoints?limit=5',
  '/reports/merkle/cycles?limit=5',
];
const WORDS = [
  'BTCUSDT',
  'PENDING',
  'SUBMITTED',
  'CLAIMABLE',
  'PAID',
  'SCORED',
  'main',
  '10',
  '1',
  'true',
  '2026-11-21T19:05:00Z',
];

export async function fuzz({ url, seed, keys, goesOn }: FuzzOptions): Promise<FuzzResult> {
  const dice = diceOf(seed);
  const admin = { headers: { 'x-api-key': keys.at(-1) ?? '' } };
  const read = async (target: string): Promise<unknown> => JSON.parse((await rawRequest(url, target, admin)).body);
  const api = (await read('/openapi.json')) as ApiDescription;
  const context: FuzzContext = { keys, known: [...WORDS, ...idsIn(await Promise.all(SOURCES.map(read)))] };
  const byStatus: Record<string, number> = {};
  const faults: string[] = [];
  let requests = 0;

  async function askOn(): Promise<void> {
    while (goesOn(requests) && faults.length < FAULTS_SHOWN) {
      requests++;
      const request = fuzzRequest(api, dice, context);
      const answer = await ask(url, request);
      if (answer === null) {
        if (!(await isAlive(url))) faults.push(`${shown(request)}: the API is gone`);
        continue;
      }
      byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1;
      faults.push(...faultsOf(request, answer, api, keys).map((fault) => `${shown(request)}: ${fault}`));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));
  return { requests, byStatus, faults };
}

/**
 * Null: the connection ended without a response, as it may when a body is refused half way, or when the request is not
 * HTTP.
 */
const ask = (url: string, { method, target, headers, body }: FuzzRequest): Promise<RawAnswer | null> =>
  Promise.resolve()
    .then(() => rawRequest(url, target, { method, headers: { ...headers }, ...(body !== null && { body }) }))
    .catch((error: unknown) => {
      if (error instanceof NoAnswer) throw error;
      return null;
    });

const isAlive = (url: string): Promise<boolean> =>
  rawRequest(url, '/healthz').then(
    ({ status }) => status === 200,
    () => false,
  );

const shown = ({ method, target, headers, body }: FuzzRequest): string =>
  `${method} ${target.slice(0, 300)} ${JSON.stringify({ ...headers, 'x-api-key': undefined, authorization: undefined })} ${body === null ? '' : body.toString('utf8').slice(0, 300)}`;

/** Every id in some responses. */
const idsIn = (answers: readonly unknown[]): string[] => [
  ...new Set([...JSON.stringify(answers).matchAll(/"(?:id|\w+_id|\w+_key)":"([^"]{1,80})"/g)].map(([, id = '']) => id)),
];

import { type AppliedPositions, positionsReader, streamOfProjection } from '@crunch-node/projections';
import { allStreams } from '@crunch-node/streams';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { whenCaughtUp } from '../../caught-up.ts';
import { closingSignal } from '../../command-client.ts';
import type { RouteContext } from '../../route-context.ts';
import { HttpFault } from '../http/errors.ts';
import { createSlots } from '../http/slots.ts';
import { THINNED } from '../http/thinned.ts';
import { keptParts } from '../parts/kept-parts.ts';
import { gzipOf } from '../parts/part.ts';
import { type Asked, announce, forClient, type Made, notModified } from './answer.ts';
import { type Body, bodyCache, bodyOf } from './body-cache.ts';
import { currentPositions } from './current-positions.ts';
import { documented } from './documented.ts';
import { knownTags } from './entity-tag.ts';
import { isReached, spelt, type Wanted } from './min-seq.ts';
import type { Reads } from './reads.ts';
import { sharedSpans } from './shared-spans.ts';
import type { Span } from './span.ts';
import { type AnswerStanding, digest, standings } from './standing.ts';

export interface FreshnessLimits {
  /** how long `min_seq` waits */
  readonly minSeqWaitMs: number;
  /** bytes of responses kept in memory, half of them in parts; 0: none */
  readonly cacheBytes: number;
}

export const freshnessLimits: FreshnessLimits = { minSeqWaitMs: 5_000, cacheBytes: 64 * 1024 * 1024 };

const RETRY_AFTER_SECONDS = 1;
/** Two statements at a time leave Postgres, its connections and the processor to projections and to quick requests. */
const SPANS_AT_ONCE = { atOnce: 2, waiting: 500 };
const NOTHING: AppliedPositions = new Map();

type StandingIn = (positions: AppliedPositions) => AnswerStanding;

/**
 * The freshness contract of all GET routes that declare what they read (`reads(…)`): positions in headers, `ETag` and
 * 304, `min_seq`. Positions are read before rows, so a response shows at least the positions in its headers. Call it
 * before routes are registered.
 */
export function keepFresh(
  app: FastifyInstance,
  { db, version, config, now, minSeqWaitMs, cacheBytes }: RouteContext & FreshnessLimits,
): void {
  // What responses depend on besides the read model, path and query.
  const salt = digest(JSON.stringify({ version, config }));
  const current = currentPositions(positionsReader(db));
  const cache = bodyCache(Math.floor(cacheBytes / 2));
  const parts = keptParts(Math.floor(cacheBytes / 2));
  const closing = closingSignal(app);
  const slots = createSlots({ ...SPANS_AT_ONCE, what: 'reports over a span of time' });
  const spanFor = sharedSpans({ db, now });
  const inTheMaking = new Map<string, Promise<Made>>();
  /** resource → a response whose making has not begun: it will show the positions of that time */
  const queued = new Map<string, Promise<Made>>();
  const knownStreams = new Set(allStreams.map(({ name }) => name));
  app.decorateRequest('freshness', undefined);

  app.addHook('onRoute', (route) => {
    const reads = route.config?.reads;
    const isHead = route.method === 'HEAD';
    if (reads === undefined || (route.method !== 'GET' && !isHead)) return;
    const streams = reads.projections.map((name) => streamOf(name, route.url));
    route.schema = documented(route.schema, streams, knownStreams);
    route.preHandler = [...[route.preHandler ?? []].flat(), before(reads)];
    const others = [route.onSend ?? []].flat();
    // Of a HEAD the framework takes the body away last, and gives 304 the length of none.
    route.onSend = isHead ? [afterHead, ...others, withoutLengthOfNothing] : [...others, after];
  });

  function before(reads: Reads) {
    const standingIn = standings(reads.projections, salt);
    return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
      announce(request, reply);
      const standing = await standingFor(request, reply, reads, standingIn);
      const span = reads.span === undefined ? undefined : await spanFor(request, reads.span, standing);
      const validator = reads.isRelative(request.query) ? null : validatorOf(standing, span);
      const known = knownTags(request.headers['if-none-match']);
      const { positions, identity, sequences } = standing;
      parts.seen(sequences);
      const kept = { parts, identity };
      const asked: Asked = { resource: resourceOf(request), validator, known, positions, kept, isDone: false };
      request.freshness = asked;
      if (validator === null) {
        if (span !== undefined) await turnOf(asked, reply);
        return undefined;
      }
      const tag = known.byValidator.get(validator);
      if (tag !== undefined) return notModified(asked, reply, tag);
      const ready = cache.get(asked.resource, validator) ?? (await madeByAnother(asked, span !== undefined));
      if (ready === undefined) {
        if (span !== undefined) await turnOf(asked, reply);
        return undefined;
      }
      asked.isDone = true;
      return reply
        .type(ready.contentType)
        .headers(ready.headers)
        .send(await forClient(request, reply, asked, ready));
    };
  }

  /** Waits for a slot for another response; it is released when this one is made. */
  async function turnOf(asked: Asked, reply: FastifyReply): Promise<void> {
    const leave = await slots.enter();
    asked.leave = leave;
    if (queued.get(asked.resource) === inTheMaking.get(`${asked.validator} ${asked.resource}`))
      queued.delete(asked.resource);
    if (!reply.raw.destroyed) return void reply.raw.once('close', leave);
    leave();
    asked.isDone = true;
    asked.settle?.('abandoned');
    throw new HttpFault(503, 'The client has left before there was time for its answer');
  }

  /** Reads the positions and sets the headers. @throws {HttpFault} 503 when `min_seq` is not reached in time */
  async function standingFor(
    { query }: FastifyRequest,
    reply: FastifyReply,
    { projections }: Reads,
    standingIn: StandingIn,
  ): Promise<AnswerStanding> {
    if (projections.length === 0) return standingIn(NOTHING);
    const { min_seq: wanted } = query as { min_seq?: Wanted };
    const found = standingIn(await current());
    const isThere = ({ sequences }: AnswerStanding): boolean => wanted === undefined || isReached(wanted, sequences);
    const standing = isThere(found) ? found : await reaching(isThere, standingIn, reply);
    reply.headers(standing.headers);
    if (wanted === undefined || isThere(standing)) return standing;
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    const applied = new Map([...standing.sequences].filter(([stream]) => wanted.has(stream)));
    throw new HttpFault(
      503,
      `expected ${spelt(wanted)} to be applied within ${minSeqWaitMs / 1_000} seconds, the read model is at ${spelt(applied)}: try again`,
    );
  }

  /** Waits until it is reached, the client has left, or time is up. */
  function reaching(isThere: (standing: AnswerStanding) => boolean, standingIn: StandingIn, reply: FastifyReply) {
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    const signal = AbortSignal.any([closing, left.signal]);
    return whenCaughtUp(async () => standingIn(await current()), isThere, { waitMs: minSeqWaitMs, signal });
  }

  /**
   * The response another request is making from the same positions, or will make from later ones when it is its turn;
   * undefined: it has to be made here.
   */
  async function madeByAnother(asked: Asked, waitsForTurn: boolean): Promise<Body | undefined> {
    const name = `${asked.validator} ${asked.resource}`;
    for (;;) {
      const making = inTheMaking.get(name) ?? queued.get(asked.resource);
      if (making === undefined) break;
      const made = await making;
      if (made !== 'abandoned') return made;
    }
    const made = new Promise<Made>((resolve) => {
      asked.settle = (body) => {
        inTheMaking.delete(name);
        if (queued.get(asked.resource) === made) queued.delete(asked.resource);
        resolve(body);
      };
    });
    inTheMaking.set(name, made);
    if (waitsForTurn) queued.set(asked.resource, made);
    return undefined;
  }

  /** The measurement of the body of a HEAD expects a text. */
  const afterHead = async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> =>
    (await after(request, reply, payload)) ?? '';

  async function after(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
    const asked = request.freshness;
    asked?.leave?.();
    if (asked === undefined || asked.isDone) return payload;
    asked.isDone = true;
    if (reply.statusCode !== 200 || !(typeof payload === 'string' || Buffer.isBuffer(payload))) {
      asked.settle?.(undefined);
      return payload;
    }
    const thinned = reply.getHeader(THINNED);
    const headers = thinned === undefined ? {} : { [THINNED]: String(thinned) };
    const { parts: made } = asked;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const compress = made && (() => gzipOf(made, bytes));
    const body = bodyOf(bytes, String(reply.getHeader('content-type')), headers, compress);
    if (asked.validator !== null) cache.put(asked.resource, asked.validator, body);
    asked.settle?.(body);
    return forClient(request, reply, asked, body);
  }
}

/** Bounds are part of it: the response to the same request differs a minute later. */
const validatorOf = ({ validator }: AnswerStanding, span: Span | undefined): string | null =>
  validator === null || span === undefined ? validator : digest(`${validator} ${span.start} ${span.end}`);

async function withoutLengthOfNothing(
  _request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  if (reply.statusCode === 304) reply.removeHeader('content-length');
  return payload;
}

function streamOf(projection: string, url: string): string {
  const stream = streamOfProjection.get(projection);
  if (stream !== undefined) return stream;
  const known = [...streamOfProjection.keys()].join(', ');
  throw new TypeError(`expected ${url} to read projections (${known}), received ${projection}`);
}

/** Parameters a route does not name change nothing, and keys are secret: neither is part of it. */
function resourceOf({ routeOptions, params, query }: FastifyRequest): string {
  const parameters = routeOptions.schema?.querystring === undefined ? {} : (query as Record<string, unknown>);
  const { min_seq: _, ...named } = parameters;
  return `${routeOptions.url} ${JSON.stringify(params)} ${JSON.stringify(named)}`;
}

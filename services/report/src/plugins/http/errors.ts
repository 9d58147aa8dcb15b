import { isPostgresAway, misconfigurationOf } from '@crunch-node/postgres';
import { CommandRefused, type Logger } from '@crunch-node/service';
import { CrunchError } from '@crunch-node/streams/errors';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { urlWithoutKey } from '../security/presented-key.ts';
import { parametersOf, parseQuery, type RequestFault } from './query.ts';

/** A refusal with a status of its own: what a handler throws. */
export class HttpFault extends CrunchError {
  override readonly name = 'HttpFault';
  override readonly code = 'http_refused';
  readonly statusCode: number;
  constructor(statusCode: number, text: string) {
    super(text);
    this.statusCode = statusCode;
  }
}

/** The request does not match its schema. */
export class InvalidRequest extends CrunchError {
  override readonly name = 'InvalidRequest';
  override readonly code = 'invalid_request';
  readonly faults: readonly RequestFault[];
  constructor(faults: readonly RequestFault[]) {
    super(faults.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
    this.faults = faults;
  }
}

/** Clients read `detail`, the web UI shows `message`: both are always there. */
export function sendFault(reply: FastifyReply, status: number, text: string): FastifyReply {
  if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER_SECONDS);
  return reply.code(status).send({ detail: text, message: text });
}

const RETRY_AFTER_SECONDS = 5;
/** The tables are made by the projections, which may not have begun yet. */
const NO_TABLES_YET = new Set(['42P01', '3F000']);
/** No text in Postgres has a NUL, so no row can match the request. */
const NO_TEXT = '22021';

/** The read model cannot be queried now, and may be in a moment. */
export const isReadModelAway = (error: unknown): boolean =>
  isPostgresAway(error) || NO_TABLES_YET.has((error as { code?: string }).code ?? '');

const TOOK_TOO_LONG = 'FST_ERR_HANDLER_TIMEOUT';

/** A body that cannot be read counts as a body of the wrong shape. */
const NO_JSON = new Set(['FST_ERR_CTP_EMPTY_JSON_BODY', 'FST_ERR_CTP_INVALID_JSON_BODY']);

/**
 * @param knownRemedy what other connections found wrong with the configuration, else empty: a pooler answers one client why
 * it cannot connect and lets the next one wait
 */
export function handleErrors(app: FastifyInstance, logger: Logger, knownRemedy: () => string = () => ''): void {
  app.setValidatorCompiler(({ schema }) => {
    const parameters = parametersOf(schema as object);
    if (parameters === undefined) return (value: unknown) => ({ value });
    return (received: unknown) => {
      const { values, faults } = parseQuery(parameters, received as Readonly<Record<string, unknown>>);
      return faults.length === 0 ? { value: values } : { error: new InvalidRequest(faults) };
    };
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof InvalidRequest) return reply.code(422).send({ detail: error.faults, message: error.message });
    if (error instanceof HttpFault) return sendFault(reply, error.statusCode, error.message);
    const isAway = isReadModelAway(error);
    const remedy = misconfigurationOf(error) ?? (isAway ? knownRemedy() : '');
    if (isAway && remedy === '') {
      logger.warn({ err: error, url: urlWithoutKey(request.url) }, 'read model unavailable');
      return sendFault(reply, 503, 'The read model is not available at the moment, try again in a few seconds');
    }
    if (remedy !== '') {
      logger.error({ err: error, url: urlWithoutKey(request.url), remedy }, 'the read model cannot be asked');
      return sendFault(reply, 500, `The read model cannot be asked until its configuration is changed: ${remedy}`);
    }
    if (error.code === NO_TEXT) return sendFault(reply, 422, 'expected text without NUL');
    const refusal: unknown = error;
    if (refusal instanceof CommandRefused) return sendFault(reply, refusal.status, refusal.message);
    if (error.code === TOOK_TOO_LONG) {
      logger.warn({ url: urlWithoutKey(request.url) }, 'request timed out');
      return sendFault(reply, 503, 'This took too long, try again in a few seconds or ask for less');
    }
    if (NO_JSON.has(error.code)) return sendFault(reply, 422, error.message);
    const status = error.statusCode ?? 500;
    if (status < 500) return sendFault(reply, status, error.message);
    logger.error({ err: error, url: urlWithoutKey(request.url) }, 'request failed');
    return reply.code(500).type('text/plain; charset=utf-8').send('Internal Server Error');
  });
}

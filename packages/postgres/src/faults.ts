import { BadPostgresAddress } from './address/bad-address.ts';
import { codeOf } from './code-of.ts';

/** Connection, resources, shutdown, rollback, disk faults; read-only mode (a failover); waiting for a lock. */
const AWAY_SQLSTATES = /^(08...|53...|57...|58...|40...|25006|55P03)$/;
const AWAY_CODES = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
const AWAY_TEXTS = /connection terminated|connection error|timeout exceeded when trying to connect|connection timeout/i;

/**
 * Whether Postgres is away, restarting or out of resources, as opposed to refusing a query or the way of connecting:
 * then retrying helps. See {@link misconfigurationOf}.
 */
export function isPostgresAway(error: unknown): boolean {
  if (!(error instanceof Error) || misconfigurationOf(error) !== undefined) return false;
  const code = codeOf(error);
  if (typeof code === 'string') return AWAY_CODES.has(code) || AWAY_SQLSTATES.test(code);
  return AWAY_TEXTS.test(error.message);
}

/** Whether Postgres had no space left for a write. */
export const isDiskFull = (error: unknown): boolean => codeOf(error) === '53100';

/** Whether a transaction could not write: on a standby, or by a setting. See `whyReadOnly`. */
export const isReadOnlyFault = (error: unknown): boolean => codeOf(error) === '25006';

const CREDENTIALS = 'user or password is not accepted: check those of the address';
const DATABASE = 'there is no such database: check the name behind the last / of the address';
const CERTIFICATE =
  "the server's certificate is not trusted: name the authority that issued it in sslrootcert=FILE, or encrypt without " +
  'checking whom to by sslmode=no-verify';
const STATEMENT_POOLING =
  'a pooler in between takes no transactions (pool_mode = statement): set pool_mode = transaction there, or give the ' +
  'address of the server itself';

const STARTUP_PARAMETER = /unsupported startup parameter(?: in options)?: (\S+)/i;
/** Of a pooler, which uses one SQLSTATE (08P01) for all its errors. */
const OF_POOLERS: readonly (readonly [RegExp, string])[] = [
  [/statement pooling/i, STATEMENT_POOLING],
  [/no such database|database .* does not exist/i, DATABASE],
  [/no such user|auth(entication)? failed|password|SASL|SCRAM|login rejected|auth_query/i, CREDENTIALS],
  [/(SSL|TLS)( connection)? required/i, 'the server wants TLS: add sslmode=require to the address'],
];
/** Matches regardless of the rest of the message. */
const PASSES_FOR_SURE =
  /timeout|crashed|_retry|starting up|shutting down|too many|remaining connection|max_client_conn/i;
/** Messages of a pooler while a server is away or all connections are in use: temporary. */
const PASSES =
  /timeout|conn crashed|server conn|server_login_retry|cannot connect|closed|login failed|down|limit|too many|max_client_conn|no more connections|paused|suspend|reload|reconnect|lifetime|configuration changed|not available|starting up|recovery|memory|admin forced|removed/i;

const CERTIFICATE_CODES =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+|CERT_[A-Z_]+|ERR_TLS_CERT_ALTNAME_INVALID)$/;

/**
 * The required change of the configuration, and where, when connecting fails for a reason that retrying does not fix.
 * Without names and secrets.
 * @returns undefined when the error is not about the way of connecting
 */
export function misconfigurationOf(error: unknown): string | undefined {
  if (error instanceof BadPostgresAddress) return 'the address of Postgres cannot be read';
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  const { message } = error;
  if (code === '08P01') {
    const parameter = STARTUP_PARAMETER.exec(message)?.[1];
    if (parameter !== undefined) {
      return (
        `a pooler in between does not take the start-up parameter ${parameter}: take it out of the address and of the ` +
        'environment (PGOPTIONS), or name it in ignore_startup_parameters there'
      );
    }
    if (PASSES_FOR_SURE.test(message)) return undefined;
    for (const [pattern, remedy] of OF_POOLERS) if (pattern.test(message)) return remedy;
    return PASSES.test(message) ? undefined : `a pooler in between, or the server, refuses our protocol (${message})`;
  }
  if (typeof code === 'string') {
    if (/no pg_hba\.conf entry/.test(message)) {
      return 'the server takes no connections of this user from here (pg_hba.conf), or none without TLS (sslmode=require)';
    }
    if (code.startsWith('28')) return CREDENTIALS;
    if (code === '3D000') return DATABASE;
    return CERTIFICATE_CODES.test(code) ? CERTIFICATE : undefined;
  }
  if (/^(SASL|SCRAM)/.test(message)) return CREDENTIALS;
  if (/does not support SSL/.test(message))
    return 'the server has no TLS: set sslmode=disable, or prefer for TLS where there is some';
  return undefined;
}

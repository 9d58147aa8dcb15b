import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Environment } from '@crunch-node/config';
import { type ReportOptions, securityFrom, securityWarnings } from '@crunch-node/report';
import { CrunchError } from '@crunch-node/streams/errors';

/** What the API should show itself by cannot be used. */
export class BadCertificate extends CrunchError {
  override readonly name = 'BadCertificate';
  override readonly code = 'certificate_unusable';
}

/**
 * Who may request what from the API, by the environment. By default it can be reached from this machine only.
 * @throws {BadKey} never with the key in its text {BadCertificate}
 */
export function reportSecurity(
  { values }: Environment,
  print: (line: string) => void,
): Pick<ReportOptions, 'host' | 'corsOrigins' | 'security' | 'tls'> {
  for (const warning of securityWarnings(values)) print(`warning: ${warning}`);
  const tls = tlsOf(values);
  return {
    ...(tls && { tls }),
    host: values.REPORT_API_HOST ?? '127.0.0.1',
    // an origin has no slash at its end, people often write one
    corsOrigins: (values.API_CORS_ORIGINS ?? ['*']).map((origin) => origin.replace(/\/+$/, '')),
    security: securityFrom(values),
  };
}

function tlsOf({ API_TLS_CERT, API_TLS_KEY }: Environment['values']): ReportOptions['tls'] {
  if (API_TLS_CERT === undefined && API_TLS_KEY === undefined) return undefined;
  if (API_TLS_CERT === undefined || API_TLS_KEY === undefined) {
    const missing = API_TLS_CERT === undefined ? 'API_TLS_CERT' : 'API_TLS_KEY';
    throw new BadCertificate(`expected API_TLS_CERT and API_TLS_KEY together, received no ${missing}`);
  }
  const pair = { cert: textOf('API_TLS_CERT', API_TLS_CERT), key: textOf('API_TLS_KEY', API_TLS_KEY) };
  try {
    createSecureContext(pair);
  } catch (cause) {
    const { message } = cause as Error;
    throw new BadCertificate(
      `expected a certificate and its key, both PEM, in ${API_TLS_CERT} (API_TLS_CERT) and ${API_TLS_KEY} (API_TLS_KEY): ${message}`,
      { cause },
    );
  }
  return pair;
}

function textOf(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BadCertificate(`expected a file of ${variable} at ${path}: ${(cause as Error).message}`, { cause });
  }
}

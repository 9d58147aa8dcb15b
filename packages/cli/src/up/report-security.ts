import type { Environment } from '@crunch-node/config';
import { type ReportOptions, securityFrom, securityWarnings } from '@crunch-node/report';

/**
 * Who may request what from the API, by the environment. By default it can be reached from this machine only.
 * @throws {BadKey} never with the key in its text
 */
export function reportSecurity(
  { values }: Environment,
  print: (line: string) => void,
): Pick<ReportOptions, 'host' | 'corsOrigins' | 'security'> {
  for (const warning of securityWarnings(values)) print(`warning: ${warning}`);
  return {
    host: values.REPORT_API_HOST ?? '127.0.0.1',
    // an origin has no slash at its end, people often write one
    corsOrigins: (values.API_CORS_ORIGINS ?? ['*']).map((origin) => origin.replace(/\/+$/, '')),
    security: securityFrom(values),
  };
}

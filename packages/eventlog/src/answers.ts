/**
 * Every response of a nats-server to a publish, 2.9 to 2.15, for streams with one replica and with three, and how a
 * publisher treats it. `answers.int.test.ts` provokes each row on real servers.
 *
 * Versions differ in whether they check a condition (`Nats-Expected-…`) or the message id first. So the repeat of an
 * append that was stored gets one of two responses, and a publisher has to understand both:
 *
 * | | one replica | three replicas |
 * | --- | --- | --- |
 * | 2.9, 2.10 | duplicate | 10071 (2.10; 2.9 is refused) |
 * | 2.15 | 10071 | duplicate |
 */
import type { ApiErrorBody } from './connection.ts';

/**
 * - `conflict` the condition does not hold
 * - `pending` a message of this id, or of this subject, is being replicated: nothing is decided yet
 * - `full` there is no room at the moment
 * - `transient` no decision was possible: no leader, no stream yet, overload
 * - `refused` retrying cannot succeed
 */
export type Declined = 'conflict' | 'pending' | 'full' | 'transient' | 'refused';

export interface Answer {
  readonly name: string;
  readonly errCode: number;
  /** matches the description, where one code has several meanings */
  readonly text?: RegExp;
  readonly kind: Declined;
}

/** The first matching row counts. Codes that are not listed are classified by {@link kindOf}. */
export const answers: readonly Answer[] = [
  { name: 'another last sequence', errCode: 10071, kind: 'conflict' },
  // 2.15, three replicas: the preceding message of the subject has no majority yet, and may never get one.
  { name: 'another message of the subject in process', errCode: 10164, kind: 'pending' },
  { name: 'the id in process', errCode: 10158, kind: 'pending' },
  { name: 'limit of the account', errCode: 10002, kind: 'full' },
  { name: 'limit of the server', errCode: 10023, kind: 'full' },
  { name: 'memory of the account', errCode: 10028, kind: 'full' },
  { name: 'storage of the account', errCode: 10047, kind: 'full' },
  // One code for every failure of the store.
  { name: 'larger than a block of the store', errCode: 10077, text: /too large|to large/i, kind: 'refused' },
  { name: 'limit of the stream, or of the disk', errCode: 10077, text: /maximum|exceeded|no space/i, kind: 'full' },
  { name: 'the store failed', errCode: 10077, kind: 'transient' },
  { name: 'a rollup that is not allowed', errCode: 10111, kind: 'refused' }, // though its class is 500
  { name: 'larger than the stream takes', errCode: 10054, kind: 'refused' },
  { name: 'headers of more than 64 KiB', errCode: 10097, kind: 'refused' },
  { name: 'a sealed stream', errCode: 10109, kind: 'refused' },
  { name: 'another stream was expected', errCode: 10060, kind: 'refused' },
  { name: 'another last id was expected', errCode: 10070, kind: 'refused' },
];

/** By class: 409, 429 and 5xx are transient, the rest is not. */
export function kindOf({ code, err_code = 0, description = '' }: ApiErrorBody): Declined {
  const listed = answers.find(({ errCode, text }) => errCode === err_code && (text?.test(description) ?? true));
  if (listed !== undefined) return listed.kind;
  return code === 409 || code === 429 || code >= 500 ? 'transient' : 'refused';
}

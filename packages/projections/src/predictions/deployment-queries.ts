import type { Instant } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';

/** What became of the rounds since a time, and of those whose scores are due. */
export interface RoundsSince {
  readonly last: Instant | null;
  readonly rounds: number;
  readonly answered: number;
  readonly failed: number;
  readonly absent: number;
  readonly scored: number;
  readonly last_scored: Instant | null;
  /** rounds that were resolvable by `due` and have no score */
  readonly overdue: number;
  /** the next time at which a round without a score is resolvable */
  readonly next_due: Instant | null;
  readonly skipped: readonly { readonly reason: string; readonly times: number }[];
}

export interface RoundsSinceOptions {
  /** rounds performed from here on are counted */
  readonly start: Instant;
  /** rounds performed from here on may still lack a score */
  readonly open: Instant;
  /** rounds resolvable by then should be scored */
  readonly due: Instant;
}

/** Probes of the index of `performed_at`, whatever the age of the competition. */
export async function roundsSince(
  db: Kysely<Database>,
  { start, open, due }: RoundsSinceOptions,
): Promise<RoundsSince> {
  const counted = await sql<Omit<RoundsSince, 'skipped'>>`
    with answers as (select status from predictions where performed_at >= ${start}),
      pending as (
        select resolvable_at from rounds as round
        where performed_at >= ${open} and skipped_reason is null and resolvable_at is not null
          and not exists (select from scored_rounds as done where done.round_id = round.round_id))
    select
      (select max(performed_at) from rounds) as last,
      (select count(*)::integer from rounds where performed_at >= ${start}) as rounds,
      (select count(*)::integer from answers where status = 'PENDING') as answered,
      (select count(*)::integer from answers where status = 'FAILED') as failed,
      (select count(*)::integer from answers where status = 'ABSENT') as absent,
      (select count(*)::integer from scored_rounds where performed_at >= ${start}) as scored,
      (select max(performed_at) from scored_rounds) as last_scored,
      (select count(*)::integer from pending where resolvable_at <= ${due}) as overdue,
      (select min(resolvable_at) from pending where resolvable_at > ${due}) as next_due`.execute(db);
  const skipped = await db
    .selectFrom('rounds')
    .select(['skipped_reason as reason', ({ fn }) => fn.countAll<number>().as('times')])
    .where('performed_at', '>=', start)
    .where('skipped_reason', 'is not', null)
    .groupBy('skipped_reason')
    .orderBy('times', 'desc')
    .execute();
  const [row] = counted.rows;
  if (row === undefined) throw new Error('expected a row of counts, received none');
  return { ...row, skipped: skipped.map(({ reason, times }) => ({ reason: reason ?? '', times: Number(times) })) };
}

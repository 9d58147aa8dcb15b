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
  const countIf = (condition: ReturnType<typeof sql>) => sql<number>`(count(*) filter (where ${condition}))::integer`;
  // A round has a row for each partition of its models.
  const distinct = sql<number>`count(distinct (scope_key, performed_at))::integer`;
  const [newest, performed, answers, scored, waiting, skipped] = await Promise.all([
    db
      .selectNoFrom(({ selectFrom }) => [
        selectFrom('rounds').select('performed_at').orderBy('performed_at', 'desc').limit(1).as('last'),
        selectFrom('scored_rounds').select('performed_at').orderBy('performed_at', 'desc').limit(1).as('last_scored'),
      ])
      .executeTakeFirstOrThrow(),
    db.selectFrom('rounds').select(distinct.as('rounds')).where('performed_at', '>=', start).executeTakeFirstOrThrow(),
    db
      .selectFrom('predictions')
      .select([
        countIf(sql`status = 'PENDING'`).as('answered'),
        countIf(sql`status = 'FAILED'`).as('failed'),
        countIf(sql`status = 'ABSENT'`).as('absent'),
      ])
      .where('performed_at', '>=', start)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('scored_rounds')
      .select(distinct.as('scored'))
      .where('performed_at', '>=', start)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('rounds')
      .leftJoin('scored_rounds as done', 'done.round_id', 'rounds.round_id')
      .select([
        sql<number>`(count(distinct (rounds.scope_key, rounds.performed_at))
          filter (where rounds.resolvable_at <= ${due}::timestamptz))::integer`.as('overdue'),
        sql<Instant | null>`min(rounds.resolvable_at) filter (where rounds.resolvable_at > ${due}::timestamptz)`.as(
          'next_due',
        ),
      ])
      .where('rounds.performed_at', '>=', open)
      .where('rounds.skipped_reason', 'is', null)
      .where('done.round_id', 'is', null)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('rounds')
      .select(['skipped_reason as reason', distinct.as('times')])
      .where('performed_at', '>=', start)
      .where('skipped_reason', 'is not', null)
      .groupBy('skipped_reason')
      .orderBy('times', 'desc')
      .execute(),
  ]);
  return {
    ...newest,
    ...performed,
    ...answers,
    ...scored,
    ...waiting,
    skipped: skipped.map(({ reason, times }) => ({ reason: reason ?? '', times })),
  };
}

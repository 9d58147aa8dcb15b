import {
  type FeedKey,
  feedKeyText,
  type GroundTruthRecords,
  type Instant,
  type JsonObject,
  secondsBetween,
  spacingSeconds,
} from '@crunch-node/streams';
import type { Static } from '@sinclair/typebox';
import type { GroundTruth, RecordsOfSubject } from '../crunch-config.ts';
import { copyOf } from '../lent.ts';
import { called, messageOf } from '../operators-code.ts';
import { coerceOrKeep, isObject } from './coerce.ts';
import { countUntil, type FeedHistories, noHistory } from './feed-history.ts';
import { faultOfJson, MAX_GROUND_TRUTH_SIZE, storedForm } from './json-fault.ts';
import { type PendingRound, resolveSubjects } from './pending-round.ts';
import { resolveGroundTruth } from './resolve-ground-truth.ts';
import type { ScoreRules } from './rules.ts';

type Records = Static<typeof GroundTruthRecords>;

/** The ground truth, or why there will never be one, or why the resolver failed. */
export type Resolution =
  | { readonly kind: 'resolved'; readonly ground_truth: JsonObject; readonly records: Records | null }
  | { readonly kind: 'expired'; readonly reason: string; readonly records: Records | null }
  | { readonly kind: 'failed'; readonly reason: string; readonly records: Records | null };

/** Ground truth of a round out of the records of its own feed and of those its scope names, or out of its input when its horizon is 0. */
export function resolve(rules: ScoreRules, round: PendingRound, histories: FeedHistories): Resolution {
  if (round.resolvable_at <= round.performed_at) return immediate(rules, round);
  if (round.feed === null)
    return { kind: 'expired', reason: 'the round has no feed to resolve it from', records: null };
  const own = stretchOf(histories, round.feed, round);
  const others = resolveSubjects(round.scope).map((subject) =>
    stretchOf(histories, { ...round.feed!, subject }, round),
  );
  const records: Records =
    others.length === 0 ? own.ids : { ...own.ids, subjects: ofSubjects(others, ({ ids }) => ids) };
  const last = own.window.records.at(-1);
  const fault = last === undefined ? noRecords(round) : staleness(rules, round, last.at);
  if (fault !== null) return { kind: 'expired', reason: fault, records };
  try {
    const { scope_key, scope, performed_at, resolvable_at } = round;
    const seen = { ...own.window, subjects: ofSubjects(others, ({ window }) => window) };
    const about = { scope_key, scope, performed_at, resolvable_at };
    const resolver = rules.resolve_ground_truth;
    // Ours only reads; one of an operator must not change records that other rounds are resolved from.
    const truth =
      resolver === resolveGroundTruth ? resolver(seen, about) : called(() => resolver(copyOf(seen), copyOf(about)));
    if (truth === null) return { kind: 'expired', reason: 'the records give no ground truth', records };
    const unfit = faultOfJson(storedForm(truth, MAX_GROUND_TRUTH_SIZE), MAX_GROUND_TRUTH_SIZE);
    if (unfit !== null) return { kind: 'failed', reason: `ground truth: ${unfit}`, records };
    return { kind: 'resolved', ground_truth: typed(rules, truth), records };
  } catch (error) {
    return { kind: 'failed', reason: `ground truth: ${messageOf(error)}`, records };
  }
}

/** The records of one subject over the horizon of a round, and their ids. */
interface Stretch {
  readonly subject: string;
  readonly ids: Omit<Records, 'subjects'>;
  readonly window: RecordsOfSubject;
}

function stretchOf(histories: FeedHistories, feed: FeedKey, round: PendingRound): Stretch {
  const history = histories[feedKeyText(feed)] ?? noHistory;
  const first = countUntil(history, round.performed_at);
  const end = countUntil(history, round.resolvable_at);
  return {
    subject: feed.subject,
    ids: {
      entry: history.ids[first - 1] ?? null,
      first: end > first ? history.ids[first]! : null,
      last: end > first ? history.ids[end - 1]! : null,
      count: end - first,
    },
    window: { entry: history.records[first - 1] ?? null, records: history.records.slice(first, end) },
  };
}

const ofSubjects = <T>(stretches: readonly Stretch[], part: (stretch: Stretch) => T): Record<string, T> =>
  Object.fromEntries(stretches.map((stretch) => [stretch.subject, part(stretch)]));

function immediate(rules: ScoreRules, { input }: PendingRound): Resolution {
  return isObject(input)
    ? { kind: 'resolved', ground_truth: typed(rules, input), records: null }
    : { kind: 'expired', reason: 'the horizon is 0 and the round carries no input', records: null };
}

/** Ground truth as the round's event has it: nothing a scoring function does to its own reaches it. */
export const recordedTruth = (resolution: Resolution): JsonObject | null =>
  resolution.kind === 'resolved' ? (storedForm(resolution.ground_truth, MAX_GROUND_TRUTH_SIZE) as JsonObject) : null;

const typed = (rules: ScoreRules, truth: GroundTruth): JsonObject =>
  rules.ground_truth_type === null ? truth : coerceOrKeep(rules.ground_truth_type, truth, 'default');

const noRecords = ({ performed_at, resolvable_at }: PendingRound): string =>
  `no feed record after ${performed_at} up to ${resolvable_at}`;

/** The last record must be near the end of the horizon: within a fraction of it, or one record of the feed's spacing. */
function staleness(rules: ScoreRules, round: PendingRound, lastAt: Instant): string | null {
  const fraction = rules.max_ground_truth_staleness_fraction;
  if (fraction === 0) return null;
  const horizon = secondsBetween(round.performed_at, round.resolvable_at);
  const limit = Math.max(fraction * horizon, spacingSeconds(round.feed?.granularity ?? '') ?? 0);
  const age = secondsBetween(lastAt, round.resolvable_at);
  return age > limit
    ? `the last feed record is ${age} s older than the horizon, at most ${limit} s are accepted`
    : null;
}

/** Prices as they became known, per feed subject: the last one of the cycles before, and what is ahead of it. */
import { byCodePoint, type FeedRecorded, type Instant } from '@crunch-node/streams';
import { priceOf } from '../scoring/resolve-ground-truth.ts';

export interface Price {
  readonly at: Instant;
  readonly ts_event: number;
  readonly price: number;
  /** of the feed record */
  readonly record_id: string;
}

/** Feed subject → prices in order of time. */
export type PriceBook = Readonly<Record<string, readonly Price[]>>;

/** Prices outside cannot be divided by without leaving the range of numbers; nothing that is traded has them. */
const LEAST_PRICE = 1e-30;
const MOST_PRICE = 1e30;

/** Adds records that are not late; one without a price in the allowed range is ignored. */
export function learnPrices(book: PriceBook, records: readonly FeedRecorded[], closedUntil: Instant | null): PriceBook {
  const next = new Map(Object.entries(book).map(([subject, prices]) => [subject, [...prices]]));
  for (const { id, at, data } of records) {
    const price = priceOf(data.values, 'close');
    if (price === null || price < LEAST_PRICE || price > MOST_PRICE || (closedUntil !== null && at <= closedUntil))
      continue;
    const known = next.get(data.subject);
    const learnt: Price = { at, ts_event: data.ts_event, price, record_id: id };
    if (known === undefined) next.set(data.subject, [learnt]);
    else known.push(learnt);
  }
  return Object.fromEntries([...next].map(([subject, prices]) => [subject, inTime(prices)]));
}

/** The same record may come again: it stays where it was. */
const inTime = (prices: Price[]): readonly Price[] =>
  prices
    .sort(
      (a, b) =>
        byCodePoint(a.at, b.at) ||
        a.ts_event - b.ts_event ||
        a.record_id.length - b.record_id.length || // trade ids are numbers: the shorter one is the earlier one
        byCodePoint(a.record_id, b.record_id),
    )
    .filter(({ record_id }, i, sorted) => record_id !== sorted[i - 1]?.record_id);

/** The last price known at a moment; null before the first. */
export function priceAt(book: PriceBook, subject: string, moment: Instant): Price | null {
  const prices = Object.hasOwn(book, subject) ? book[subject]! : [];
  return prices[countUntil(prices, moment) - 1] ?? null;
}

/** Keeps the last price of the closed cycles per subject: no earlier one is needed. */
export const forgetPrices = (book: PriceBook, closed: Instant): PriceBook =>
  Object.fromEntries(
    Object.entries(book).map(([subject, prices]) => {
      const from = Math.max(0, countUntil(prices, closed) - 1);
      return [subject, from === 0 ? prices : prices.slice(from)];
    }),
  );

function countUntil(prices: readonly Price[], moment: Instant): number {
  let low = 0;
  let high = prices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (prices[middle]!.at <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

import {
  type EpochUnit,
  epochUnits,
  FIRST_TIME_MS,
  LAST_TIME_MS,
  PER_SECOND,
  readTime,
  TIME_RANGE,
} from '@crunch-node/domain';
import { readTimeText } from '@crunch-node/streams';
import type { Collection, Document } from 'mongodb';
import type { ProviderClock } from '../../clock.ts';
import type { FeedReports } from '../../provider.ts';
import { valueAt } from '../../rows/index.ts';
import { idText, timeValue } from './document.ts';
import type { CollectionSettings } from './settings.ts';

/** How a time is stored. Values of different types never compare in a query, so each form is queried separately. */
export type StoredForm = 'date' | EpochUnit | 'text' | Digits;

/**
 * Numbers written as text. Texts of unlike lengths sort unlike their numbers, so each length is a form: that of times
 * since 2001-09-09, when seconds came to ten digits, and that of those before.
 */
interface Digits {
  readonly digits: EpochUnit;
  readonly count: number;
}
const digitForms: readonly Digits[] = epochUnits.flatMap((digits) => {
  const count = String(PER_SECOND[digits]).length + 9;
  return [
    { digits, count },
    { digits, count: count - 1 },
  ];
});
const forms: readonly StoredForm[] = ['date', ...epochUnits, 'text', ...digitForms];

/** A form that documents of a subject have, and the condition that finds the times of a range in it. */
export interface StoredTimes {
  readonly form: StoredForm;
  /** both ends inclusive, epoch milliseconds; a text is found to its second, or beyond it */
  between(startMs: number, endMs: number): Document;
}

/** A form that appears later is noticed after so long. */
const KNOWN_MS = 60_000;

/** Finds out which forms a subject's times are stored in, and reports those that the settings leave out. */
export function storedTimes(settings: CollectionSettings, clock: ProviderClock, reports: FeedReports) {
  const known = new Map<string, { readonly untilMs: number; readonly forms: readonly StoredTimes[] }>();
  const { subjectField, timeField, timePath, timeType, timeUnit } = settings;

  const isRead = (form: StoredForm): boolean => {
    if (form === 'date') return timeType !== 'numeric';
    if (timeType === 'datetime' || (form === 'text' && timeType === 'numeric')) return false;
    const unit = form === 'text' ? 'iso' : typeof form === 'string' ? form : form.digits;
    return timeUnit === 'auto' || timeUnit === unit;
  };

  const hasTime = (document: Document): boolean => 'ms' in readTime(timeValue(valueAt(document, timePath)), timeUnit);

  function leaveOut(subject: string, document: Document): void {
    const read = readTime(timeValue(valueAt(document, timePath)), timeUnit);
    const detail = 'fault' in read ? read.fault : `expected ${timeField} to be ${timeType}, as timestamp_type is`;
    reports.rejected({ reason: 'bad_time', detail, origin: `mongodb ${subject} ${idText(document._id)}` });
    reports.notice('documents whose time is not of the configured form are not read', { subject, reason: detail });
  }

  async function look(collection: Collection, subject: string): Promise<readonly StoredTimes[]> {
    const one = (condition: Document, sort: Document) =>
      collection.findOne({ [subjectField]: subject, ...condition }, { sort });
    const found: StoredTimes[] = [];
    const hasDigits = (await one({ [timeField]: { $regex: '^[0-9]{9,19}([.]|$)' } }, { _id: -1 })) !== null;
    for (const form of forms) {
      if (typeof form === 'object' && !hasDigits) continue;
      const condition = { [timeField]: conditionOf(form) };
      const newest = await one(condition, { [timeField]: -1 });
      if (newest === null) continue;
      if (isRead(form)) {
        const isGood = hasTime(newest);
        const sample = isGood ? newest : await one(condition, { [timeField]: 1 });
        found.push(timesOf(form, valueAt(sample, timePath)));
      } else leaveOut(subject, newest);
    }
    const newest = await one({}, { _id: -1 });
    if (newest !== null && !hasTime(newest)) leaveOut(subject, newest);
    return found;
  }

  return async (collection: Collection, subject: string): Promise<readonly StoredTimes[]> => {
    const before = known.get(subject);
    if (before !== undefined && clock.nowMs() < before.untilMs) return before.forms;
    const found = await look(collection, subject);
    if (found.length > 0) known.set(subject, { untilMs: clock.nowMs() + KNOWN_MS, forms: found });
    return found;
  };
}

function conditionOf(form: StoredForm): Document {
  if (form === 'date') return { $type: ['date'] };
  // Texts that could be dates: other values of the field do not hide them.
  if (form === 'text') return { $gte: '1989', $lt: '2287', $regex: '^[0-9]{4}-' };
  if (typeof form === 'object') return { $regex: `^[0-9]{${form.count}}([.][0-9]*)?$` };
  return { $gte: TIME_RANGE.firstSeconds * PER_SECOND[form], $lt: TIME_RANGE.endSeconds * PER_SECOND[form] };
}

function timesOf(form: StoredForm, sample: unknown): StoredTimes {
  if (typeof form === 'object') return digitTimes(form);
  const bound = form === 'text' ? textBound(String(sample)) : (ms: number) => storedValue(form, ms);
  const more = form === 'text' ? { $regex: '^[0-9]{4}-' } : {};
  // A number of one unit is a number of another at another time.
  const within = (ms: number): number => Math.min(Math.max(ms, FIRST_TIME_MS), LAST_TIME_MS + 1);
  return {
    form,
    between(startMs, endMs) {
      const first = within(Math.floor(startMs));
      // Digits behind the millisecond, or the second of a text, lie before the next one.
      const behind = form === 'text' ? within((Math.floor(endMs / 1000) + 1) * 1000) : within(Math.floor(endMs) + 1);
      return { $gte: bound(first), $lt: bound(behind), ...more };
    },
  };
}

function digitTimes(form: Digits): StoredTimes {
  const perMs = PER_SECOND[form.digits] / 1_000;
  const [least, most] = [10n ** BigInt(form.count - 1), 10n ** BigInt(form.count) - 1n];
  // In seconds a millisecond is a fraction: the second it is in, and the next one.
  const numberAt = (ms: number): bigint =>
    perMs < 1 ? BigInt(Math.floor(ms * perMs)) : BigInt(Math.floor(ms)) * BigInt(perMs);
  return {
    form,
    between(startMs, endMs) {
      const [first, last] = [numberAt(startMs), numberAt(endMs + (perMs < 1 ? 1_000 : 1))];
      // `:` follows the digits: behind every text that begins with the last number.
      const range =
        last < least || first > most
          ? { $in: [] }
          : { $gte: String(first < least ? least : first), $lt: last > most ? `${most}:` : String(last) };
      return { ...conditionOf(form), ...range };
    },
  };
}

/** A time in a form that numbers and dates have. */
export const storedValue = (form: 'date' | EpochUnit, ms: number): Date | number =>
  form === 'date' ? new Date(ms) : form === 's' ? ms / 1000 : ms * (PER_SECOND[form] / 1000);

/** Texts of one shape sort as their times do: a bound has the same separator, and is in the same zone. */
function textBound(sample: string): (ms: number) => string {
  const separator = /^\d{4}-\d\d-\d\d(.)/.exec(sample.trim())?.[1];
  const written = readTimeText(sample.trim().replace(/([Zz]|[+-]\d\d(:?\d\d)?)$/, ''))?.millis;
  const offsetMs =
    separator === undefined || written === undefined ? 0 : written - (readTimeText(sample.trim())?.millis ?? written);
  return (ms) => {
    const text = new Date(ms + offsetMs).toISOString().slice(0, separator === undefined ? 10 : 19);
    return separator === undefined ? text : text.replace('T', separator);
  };
}

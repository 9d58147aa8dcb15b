/** Feeds arbitrary values to the readers of rows, and returns results that violate their contract. */
import { type EpochUnit, epochUnits, FIRST_TIME_MS, LAST_TIME_MS, PER_SECOND, timeUnits } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { documentRow } from '../providers/mongodb/document.ts';
import type { CollectionSettings } from '../providers/mongodb/settings.ts';
import { isFault, rowReader } from '../providers/replay/row.ts';
import { rowFrom } from '../providers/rest/rows-of.ts';
import { type Row, rowOf, Times } from '../rows/index.ts';
import { plainText } from '../shown.ts';
import { faultOf, type RejectionReason } from '../validate-record.ts';

export interface RowFuzz {
  readonly rows: number;
  /** rejections by reason, and `record` */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

const FAULTS_SHOWN = 20;

/** Mulberry32: the same seed gives the same rows on every machine. */
function diceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function fuzzRows(seed: number, goesOn: (made: number) => boolean): RowFuzz {
  const dice = diceOf(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(dice() * list.length)] as T;
  const outcomes: Record<string, number> = {};
  const faults: string[] = [];

  function anyTime(): unknown {
    const edge = one([FIRST_TIME_MS, LAST_TIME_MS, LAST_TIME_MS + 1, 0, Date.UTC(2025, 0, 1), Date.UTC(2262, 3, 12)]);
    const ms = one([edge, edge - 1, Math.floor(dice() * 1.2e13), Math.floor(dice() * 2e12) + 1]);
    const unit = one<EpochUnit>(epochUnits);
    const number = (ms / 1000) * PER_SECOND[unit];
    return one([
      number,
      number,
      String(number),
      `${Math.floor(number)}.0`,
      BigInt(Math.round(number)),
      new Date(ms),
      new Date(ms).toISOString(),
      new Date(ms).toISOString().replace('T', ' ').slice(0, 19),
      `${new Date(ms).toISOString().slice(0, 19)}${one(['+05:30', '-0800', '+24:00', ' UTC', 'z'])}`,
      anything(),
    ]);
  }

  const anything = (): unknown =>
    one<unknown>([
      undefined,
      null,
      '',
      ' ',
      'NaN',
      'Infinity',
      '1e999',
      '-',
      '\u0000',
      '0x10',
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -0,
      5e-324,
      1e308,
      10n ** 30n,
      true,
      {},
      [],
      [1, 2],
      Object.create({ _bsontype: 'Long', toString: () => '1704067200000' }),
      { _bsontype: 'Long', toString: 1 },
      new Date(Number.NaN),
      'x'.repeat(Math.floor(dice() * 100)),
      dice() * 100,
      String(dice() * 100),
    ]);

  while (goesOn(rowsMade()) && faults.length < FAULTS_SHOWN) {
    const key: FeedKey = {
      source: 'fuzz',
      subject: 'A',
      kind: one(['candle', 'tick', 'depth', 'event']),
      granularity: one(['1m', '1s', 'tick', '7m', 'constructor', '']),
    };
    const names = [
      'open',
      'high',
      'low',
      'close',
      'volume',
      'price',
      'qty',
      'trade_id',
      '_id',
      one(['__proto__', 'toString', 'a.b']),
    ];
    const row: Record<string, unknown> = { ts: anyTime() };
    const fill = one<() => unknown>([anything, () => 2, () => '2.5']);
    for (const name of names) if (dice() < 0.9) row[name] = fill();
    const unit = one(timeUnits);
    const rejected: string[] = [];
    const reports = {
      rejected: ({ reason, detail }: { reason: RejectionReason; detail: string }) => {
        if (typeof detail !== 'string' || detail === '') faults.push(`${reason} without a detail: ${shown(row)}`);
        rejected.push(reason);
      },
      notice: () => undefined,
    };
    const times = new Times(unit, reports);
    const fields = { rows: [], time: ['ts'], timeUnit: unit, subject: null, id: ['trade_id'], values: null };
    const cells = (name: string): string | undefined => (row[name] === undefined ? undefined : plainText(row[name]));
    const readers: Readonly<Record<string, () => Row>> = {
      rest: () => rowFrom(key, row, fields, times, reports),
      mongodb: () => documentRow(key, row, { timePath: ['ts'] } as unknown as CollectionSettings, times, reports),
      rows: () => rowOf(key, { time: times.read(row.ts, 'fuzz'), values: { price: 1 }, origin: 'fuzz' }, reports),
      files() {
        const read = rowReader(key, times)(cells, one([row.ts, cells('ts')]));
        if (!isFault(read)) return { tsMs: read.ts_event, record: read };
        reports.rejected(read);
        return { tsMs: Number.NaN, record: null };
      },
    };
    for (const [name, reader] of Object.entries(readers)) {
      rejected.length = 0;
      try {
        const { record, tsMs } = reader();
        const fault = record === null ? null : faultOf(record);
        if (record === null && rejected.length !== 1)
          faults.push(`${name}: ${rejected.length} rejections of ${shown(row)}`);
        if (record !== null && (fault !== null || tsMs !== record.ts_event || rejected.length > 0)) {
          faults.push(`${name}: made a record of ${shown(row)}: ${fault?.detail}`);
        }
        if (record !== null) JSON.stringify(record);
      } catch (error) {
        faults.push(`${name}: ${shown(row)} threw ${(error as Error).stack}`);
      }
      const outcome = rejected[0] ?? 'record';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }
  return { rows: rowsMade(), outcomes, faults };

  function rowsMade(): number {
    return Object.values(outcomes).reduce((sum, n) => sum + n, 0);
  }
}

const shown = (row: Readonly<Record<string, unknown>>): string =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${typeof value} ${String(Object(value) === value ? '' : value)}`)
    .join(', ')
    .slice(0, 300);

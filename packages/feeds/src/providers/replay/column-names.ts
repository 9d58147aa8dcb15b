/** Names of columns, in lower case, for every format of file. */

/** What exchanges call the time of a row, by kind; whichever comes first. */
const EXCHANGE_TIMES: Readonly<Record<string, readonly string[]>> = {
  candle: ['open_time'],
  tick: ['transact_time', 'time'],
};
/** What exchanges call the columns we know under other names. */
const EXCHANGE_NAMES: Readonly<Record<string, string>> = {
  agg_trade_id: 'trade_id',
  id: 'trade_id',
  quantity: 'qty',
};

export interface TimeName {
  readonly name: string;
  /** an exchange named it, and the other columns too */
  readonly isExchange: boolean;
}

/** The column that is the time of a row; undefined when there is none. */
export function timeName(kind: string, has: (name: string) => boolean): TimeName | undefined {
  const own = ['ts_event_ms', 'ts_event'].find(has);
  if (own !== undefined) return { name: own, isExchange: false };
  const theirs = EXCHANGE_TIMES[kind]?.find(has);
  return theirs === undefined ? undefined : { name: theirs, isExchange: true };
}

/** What we call the column an exchange calls so. */
export const ownName = (name: string): string => (Object.hasOwn(EXCHANGE_NAMES, name) ? EXCHANGE_NAMES[name]! : name);

/** The times of a kind, for a person. */
export const timeNames = (kind: string): string =>
  ['ts_event_ms', 'ts_event', ...(EXCHANGE_TIMES[kind] ?? [])].join(' or ');

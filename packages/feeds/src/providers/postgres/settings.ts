import type { FeedSettings } from '@crunch-node/domain';
import { ADDRESS_SHAPE, BadPostgresAddress, type PostgresAddress, parseAddress } from '@crunch-node/postgres';
import { optionsOf } from '../../options.ts';
import { InvalidFeedOption } from '../../provider.ts';
import { type TimeUnit, timeUnits } from '../../rows/index.ts';

/** A table or view and what its columns mean. Identifiers are plain text here and quoted where SQL is made. */
export interface TableSettings {
  readonly address: PostgresAddress;
  readonly schema: string | null;
  readonly table: string;
  readonly subjectColumn: string | null;
  readonly timeColumn: string;
  /** of a column of numbers; columns of a time type need none */
  readonly timeUnit: TimeUnit;
  /** distinguishes rows of one millisecond */
  readonly idColumn: string | null;
  /** name → column; null: every column that has no other meaning */
  readonly valueColumns: ReadonlyMap<string, string> | null;
  readonly notifyChannel: string | null;
  readonly pollMs: number;
  readonly settleMs: number | undefined;
  readonly statementTimeoutMs: number;
  readonly source: string;
}

/** Postgres cuts off longer names, and would then read another column. */
const IDENTIFIER = /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]{0,62}$/;
const A_NAME = 'a name of letters, digits, _ and $, not a digit first, at most 63 long';

export function tableSettings(settings: FeedSettings): TableSettings {
  const options = optionsOf(settings);
  const identifier = (name: string): string | undefined =>
    options.parsed(name, A_NAME, (text) => (IDENTIFIER.test(text) ? text : null));
  const address = addressOf(options.required('postgres_uri', ADDRESS_SHAPE));
  options.required('table', 'the name of a table or view, as table or schema.table');
  const [table, schema = null] = options
    .parsed('table', `table or schema.table, each ${A_NAME}`, (text) => {
      const parts = text.split('.');
      return parts.length <= 2 && parts.every((part) => IDENTIFIER.test(part)) ? parts.reverse() : null;
    })!
    .map((part) => part);
  const subjectColumn = identifier('subject_column') ?? null;
  if (subjectColumn === null && settings.subjects.length !== 1) {
    throw new InvalidFeedOption('postgres', 'subject_column', 'a column, since there are several subjects', undefined);
  }
  return {
    address,
    schema,
    table: table!,
    subjectColumn,
    timeColumn: identifier('time_column') ?? 'time',
    timeUnit: options.choice('time_unit', timeUnits),
    idColumn: identifier('id_column') ?? null,
    valueColumns: options.parsed('value_columns', 'columns such as open,high or price=last_price', columnsOf) ?? null,
    notifyChannel: identifier('notify_channel') ?? null,
    pollMs: (options.number('poll_seconds', { min: 0.5 }) ?? 5) * 1000,
    settleMs: scaled(options.number('settle_seconds', { min: 0 })),
    statementTimeoutMs: (options.number('statement_timeout_seconds', { min: 0.1 }) ?? 30) * 1000,
    source: options.text('source')?.toLowerCase() ?? 'postgres',
  };
}

function addressOf(uri: string): PostgresAddress {
  try {
    return parseAddress(uri);
  } catch (error) {
    if (!(error instanceof BadPostgresAddress)) throw error;
    throw new InvalidFeedOption('postgres', 'postgres_uri', `${ADDRESS_SHAPE} (${error.reason})`, '***');
  }
}

const scaled = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

function columnsOf(text: string): ReadonlyMap<string, string> | null {
  const pairs = text.split(',').map((part) => {
    const [name = '', column = name] = part.split('=').map((word) => word.trim());
    return [name, column] as const;
  });
  return pairs.every(([name, column]) => name !== '' && IDENTIFIER.test(column)) ? new Map(pairs) : null;
}

/** As SQL takes an identifier for exactly this name. */
export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

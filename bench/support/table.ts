import Table from 'cli-table3';

/** For people: a line a row, no colours, since it ends up in files as often as on a screen. */
export const tableOf = (head: readonly string[]): Table.Table =>
  new Table({ head: [...head], style: { head: [], border: [], compact: true } });

import type { OrdersFilled, ScoreEvent } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { FillRow, PortfolioMarkRow } from './tables.ts';

interface Rows {
  readonly fills?: readonly FillRow[];
  readonly portfolio_marks?: readonly PortfolioMarkRow[];
}

export function rowsOf({ event, sequence }: Placed<ScoreEvent>): Rows {
  switch (event.type) {
    case 'OrdersFilled':
      return { fills: fillRows(event, sequence) };
    case 'PortfolioMarked': {
      const { partition: _, cycle_start: __, ...mark } = event.data;
      return { portfolio_marks: [{ ...mark, log_sequence: sequence }] };
    }
    case 'RoundScored':
    case 'CycleClosed':
      return {};
  }
}

const fillRows = ({ at, data }: OrdersFilled, sequence: number): FillRow[] => {
  const { round_id, scope_key, subject, performed_at, price } = data;
  return data.fills.map((fill) => ({
    round_id,
    scope_key,
    subject,
    performed_at,
    price,
    ...fill,
    realized_pnl: fill.closed?.realized_pnl ?? null,
    filled_at: at,
    log_sequence: sequence,
  }));
};

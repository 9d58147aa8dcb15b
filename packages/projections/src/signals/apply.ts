import type { SignalEvent } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { EnsembleRow, SignalRow } from './tables.ts';

interface Rows {
  readonly signals?: readonly SignalRow[];
  readonly ensembles?: readonly EnsembleRow[];
}

export function rowsOf({ event, sequence }: Placed<SignalEvent>): Rows {
  switch (event.type) {
    case 'EnsembleSignalled': {
      const { input: _input, output_field = 'value', ...said } = event.data;
      return {
        signals: [{ ...said, output_field, round_id: event.id, log_sequence: sequence }],
        ensembles: [{ model_id: said.model_id, name: said.name }],
      };
    }
    case 'CycleClosed':
      return {};
  }
}

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
      const { input: _input, output_field = 'value', ...signal } = event.data;
      return {
        signals: [{ ...signal, output_field, round_id: event.id, log_sequence: sequence }],
        ensembles: [{ model_id: signal.model_id, name: signal.name }],
      };
    }
    case 'CycleClosed':
      return {};
  }
}

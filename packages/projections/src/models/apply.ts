import type { ModelEvent } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { ModelRow, ModelStateRow } from './tables.ts';

interface Rows {
  readonly models?: readonly ModelRow[];
  readonly model_states: readonly ModelStateRow[];
}

export function rowsOf(recorded: Placed<ModelEvent>): Rows {
  const { event } = recorded;
  switch (event.type) {
    case 'ModelJoined':
    case 'ModelChanged': {
      const { model_id, partition, deployment_id, model_name, cruncher_id, cruncher_name } = event.data;
      return {
        models: [{ model_id, partition, deployment_id, model_name, cruncher_id, cruncher_name }],
        model_states: [stateOf(recorded, 'running')],
      };
    }
    case 'ModelLeft':
      return { model_states: [stateOf(recorded, 'left')] };
    case 'ModelFailed': {
      const { failure_code, failure_reason } = event.data;
      return { model_states: [{ ...stateOf(recorded, 'failed'), failure_code, failure_reason }] };
    }
  }
}

function stateOf({ event, sequence }: Placed<ModelEvent>, state: ModelStateRow['state']): ModelStateRow {
  const { model_id, deployment_id, revision } = event.data;
  return {
    model_id,
    state,
    failure_code: null,
    failure_reason: null,
    deployment_id,
    revision,
    changed_at: event.at,
    log_sequence: sequence,
  };
}

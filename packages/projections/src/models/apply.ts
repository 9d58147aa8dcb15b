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
      const joined_at = event.type === 'ModelJoined' ? event.at : null;
      return {
        models: [{ model_id, partition, deployment_id, model_name, cruncher_id, cruncher_name }],
        model_states: [{ ...stateOf(recorded, 'running'), joined_at }],
      };
    }
    case 'ModelLeft':
      return { model_states: [{ ...stateOf(recorded, 'left'), left_at: event.at }] };
    case 'ModelFailed': {
      const { failure_code, failure_reason } = event.data;
      return { model_states: [{ ...stateOf(recorded, 'failed'), failure_code, failure_reason, failed_at: event.at }] };
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
    joined_at: null,
    left_at: null,
    failed_at: null,
    log_sequence: sequence,
  };
}

import type { ScheduledPrediction } from '@crunch-node/domain';
import type { ControlEvent, JsonObject } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { ConfigActivationRow, ScheduledConfigRow } from './tables.ts';

/** Id of a scheduled prediction, computed from its content; passed in, since the package of configurations defines it. */
export type ConfigIdOf = (entry: ScheduledPrediction) => string;

interface Rows {
  readonly config_activations: readonly ConfigActivationRow[];
  readonly scheduled_configs: readonly ScheduledConfigRow[];
}

export const rowsOf =
  (configIdOf: ConfigIdOf) =>
  ({ event, sequence }: Placed<ControlEvent>): Rows => {
    switch (event.type) {
      case 'ConfigActivated': {
        const { revision, config_hash, pace, partitions, cycle_seconds, ensembles, config } = event.data;
        return {
          config_activations: [
            {
              revision,
              config_hash,
              pace,
              partitions,
              cycle_seconds,
              ensembles,
              config,
              activated_at: event.at,
              log_sequence: sequence,
            },
          ],
          scheduled_configs: scheduleOf(config).map((entry, position) => ({
            revision,
            position,
            config_id: configIdOf(entry),
            scope_key: entry.scope_key,
            scope: entry.scope,
            prediction_interval_seconds: entry.prediction_interval_seconds,
            resolve_horizon_seconds: entry.resolve_horizon_seconds,
            active: entry.active,
            order: entry.order,
            meta: entry.meta,
          })),
        };
      }
    }
  };

/** The configuration was checked when it was activated; one of a tournament has no schedule. */
const scheduleOf = (config: JsonObject): readonly ScheduledPrediction[] =>
  (config.scheduled_predictions ?? []) as unknown as readonly ScheduledPrediction[];

import { backfillsProjection } from './backfills/projection.ts';
import { checkpointsProjection } from './checkpoints/projection.ts';
import type { ConfigIdOf } from './configurations/apply.ts';
import { configurationsProjection } from './configurations/projection.ts';
import type { Projection } from './define-projection.ts';
import type { Table } from './define-table.ts';
import { feedsProjection } from './feeds/projection.ts';
import { leaderboardsProjection } from './leaderboards/projection.ts';
import { modelsProjection } from './models/projection.ts';
import { predictionsProjection } from './predictions/projection.ts';
import { scoresProjection } from './scores/projection.ts';
import { signalsProjection } from './signals/projection.ts';
import { snapshotsProjection } from './snapshots/projection.ts';

/**
 * Every read model, in the order of the pipeline. A new one is one folder and one line here.
 * @param configIdOf how scheduled predictions are named, which is the configuration's affair
 */
const listed = (configIdOf: ConfigIdOf) =>
  [
    configurationsProjection(configIdOf),
    feedsProjection,
    modelsProjection,
    predictionsProjection,
    signalsProjection,
    scoresProjection,
    snapshotsProjection,
    leaderboardsProjection,
    checkpointsProjection,
    backfillsProjection,
  ] as const;

/** The projections with their tables, one type each. */
export type ListedProjection = ReturnType<typeof listed>[number];

export const allProjections = ({ configIdOf }: { readonly configIdOf: ConfigIdOf }): readonly Projection[] =>
  listed(configIdOf);

export const tablesOf = (projections: readonly Projection[]): readonly Table[] =>
  projections.flatMap(({ tables }) => Object.values(tables));

/** Every table of the read model. */
export const allTables: readonly Table[] = tablesOf(allProjections({ configIdOf: () => '' }));

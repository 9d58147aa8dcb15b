/** Generations of read models: built next to the served ones, compared, put in their place, kept, dropped. */
export { type BulkRows, type BulkWriter, bulkWriter, completeBuild, createBuildTables } from './build-tables.ts';
export { compareTable, countTable, type DifferingRow, differingRows, type TableComparison } from './compare.ts';
export { type OneConnection, type OneConnectionOptions, openOneConnection } from './connection.ts';
export type { Dependent } from './dependents.ts';
export { dropGeneration } from './drop.ts';
export { beginExchange, type Exchange, exchangeTables, holdersOf, lockReaders } from './exchange.ts';
export { existing } from './existing.ts';
export { leaderboardTop, type RankedPlace } from './leaderboard-top.ts';
export {
  createGenerations,
  type Generation,
  insertNext,
  listGenerations,
  type Slot,
  type Stage,
  setStage,
  shiftRecords,
} from './records.ts';
export { nextSchemaOf, previousSchemaOf } from './schemas.ts';

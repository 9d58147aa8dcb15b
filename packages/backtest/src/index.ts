/** The stages of production over history, in one process: no log, no database. */

export { type ModelReport, type Report, type ReportOptions, reportOf } from './analysis/report.ts';
export { type PredictionRow, rowsOf } from './analysis/rows.ts';
export { type ArchiveQuery, ArchiveUnusable, fetchArchive } from './data/archive-cache.ts';
export { type AnswerJournal, openJournal } from './engine/answer-journal.ts';
export { checkModels, type Finding, findingText } from './engine/checks.ts';
export { historyOf, NoHistory, recordsOf } from './engine/history.ts';
export {
  type AskedModels,
  type BacktestRun,
  type ModelNames,
  NoFeed,
  type RunOptions,
  type RunProgress,
  runBacktest,
} from './engine/run.ts';
export { askedModels, type ProcessModel } from './models/asked-models.ts';
export { inProcess } from './models/in-process.ts';
export { loadTypeScript, nameOf } from './models/load-typescript.ts';
export { type ModelProcess, ModelProcessFailed, modelProcess } from './models/model-process.ts';
export { startPython } from './models/python.ts';
export { withCopies } from './models/spread-over-time.ts';
export type { ModelSource } from './models/thread-messages.ts';
export { type SourcedModel, startThreads } from './models/threads.ts';
export { htmlOf } from './output/html.ts';
export { writeParquet } from './output/parquet.ts';
export { chartOf, guidanceOf, number, type TextTable, tablesOf } from './output/text.ts';

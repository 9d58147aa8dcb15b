/** Keeps the read models: each projection is a reader of one stream with a position of its own. */

export { rebuild } from './rebuild.ts';
export * from './replay/index.ts';
export { type ProjectionStatus, ProjectionStopped } from './runner.ts';
export {
  type ProjectContext,
  type ProjectOptions,
  type ProjectService,
  projectionsNamed,
  projectWriting,
  startProject,
  UnknownProjection,
} from './start.ts';

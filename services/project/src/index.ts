/** Keeps the read models: each projection is a reader of one stream with a position of its own. */

export type { ProjectContext } from './context.ts';
export { projectionsNamed, UnknownProjection } from './projections-named.ts';
export { rebuild } from './rebuild.ts';
export * from './replay/index.ts';
export { type ProjectionStatus, ProjectionStopped } from './runner.ts';
export { type ProjectOptions, type ProjectService, startProject } from './start.ts';

/** Keeps the read models: each projection is a reader of one stream with a position of its own. */
export { type ProjectOptions, type ProjectService, projectWriting, startProject } from './start.ts';

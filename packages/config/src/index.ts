/** What an operator decides: a competition's configuration, where it comes from, and the environment over it. */
export * from './config-error.ts';
export * from './config-id.ts';
export { subjectOf, warningsOf } from './cross-checks.ts';
export * from './define-crunch.ts';
export type { CrunchDefinition } from './definition.ts';
export * from './granularity.ts';
export * from './packs/demo.ts';
export * from './packs/realtime.ts';

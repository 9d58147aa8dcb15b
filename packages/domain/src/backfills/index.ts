export * from './archive-name.ts';
export * from './decide.ts';
export * from './grid.ts';
export * from './job.ts';
export * from './progress.ts';

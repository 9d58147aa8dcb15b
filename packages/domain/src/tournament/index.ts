export * from './config.ts';
export * from './decide.ts';
export * from './samples.ts';
export * from './score-react.ts';

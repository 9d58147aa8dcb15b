export * from './plan.ts';
export * from './post-predict.ts';
export * from './record.ts';
export * from './scope.ts';
export * from './window.ts';

export * from './crunch-config.ts';
export * from './cyclic.ts';
export * from './feed-record.ts';

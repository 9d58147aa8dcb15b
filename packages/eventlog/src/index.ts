/** The log on NATS JetStream: append in order, read in order, look up, lease. The one package that imports `nats`. */
export type * from './capabilities.ts';
export { type ConnectOptions, connectLog } from './connect.ts';
export type { ConnectionStatus } from './connection.ts';
export * from './copy-errors.ts';
export { armCrashPoint, type CrashPoint, crashPoint } from './crash-point.ts';
export * from './errors.ts';
export { isInstruction } from './headers.ts';
export { LeaseLost } from './leases.ts';
export type * from './log.ts';
export * from './log-faults.ts';
export * from './state-errors.ts';

/**
 * The lifecycle of a process on the log: health, logging, commands, restarts after faults. Independent of stages and
 * Postgres.
 */
export { aborted, orAborted } from './aborted.ts';
export { type Closers, createClosers } from './closers.ts';
export { codeFingerprint } from './code-fingerprint.ts';
export {
  type Accepted,
  type CommandHandler,
  CommandRefused,
  decideAndPublish,
  handleCommands,
  MODELS_QUERY,
  REDRIVE_COMMAND,
  type RefusalStatus,
  sendCommand,
  together,
} from './commands.ts';
export { type ConfigGuard, guardConfig } from './config-guard.ts';
export { keepGoing, type Vitals } from './keep-going.ts';
export { type KeptLog, keptLog } from './kept-log.ts';
export { createLogger, type Logger } from './logger.ts';
export { type Monitor, type MonitorOptions, startMonitor } from './monitor.ts';
export { Notifier } from './notifier.ts';
export { putAside } from './put-aside.ts';
export { eventsIn, readTail, readToEnd } from './read-to-end.ts';
export { isReload } from './reload.ts';
export { RetryDelay } from './retry-delay.ts';
export type { Service, ServiceContext, ServiceHealth } from './service.ts';
export { type Supervised, supervise } from './supervise.ts';
export { beginTrace, continueTrace, traceIdOf } from './trace.ts';

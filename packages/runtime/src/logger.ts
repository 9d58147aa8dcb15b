import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * JSON lines on standard error, so that standard output stays with the command.
 * @param level `trace` … `fatal` or `silent`
 */
export const createLogger = (level: string, name = 'crunch-node'): Logger =>
  pino({ name, level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));

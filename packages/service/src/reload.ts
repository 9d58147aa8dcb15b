import { FencedError, LeaseLost, LogUnavailable, StreamFullError } from '@crunch-node/eventlog';

/**
 * Another owner, a lost lease, an unreachable server, a full stream: drop the state in memory and reload from the log.
 */
const RELOADS = [FencedError, LeaseLost, LogUnavailable, StreamFullError];
export const isReload = (error: unknown): error is Error => RELOADS.some((kind) => error instanceof kind);

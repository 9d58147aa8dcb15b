import type { Logger } from '@crunch-node/service';

export interface LogLine {
  readonly level: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Keeps what is logged, of all levels. */
export function recordedLogger(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (facts: Record<string, unknown>, text: string) => lines.push({ level, facts, text });
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, at(level)]);
  const logger = { ...Object.fromEntries(levels), isLevelEnabled: () => true } as unknown as Logger;
  return { logger, lines };
}

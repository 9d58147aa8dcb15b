import { type Logger, pino } from 'pino';
import type { KeptLog } from './kept-log.ts';

export type { Logger };

const ERROR = 50;

/** For a warning: waiting or a fallback is no fault of the code, so a stack would not help. */
function briefly(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || !('err' in given) || !(given.err instanceof Error)) return given;
  const { name: type, message } = given.err;
  return { ...given, err: { type, message, ...('code' in given.err && { code: given.err.code }) } };
}

/**
 * JSON lines on standard error, since standard output belongs to the command. Errors carry a stack, warnings do not.
 * @param level `trace` … `fatal` or `silent`
 * @param kept where lines are kept beside, from `info` on, or from `level` on where that is more
 */
export const createLogger = (
  level: string,
  name = 'crunch-node',
  destination: pino.DestinationStream = pino.destination({ fd: 2, sync: true }),
  kept?: KeptLog,
): Logger =>
  pino(
    {
      name,
      level: kept === undefined ? level : keptLevel(level),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (err: unknown) => (err instanceof Error ? pino.stdSerializers.err(err) : err) },
      hooks: {
        logMethod([first, ...rest], method, of) {
          method.apply(this, [of < ERROR ? briefly(first) : first, ...rest] as Parameters<typeof method>);
        },
      },
    },
    kept === undefined ? destination : both(level, destination, kept),
  );

type LevelName = keyof typeof pino.levels.values;

const rankOf = (level: string): number => pino.levels.values[level as LevelName] ?? Number.POSITIVE_INFINITY;

const keptLevel = (level: string): string => (rankOf(level) < rankOf('info') ? level : 'info');

const both = (level: string, destination: pino.DestinationStream, kept: KeptLog): pino.DestinationStream =>
  pino.multistream([
    { level: keptLevel(level) as pino.Level, stream: kept },
    ...(level === 'silent' ? [] : [{ level: level as pino.Level, stream: destination }]),
  ]);

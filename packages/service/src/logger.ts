import { type Logger, pino } from 'pino';

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
 */
export const createLogger = (
  level: string,
  name = 'crunch-node',
  destination: pino.DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger =>
  pino(
    {
      name,
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (err: unknown) => (err instanceof Error ? pino.stdSerializers.err(err) : err) },
      hooks: {
        logMethod([first, ...rest], method, of) {
          method.apply(this, [of < ERROR ? briefly(first) : first, ...rest] as Parameters<typeof method>);
        },
      },
    },
    destination,
  );

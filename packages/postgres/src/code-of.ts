import { CrunchError } from '@crunch-node/streams/errors';

/**
 * The SQLSTATE of an error, or the name the operating system or Node has for it; of an error of the engine, the SQLSTATE it
 * stands for, since its own code means something else.
 */
export function codeOf(error: unknown): unknown {
  if (error instanceof CrunchError) return (error as { sqlState?: string }).sqlState;
  return (error as { code?: unknown } | null)?.code;
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The output of a command. @throws when its exit code is not 0, with its error output */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs = 180_000 }: { cwd?: string; timeoutMs?: number } = {},
): Promise<string> {
  try {
    const { stdout } = await execute(command, [...args], {
      timeout: timeoutMs,
      maxBuffer: 16 * 1024 * 1024,
      ...(cwd && { cwd }),
    });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const lastLines = stderr?.trim().split('\n').slice(-3).join(' | ');
    throw new Error(`${command} ${args.at(0) ?? ''}: ${lastLines || message}`, { cause: error });
  }
}

import { Command } from 'commander';
import { addArchiving } from './program/archiving.ts';
import { addBacktesting } from './program/backtesting.ts';
import { addCreating } from './program/creating.ts';
import { addLooking } from './program/looking.ts';
import { addModels } from './program/models.ts';
import { addReplaying } from './program/replaying.ts';
import { addRunning } from './program/running.ts';
import { printableLines } from './show/printable.ts';
import { version } from './version.ts';

// A reader such as `head` that has enough is no fault: what follows goes nowhere.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('crunch-node')
  .description(
    'Runs prediction competitions: ingests feeds, calls models, scores predictions, ranks models, checkpoints rewards.',
  )
  // Options after a command belong to that command, not to its parent.
  .enablePositionalOptions()
  .version(version());

addRunning(program);
addModels(program);
addLooking(program);
addReplaying(program);
addArchiving(program);
addBacktesting(program);
addCreating(program);

try {
  await program.parseAsync();
} catch (error) {
  // Our errors name what was expected and the remedy; a stack is only for unexpected ones.
  // Errors of the operating system (permissions, a full disk) already name the file and the cause.
  const unexpected =
    !(error instanceof Error) ||
    (['Error', 'TypeError', 'ReferenceError'].includes(error.name) && !('syscall' in error));
  const text = String(unexpected ? ((error as Error).stack ?? error) : error.message);
  process.stderr.write(`crunch-node: ${printableLines(text)}\n`);
  process.exitCode = 1;
}

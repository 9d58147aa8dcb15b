import { Command } from 'commander';
import { addArchiving } from './program/archiving.ts';
import { addLooking } from './program/looking.ts';
import { addReplaying } from './program/replaying.ts';
import { addRunning } from './program/running.ts';
import { printableLines } from './show/printable.ts';
import { version } from './version.ts';

const program = new Command('crunch-node')
  .description('Runs prediction competitions: feeds in, models asked, predictions scored, rewards decided.')
  // What follows a command belongs to it, and not to a command around it.
  .enablePositionalOptions()
  .version(version());

addRunning(program);
addLooking(program);
addReplaying(program);
addArchiving(program);

try {
  await program.parseAsync();
} catch (error) {
  // Our errors say what was expected and what to do; a stack is for what nobody expected.
  // What the system refuses (a folder nobody may write to, a full disk) says itself which file and why.
  const unexpected =
    !(error instanceof Error) ||
    (['Error', 'TypeError', 'ReferenceError'].includes(error.name) && !('syscall' in error));
  const text = String(unexpected ? ((error as Error).stack ?? error) : error.message);
  process.stderr.write(`crunch-node: ${printableLines(text)}\n`);
  process.exitCode = 1;
}

import { createProgram } from '@crunch-node/create/program';
import type { Command } from 'commander';

/** The same as `npm create crunch-node`. */
export function addCreating(program: Command): void {
  program.addCommand(createProgram('init'));
}

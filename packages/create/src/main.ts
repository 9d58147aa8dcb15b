import { createProgram } from './program.ts';

try {
  await createProgram('create-crunch-node').parseAsync();
} catch (error) {
  process.stderr.write(`create-crunch-node: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

// Imported before a compiled test: modules in TypeScript that it imports while it runs get the engine that it runs with,
// and programs that it starts are compiled with it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addressesOf, prepareForOperators } from '@crunch-node/launcher';

const [, file = ''] = process.argv;
const folder = dirname(file);
const listed = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
if (file.endsWith('.test.mjs') && existsSync(join(folder, 'modules.json'))) {
  prepareForOperators(addressesOf({ folder, modules: listed('modules.json') }));
  globalThis[Symbol.for('crunch-node.compiled-programs')] = Object.fromEntries(
    Object.entries(listed('programs.json')).map(([source, module]) => [source, join(folder, module)]),
  );
}

/**
 * Serves one model in TypeScript: `model-host.js --code-directory <folder> --main-file <file> --address <host:port>`,
 * the options of the Python runner. The file is imported at Setup, so that its faults become replies instead of a
 * crash.
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { importModule } from '@crunch-node/config/import-module';
import { modelIn, startModelServer } from '@crunch-node/models';

const { values } = parseArgs({
  options: {
    'code-directory': { type: 'string', default: '.' },
    'main-file': { type: 'string', default: 'main.ts' },
    address: { type: 'string', default: '127.0.0.1:50051' },
  },
});
const [, host = '127.0.0.1', port = '50051'] = /^(.*):(\d+)$/.exec(values.address) ?? [];
const path = resolve(join(values['code-directory'], values['main-file']));

const server = await startModelServer({
  host,
  port: Number(port),
  create: async (setup) => {
    const make = await modelIn(() => importModule(pathToFileURL(path).href), values['main-file']);
    return make(setup);
  },
});
process.stdout.write(`serving ${path} at ${server.ip}:${server.port}\n`);

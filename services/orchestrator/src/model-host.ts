/**
 * Serves one model in TypeScript: `model-host.js --code-directory <folder> --main-file <file> --address <host:port>`,
 * the options of the Python runner. The file is imported at Setup, so that its faults become replies instead of a
 * crash.
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { importModule } from '@crunch-node/config/import-module';
import { startModelServer } from '@crunch-node/models';
import { modelOf } from './model-module.ts';

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
  create: async (setup) => modelOf(() => importModule(pathToFileURL(path).href), values['main-file'], setup),
});
process.stdout.write(`serving ${path} at ${server.ip}:${server.port}\n`);

import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importModule } from '@crunch-node/config';
import { modelIn } from '@crunch-node/models';
import type { SourcedModel } from './threads.ts';

/**
 * A model of a module, found and made as the host of production does; a new instance for each run.
 * @param reference path, `#export`
 * @throws {BadImplementation}
 */
export async function loadTypeScript(reference: string, cwd: string): Promise<SourcedModel> {
  const [path = '', name] = reference.split('#');
  const create = await modelIn(() => importModule(pathToFileURL(resolve(cwd, path)).href), path, name);
  const model_id = nameOf(path);
  return {
    model_id,
    model_name: model_id,
    cruncher_id: 'local',
    cruncher_name: 'you',
    create,
    source: { kind: 'file', reference, cwd },
  };
}

/** The file's name is the model's. */
export const nameOf = (path: string): string => basename(path, extname(path));

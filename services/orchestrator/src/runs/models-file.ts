import { readFile } from 'node:fs/promises';
import { CrunchError } from '@crunch-node/streams/errors';
import { parseDocument } from 'yaml';

/** A model of `models.dev.yml`. */
export interface ModelEntry {
  readonly id: string;
  /** name of its folder among the submissions */
  readonly submission_id: string;
  readonly crunch_id: string | null;
  readonly desired_state: 'RUNNING' | 'STOPPED';
  readonly model_name: string;
  readonly cruncher_name: string;
  readonly cruncher_id: string;
}

/** Entries that can be used, and what is wrong with the others: one of them stops no other. */
export interface ModelsFile {
  readonly entries: readonly ModelEntry[];
  readonly faults: readonly string[];
}

/** The file as a whole cannot be used. */
export class UnusableModelsFile extends CrunchError {
  override readonly name = 'UnusableModelsFile';
  override readonly code = 'unusable_models_file';
}

/** @throws {UnusableModelsFile} */
export async function readModelsFile(path: string): Promise<ModelsFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new UnusableModelsFile(`expected a list of models at ${path}: ${(cause as Error).message}`, { cause });
  }
  return parseModelsFile(text, path);
}

/** @throws {UnusableModelsFile} */
export function parseModelsFile(text: string, path: string): ModelsFile {
  // as text: an id of 007 or 1e3 is a name, no number
  const document = parseDocument(text, { schema: 'failsafe' });
  const [error] = document.errors;
  if (error !== undefined) throw new UnusableModelsFile(`expected YAML in ${path}: ${error.message.split('\n')[0]}`);
  const content: unknown = document.toJS();
  // a file without content, as after the last model was taken out
  if (content === null || content === '') return { entries: [], faults: [] };
  const models = isObject(content) ? (content.models ?? []) : null;
  if (!Array.isArray(models)) {
    if (models === '') return { entries: [], faults: [] };
    throw new UnusableModelsFile(`expected a list under the key models in ${path}`);
  }
  const entries: ModelEntry[] = [];
  const faults: string[] = [];
  for (const [index, one] of models.entries()) {
    const entry = entryOf(one, `${path}: models[${index}]`);
    if (typeof entry === 'string') faults.push(entry);
    else if (entries.some(({ id }) => id === entry.id)) {
      faults.push(`${path}: models[${index}].id: expected each id once, received ${entry.id} again`);
    } else entries.push(entry);
  }
  return { entries, faults };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value !== 'null' && value !== '~' ? value : null;

function entryOf(value: unknown, path: string): ModelEntry | string {
  if (!isObject(value))
    return `${path}: expected id, submission_id and desired_state, received ${JSON.stringify(value)}`;
  const id = textOf(value.id);
  if (id === null) return `${path}.id: expected a text, received ${JSON.stringify(value.id) ?? 'nothing'}`;
  const submission_id = textOf(value.submission_id);
  if (submission_id === null || /[/\\]|^\.\.?$/.test(submission_id)) {
    return `${path}.submission_id: expected the name of a folder, received ${JSON.stringify(value.submission_id) ?? 'nothing'}`;
  }
  const desired_state = (textOf(value.desired_state) ?? 'RUNNING').toUpperCase();
  if (desired_state !== 'RUNNING' && desired_state !== 'STOPPED') {
    return `${path}.desired_state: expected RUNNING or STOPPED, received ${JSON.stringify(value.desired_state)}`;
  }
  return {
    id,
    submission_id,
    crunch_id: textOf(value.crunch_id),
    desired_state,
    model_name: textOf(value.model_name) ?? submission_id,
    cruncher_name: textOf(value.cruncher_name) ?? 'local-dev',
    cruncher_id: textOf(value.cruncher_id) ?? `local-${id}`,
  };
}

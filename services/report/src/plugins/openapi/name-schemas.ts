import { isDeepStrictEqual } from 'node:util';
import { CrunchError } from '@crunch-node/streams/errors';

type Json = unknown;

/** Two different shapes have the same name. */
export class SchemaNameTaken extends CrunchError {
  override readonly name = 'SchemaNameTaken';
  override readonly code = 'schema_name_taken';
  constructor(title: string) {
    super(`expected one schema with the title ${title}, received two different ones: rename one of them`);
  }
}

/**
 * Moves every schema that has a title to `components.schemas` under that title, and refers to it from where it was: so
 * that clients made from the description have types with names.
 * @throws {SchemaNameTaken}
 */
export function nameSchemas<D extends { components?: Record<string, unknown> }>(description: D): D {
  const named = new Map<string, Json>();
  const moved = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    const { title } = value as { title?: unknown };
    const inside = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, moved(part)]));
    if (typeof title !== 'string' || !('type' in value || 'anyOf' in value)) return inside;
    const known = named.get(title);
    if (known !== undefined && !isDeepStrictEqual(known, inside)) throw new SchemaNameTaken(title);
    named.set(title, inside);
    return { $ref: `#/components/schemas/${title}` };
  };
  const result = moved(description) as D;
  const schemas = Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...result, components: { ...result.components, schemas } };
}

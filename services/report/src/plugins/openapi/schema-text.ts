export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Text as HTML shows it. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] as string);

/** What a value of the schema is, in a few words, as HTML; named schemas are links. */
export function typeOf(schema: Schema | undefined): string {
  if (schema === undefined) return 'anything';
  if (schema.$ref !== undefined) {
    const name = escaped(schema.$ref.split('/').at(-1) ?? '');
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((value) => escaped(JSON.stringify(value))).join(' | ');
  if (schema.const !== undefined) return escaped(JSON.stringify(schema.const));
  const types = [schema.type ?? 'anything'].flat();
  return types.map((type) => (type === 'array' ? `list of ${typeOf(schema.items)}` : plain(type, schema))).join(' or ');
}

function plain(type: string, { properties, patternProperties, additionalProperties, ...range }: Schema): string {
  if (type === 'object') {
    if (properties !== undefined) return `{ ${Object.keys(properties).map(escaped).join(', ')} }`;
    const values = Object.values(patternProperties ?? {})[0] ?? additionalProperties;
    return typeof values === 'object' ? `object of ${typeOf(values)}` : 'object';
  }
  const { minimum, maximum, default: absent } = range;
  const bounds = [
    ...(minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? [`≥ ${minimum}`] : []),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? [`≤ ${maximum}`] : []),
    ...(absent === undefined ? [] : [`default ${escaped(JSON.stringify(absent))}`]),
  ];
  return bounds.length === 0 ? escaped(type) : `${escaped(type)}, ${bounds.join(', ')}`;
}

/**
 * A generation is a projection's tables with their position, in a schema of their own: `crunch` is what is read and
 * written, `next_crunch` is being built, `previous_crunch` is kept to go back to. Prefixes, because with a suffix they
 * would be the schemas of other namespaces.
 */
export const nextSchemaOf = (schema: string): string => `next_${schema}`;
export const previousSchemaOf = (schema: string): string => `previous_${schema}`;

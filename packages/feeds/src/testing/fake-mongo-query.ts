import type { Document } from 'mongodb';

const valueAt = (document: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document);

/** Kinds of values in the order MongoDB sorts them; values of unlike kinds never compare in a query. */
const isLong = (value: unknown): boolean => (value as { _bsontype?: string } | null)?._bsontype === 'Long';

function kindOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' || isLong(value)) return 1;
  if (typeof value === 'string') return 2;
  if (value instanceof Date) return 9;
  if (typeof value === 'boolean') return 8;
  return (value as { _bsontype?: string })._bsontype === 'ObjectId' ? 7 : 4;
}

function compare(a: unknown, b: unknown): number {
  const byKind = kindOf(a) - kindOf(b);
  if (byKind !== 0) return byKind;
  const [x, y] = [a, b].map((value) =>
    value instanceof Date ? value.getTime() : isLong(value) ? Number(value) : value,
  );
  if (typeof x === 'number' && typeof y === 'number') return x - y;
  return String(x) < String(y) ? -1 : Number(String(x) > String(y));
}

type Test = (value: unknown, operand: unknown) => boolean;

const like = (value: unknown, operand: unknown): boolean => kindOf(value) === kindOf(operand);
const operators: Readonly<Record<string, Test>> = {
  $in: (value, operand) => (operand as unknown[]).some((one) => compare(value, one) === 0),
  $gte: (value, operand) => like(value, operand) && compare(value, operand) >= 0,
  $gt: (value, operand) => like(value, operand) && compare(value, operand) > 0,
  $lt: (value, operand) => like(value, operand) && compare(value, operand) < 0,
  $regex: (value, operand) => typeof value === 'string' && new RegExp(operand as string).test(value),
  $type: (value, operand) =>
    (operand as string[]).some((type) => kindOf(value) === ({ date: 9, number: 1, string: 2 } as Document)[type]),
};

/** Fails on an operator it does not know, rather than match everything. */
export const matches = (document: Document, filter: Document): boolean =>
  Object.entries(filter).every(([path, condition]) => {
    const value = valueAt(document, path);
    const isOperators =
      kindOf(condition) === 4 && Object.keys(condition as object).some((name) => name.startsWith('$'));
    if (!isOperators) return compare(value, condition) === 0;
    return Object.entries(condition as object).every(([name, operand]) => {
      const test = operators[name];
      if (test === undefined) throw new Error(`the test server does not know ${name}`);
      return test(value, operand);
    });
  });

export const sorted = (documents: readonly Document[], sort: Document | undefined): Document[] =>
  [...documents].sort((a, b) => {
    for (const [path, direction] of sort instanceof Map ? sort : Object.entries(sort ?? {})) {
      const order = compare(valueAt(a, path), valueAt(b, path)) * Number(direction);
      if (order !== 0) return order;
    }
    return 0;
  });

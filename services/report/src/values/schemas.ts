import type { JsonObject } from '@crunch-node/streams';
import { type TSchema, Type } from '@sinclair/typebox';

/** Primitive or null, as a list of types: serialised several times faster than a union of schemas. */
export const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
export const NullableNumber = Type.Unsafe<number | null>({ type: ['number', 'null'] });

export const Count = Type.Integer({ minimum: 0 });

/** UTC with `Z` */
export const TsZ = Type.String({ description: 'UTC, for example 2026-11-21T19:07:17.605149Z' });
/** UTC without a zone */
export const TsNaive = Type.String({ description: 'UTC without a zone, for example 2026-11-21T19:07:17.605149' });
export const NullableTsNaive = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  description: 'UTC without a zone',
});
export const NullableTsZ = Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'UTC with Z' });
/** UTC with `+00:00` */
export const NullableTsOff = Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'UTC with +00:00' });

/** An object whose keys are the competition's own. */
export const OpenObject = Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true });

/** Whether a model is connected: shown as the dot in the UI. */
export const ModelPresence = Type.Unsafe<'active' | 'inactive'>({ type: 'string', enum: ['active', 'inactive'] });

/** The same schema with another description. */
export const described = <T extends TSchema>(schema: T, description: string): T => ({ ...schema, description });

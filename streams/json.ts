import { Type } from '@sinclair/typebox';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Any JSON value. Events are parsed from JSON text, so their values are of this type. */
export const Json = Type.Unsafe<Json>(Type.Unknown());
export const JsonObject = Type.Unsafe<JsonObject>(Type.Record(Type.String(), Type.Unknown()));

export const Nullable = <S extends import('@sinclair/typebox').TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

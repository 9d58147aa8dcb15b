/** Apart from the functions, which need no schemas: commands that only read options load them alone. */
import { type TString, Type } from '@sinclair/typebox';
import type { Instant as InstantText } from './instant.ts';

const PATTERN = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}Z$';

export const Instant: TString = Type.String({ pattern: PATTERN, description: 'UTC time with six fractional digits' });
export type Instant = InstantText;

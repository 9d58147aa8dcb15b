import fc from 'fast-check';

/** Numbers a participant may predict: any finite one, extreme ones more often. */
export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-308, -1e-308, 1e-200, 1e16, 1e100, -1e100),
  fc.constantFrom(1e154, -1e154, 1.5e307, -1.5e307, 1e308, -1e308, Number.MAX_VALUE, -Number.MAX_VALUE),
);

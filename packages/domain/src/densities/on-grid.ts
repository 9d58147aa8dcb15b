/** Densities at many equally spaced points, where a call for each of them would be slow. */
import type { Component, Density } from './density.ts';

/** Adds the density at equally spaced points to `out`, whose numbers are taken as 0 before. */
export function pdfOnGrid({ components }: Density, points: Float64Array, out: Float64Array): void {
  out.fill(0);
  for (const component of components) {
    if (component.isNormal) addNormal(component, points, out);
    else if (!addPower(component, points, out)) addOther(component, points, out);
  }
}

const SQRT_2PI = Math.sqrt(2 * Math.PI);
/** Points that are reached from one exponential by multiplying: few enough that no digit is lost that matters. */
const BLOCK = 32;

/**
 * At equal distances a normal density is a product: exp(−½(z + h)²) = exp(−½z²) · exp(−zh − ½h²), whose second factor
 * changes by exp(−h²) each time. From the point nearest the middle outwards, so that what is small comes from what is large.
 */
function addNormal({ weight, location, scale }: Component, points: Float64Array, out: Float64Array): void {
  const height = weight / (scale * SQRT_2PI);
  const last = points.length - 1;
  const spacing = (points[last]! - points[0]!) / last;
  const middle = Math.min(last, Math.max(0, Math.round((location - points[0]!) / spacing)));
  const h = spacing / scale;
  const change = Math.exp(-h * h);
  for (let i = middle; i <= last; i += BLOCK) {
    const z = (points[i]! - location) / scale;
    let value = height * Math.exp(-0.5 * z * z);
    if (value === 0) break;
    let factor = Math.exp(-z * h - 0.5 * h * h);
    const end = Math.min(last + 1, i + BLOCK);
    for (let k = i; k < end; k++) {
      out[k] = out[k]! + value;
      value *= factor;
      factor *= change;
    }
  }
  for (let i = middle - 1; i >= 0; i -= BLOCK) {
    const z = (location - points[i]!) / scale;
    let value = height * Math.exp(-0.5 * z * z);
    if (value === 0) break;
    let factor = Math.exp(-z * h - 0.5 * h * h);
    const end = Math.max(-1, i - BLOCK);
    for (let k = i; k > end; k--) {
      out[k] = out[k]! + value;
      value *= factor;
      factor *= change;
    }
  }
}

/** Most terms of a series that is still faster than a logarithm and an exponential. */
const TERMS = 14;

/**
 * From one point to the next a power of 1 + y² / c changes by (1 + δ)^p with δ = (2yh + h²) / (c + y²), which the first
 * terms of the binomial series give where δ is small. Returns false, having done nothing, where they do not, or it is no power.
 */
function addPower({ weight, location, scale, standard }: Component, points: Float64Array, out: Float64Array): boolean {
  const { power } = standard;
  if (power === undefined) return false;
  const { over, exponent } = power;
  const last = points.length - 1;
  const h = (points[last]! - points[0]!) / last / scale;
  const series = SERIES;
  const terms = binomialSeries(exponent, h / Math.sqrt(over) + (h * h) / over, series);
  if (terms === null) return false;
  const isShort = terms <= FEW_TERMS;
  for (let i = 0; i <= last; i += BLOCK) {
    const y = (points[i]! - location) / scale;
    const value = (weight / scale) * standard.pdf(y);
    const end = Math.min(last + 1, i + BLOCK);
    if (isShort) addShortSeries(series, over, h, y, value, out, i, end);
    else addSeries(series, over, h, y, value, out, i, end);
  }
  return true;
}

/** Only for the time of a call: an array for each component would take as long as a good part of its score. */
const SERIES = new Float64Array(TERMS + 1);
const FEW_TERMS = 10;

/** One term after the other by name: a loop over them takes three times as long. Those that are 0 change no digit. */
function addSeries(
  c: Float64Array,
  over: number,
  h: number,
  first: number,
  start: number,
  out: Float64Array,
  from: number,
  end: number,
): void {
  const square = h * h;
  let [y, value] = [first, start];
  for (let k = from; k < end; k++) {
    out[k] = out[k]! + value;
    const d = (2 * y * h + square) / (over + y * y);
    const upper = ((((c[14]! * d + c[13]!) * d + c[12]!) * d + c[11]!) * d + c[10]!) * d + c[9]!;
    const middle = ((((upper * d + c[8]!) * d + c[7]!) * d + c[6]!) * d + c[5]!) * d + c[4]!;
    value *= (((middle * d + c[3]!) * d + c[2]!) * d + c[1]!) * d + c[0]!;
    y += h;
  }
}

/** The same of up to {@link FEW_TERMS}. */
function addShortSeries(
  c: Float64Array,
  over: number,
  h: number,
  first: number,
  start: number,
  out: Float64Array,
  from: number,
  end: number,
): void {
  const square = h * h;
  let [y, value] = [first, start];
  for (let k = from; k < end; k++) {
    out[k] = out[k]! + value;
    const d = (2 * y * h + square) / (over + y * y);
    const upper = (((c[9]! * d + c[8]!) * d + c[7]!) * d + c[6]!) * d + c[5]!;
    value *= ((((upper * d + c[4]!) * d + c[3]!) * d + c[2]!) * d + c[1]!) * d + c[0]!;
    y += h;
  }
}

/**
 * Coefficients of (1 + δ)^p up to where they do not matter for any |δ| up to `largest`, then 0.
 * @returns how many there are; null: too many
 */
function binomialSeries(p: number, largest: number, coefficients: Float64Array): number | null {
  coefficients.fill(0);
  coefficients[0] = 1;
  let coefficient = 1;
  let size = 1;
  let terms = 1;
  for (let j = 1; size > 1e-17; j++) {
    if (j > TERMS) return null;
    coefficient *= (p - j + 1) / j;
    coefficients[j] = coefficient;
    terms = j + 1;
    size = Math.abs(coefficient) * largest ** j;
  }
  return terms;
}

function addOther({ weight, location, scale, standard }: Component, points: Float64Array, out: Float64Array): void {
  const share = weight / scale;
  for (let i = 0; i < points.length; i++) out[i] = out[i]! + share * standard.pdf((points[i]! - location) / scale);
}

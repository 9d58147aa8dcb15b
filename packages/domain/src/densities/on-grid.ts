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
  const { power, pdf: standardPdf } = standard;
  if (power === undefined) return false;
  const { over, exponent } = power;
  const last = points.length - 1;
  const h = (points[last]! - points[0]!) / last / scale;
  const coefficients = binomialSeries(exponent, h / Math.sqrt(over) + (h * h) / over);
  if (coefficients === null) return false;
  const terms = coefficients.length;
  for (let i = 0; i <= last; i += BLOCK) {
    let y = (points[i]! - location) / scale;
    let value = (weight / scale) * standardPdf(y);
    const end = Math.min(last + 1, i + BLOCK);
    for (let k = i; k < end; k++) {
      out[k] = out[k]! + value;
      const change = (2 * y * h + h * h) / (over + y * y);
      let factor = coefficients[terms - 1]!;
      for (let j = terms - 2; j >= 0; j--) factor = factor * change + coefficients[j]!;
      value *= factor;
      y += h;
    }
  }
  return true;
}

/** Coefficients of (1 + δ)^p up to where they do not matter for any |δ| up to `largest`; null: too many. */
function binomialSeries(p: number, largest: number): Float64Array | null {
  const coefficients = [1];
  let coefficient = 1;
  let size = 1;
  for (let j = 1; size > 1e-17; j++) {
    if (j > TERMS) return null;
    coefficient *= (p - j + 1) / j;
    coefficients.push(coefficient);
    size = Math.abs(coefficient) * largest ** j;
  }
  return Float64Array.from(coefficients);
}

function addOther({ weight, location, scale, standard }: Component, points: Float64Array, out: Float64Array): void {
  const share = weight / scale;
  const { pdf: standardPdf } = standard;
  for (let i = 0; i < points.length; i++) out[i] = out[i]! + share * standardPdf((points[i]! - location) / scale);
}

/**
 * The id of the model in the part of an address behind `#`. The router has decoded what it hands out once, but not
 * what separates parts of a path: after that no decoding gives back every id.
 */
export function idInAddress(hash: string): string {
  const text = hash.replace(/^#?\/?model\//, '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand
  }
}

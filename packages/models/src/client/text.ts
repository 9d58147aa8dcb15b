/** Length of a kept text: enough for a person to understand a failure. */
const LONGEST_TEXT = 1_000;

/** A text of a peer as it is kept: not at any length, and without the one character a database refuses in a text. */
export const kept = (text: string): string => text.slice(0, LONGEST_TEXT).toWellFormed().replaceAll('\u0000', '\ufffd');

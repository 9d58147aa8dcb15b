/** A message as it is stored. */
export interface Stored {
  readonly sequence: number;
  /** with the namespace */
  readonly natsSubject: string;
  readonly id: string;
  readonly payload: Uint8Array;
  /** unix microseconds */
  readonly storedUs: number;
}

export type Query = { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj?: string };

/** Partition of a stage: a number, or the name of one that is not numbered (`ensemble`, `all`). */
export type Partition = string | number;

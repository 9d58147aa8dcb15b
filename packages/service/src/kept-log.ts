import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes of a log before it begins again; the part before is kept beside it as `.1`. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Lines of a log in a file of bounded size: at most two parts of `mostBytes`. */
export interface KeptLog {
  /** @param text whole lines, each with its end */
  write(text: string): void;
}

/**
 * A log in a file. Written at once, so that a killed process leaves what led to its end; a disk that is full or taken
 * away loses lines and stops nothing.
 */
export function keptLog(file: string, mostBytes = MOST_BYTES): KeptLog {
  let bytes: number | null = null;
  return {
    write(text) {
      try {
        if (bytes === null) {
          mkdirSync(dirname(file), { recursive: true });
          bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
        }
        const added = Buffer.byteLength(text);
        if (bytes > 0 && bytes + added > mostBytes) {
          renameSync(file, `${file}.1`);
          bytes = 0;
        }
        appendFileSync(file, text);
        bytes += added;
      } catch {
        bytes = null; // looked at again with the next line
      }
    },
  };
}

/** Messages that could not be read, and the two ways to settle them. */
export {
  type Letter,
  letterNamed,
  payloadOf,
  readAgain,
  readLetters,
  sinceOf,
  stateOf,
  UnknownLetter,
} from './letters.ts';
export { discardLetter, IngestUnavailable, LetterRefused, redriveCorrected, redriveInPlace } from './settle.ts';

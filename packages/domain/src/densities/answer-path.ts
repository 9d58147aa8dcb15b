/** A place inside an answer. It is put into words only where there is a fault: most densities have none. */
export class AnswerPath {
  readonly #outer: AnswerPath | string;
  readonly #list: string;
  readonly #index: number;
  readonly #member: string;

  /** `list[index]` inside `outer`, or a member of that element */
  constructor(outer: AnswerPath | string, list: string, index: number, member = '') {
    this.#outer = outer;
    this.#list = list;
    this.#index = index;
    this.#member = member;
  }

  toString(): string {
    const own = `${this.#list}[${this.#index}]`;
    return within(this.#outer, this.#member === '' ? own : `${own}.${this.#member}`);
  }
}

/** A member of what is at a place. */
export function within(place: AnswerPath | string, name: string): string {
  const outer = String(place);
  return outer === '' ? name : `${outer}.${name}`;
}

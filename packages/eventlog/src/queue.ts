/** First in, first out, efficient with a hundred thousand items; items can be put back at the front. */
export class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  unshift(items: readonly T[]): void {
    this.#items = [...items, ...this.items()];
    this.#head = 0;
  }

  items(): readonly T[] {
    return this.#head === 0 ? this.#items : this.#items.slice(this.#head);
  }

  take(): readonly T[] {
    const items = this.items();
    this.#items = [];
    this.#head = 0;
    return items;
  }
}

/** A map that gives up what was not used for longest. */
export class RecentMap<Value> {
  readonly #entries = new Map<string, Value>();

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Counts as a use. */
  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }

  values(): IterableIterator<Value> {
    return this.#entries.values();
  }

  /** @param most entries that may stay, and those that may not go beside them */
  shrink(most: number, mayGo: (key: string, value: Value) => boolean = () => true): void {
    if (this.#entries.size <= most) return;
    let left = this.#entries.size - most;
    for (const [key, value] of this.#entries) {
      if (left === 0) return;
      if (!mayGo(key, value)) continue;
      this.#entries.delete(key);
      left -= 1;
    }
  }
}

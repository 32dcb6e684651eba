import { nsOf } from "./time.js";

const SECONDS_PER_DAY = 86_400;

/** Time span and days of the flows in the open batch. */
export class OpenDays {
  readonly #days = new Set<number>();
  #lastDay = -1;
  #min = { seconds: 0, nanos: 0 };
  #max = { seconds: 0, nanos: 0 };

  get count(): number {
    return this.#days.size;
  }

  get minNs(): bigint {
    return nsOf(this.#min)!;
  }

  get maxNs(): bigint {
    return nsOf(this.#max)!;
  }

  has(seconds: number): boolean {
    return this.#days.has(Math.floor(seconds / SECONDS_PER_DAY));
  }

  add(seconds: number, nanos: number): void {
    const day = Math.floor(seconds / SECONDS_PER_DAY);
    const { seconds: first, nanos: firstNanos } = this.#min;
    const { seconds: last, nanos: lastNanos } = this.#max;
    const isEmpty = this.#days.size === 0;
    if (isEmpty || seconds < first || (seconds === first && nanos < firstNanos))
      this.#min = { seconds, nanos };
    if (isEmpty || seconds > last || (seconds === last && nanos > lastNanos))
      this.#max = { seconds, nanos };
    if (day === this.#lastDay) return;
    this.#days.add(day);
    this.#lastDay = day;
  }

  clear(): void {
    this.#days.clear();
    this.#lastDay = -1;
    this.#min = { seconds: 0, nanos: 0 };
    this.#max = { seconds: 0, nanos: 0 };
  }
}

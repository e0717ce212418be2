import { DDSketch } from '@datadog/sketches-js';

// Two values that differ by less than this part of themselves may be told as the same.
const ACCURACY = 0.01;

/** What a quantile may be asked of: values from 0 on, kept in so little room that there may be one for every edge. */
export class Sketch {
  readonly #sketch = new DDSketch({ relativeAccuracy: ACCURACY });

  /** @param weight how many this one stands for */
  add(value: number, weight: number): void {
    this.#sketch.accept(value, weight);
  }

  addAll(other: Sketch): void {
    this.#sketch.merge(other.#sketch);
  }

  get count(): number {
    return this.#sketch.count;
  }

  get sum(): number {
    return this.#sketch.sum;
  }

  /** 0 of none. */
  get max(): number {
    return this.count === 0 ? 0 : this.#sketch.max;
  }

  /** The least value that this part of them, above 0, does not exceed, within 1 %; 0 of none. */
  quantile(part: number): number {
    const { count } = this;
    if (count === 0) return 0;
    // The library takes the one below where the rank lies between two: of four, the slowest would be missing in 99 %.
    const rank = Math.ceil(part * count) - 1;
    return Math.min(this.#sketch.getValueAtQuantile(count === 1 ? 0 : rank / (count - 1)), this.max);
  }
}

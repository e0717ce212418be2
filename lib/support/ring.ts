/** A first-in-first-out buffer that grows by doubling and holds no memory before its first item. */
export class Ring<T> {
  private items: (T | undefined)[] = NONE;
  private head = 0;
  size = 0;

  push(item: T): void {
    if (this.size === this.items.length) this.grow();
    this.items[(this.head + this.size) & (this.items.length - 1)] = item;
    this.size++;
  }

  /** Puts an item before the oldest. */
  unshift(item: T): void {
    if (this.size === this.items.length) this.grow();
    this.head = (this.head - 1) & (this.items.length - 1);
    this.items[this.head] = item;
    this.size++;
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.size--;
    return item;
  }

  /** The oldest item. */
  first(): T | undefined {
    return this.size === 0 ? undefined : this.items[this.head];
  }

  /** The newest item. */
  last(): T | undefined {
    return this.size === 0 ? undefined : this.items[(this.head + this.size - 1) & (this.items.length - 1)];
  }

  /** All items, the oldest first. */
  get all(): T[] {
    return Array.from(
      { length: this.size },
      (_, i) => this.items[(this.head + i) & (this.items.length - 1)] as T,
    );
  }

  // Lengths are powers of two, so that a place is found with a mask.
  private grow(): void {
    const grown = new Array<T | undefined>(Math.max(2, this.items.length * 2));
    for (let i = 0; i < this.size; i++) grown[i] = this.items[(this.head + i) & (this.items.length - 1)];
    this.items = grown;
    this.head = 0;
  }
}

// Shared by all empty rings; never written to, since its length is 0.
const NONE: never[] = [];

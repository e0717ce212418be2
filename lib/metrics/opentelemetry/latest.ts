/** A map that forgets what was put first, once it holds so many. */
export class Latest<Key, Value> {
  readonly #most: number;
  readonly #map = new Map<Key, Value>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  set(key: Key, value: Value): void {
    this.#map.set(key, value);
    if (this.#map.size <= this.#most) return;
    const [first] = this.#map.keys();
    this.#map.delete(first as Key);
  }
}

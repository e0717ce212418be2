import type { ObservedRun } from '../pipeline/observer.ts';
import type { MessageLine } from './protocol.ts';
import { payloadText } from './shown.ts';

/** Lines that are kept. */
const KEPT = 20;
/** Messages that are noted at a time, and those that are looked at to find them: listening costs every message. */
const AT_A_TIME = { noted: 5, seen: 500, pipelines: 20 } as const;

/**
 * Some of the last messages that one node sent. It listens only for a moment, now and then, and not to every pipeline: what
 * is told of every message would slow all of them.
 */
export class Sample {
  readonly #node: string;
  readonly #showsPayloads: boolean;
  #lines: MessageLine[] = [];
  #offs: (() => void)[] = [];

  constructor(node: string, showsPayloads: boolean) {
    this.#node = node;
    this.#showsPayloads = showsPayloads;
  }

  /** The newest first. */
  get lines(): readonly MessageLine[] {
    return this.#lines.toReversed();
  }

  /** Listens until it has heard enough. */
  listen(runs: Iterable<readonly [number, ObservedRun]>): void {
    this.stop();
    let noted = 0;
    let seen = 0;
    for (const [pipeline, { watch }] of first(runs, AT_A_TIME.pipelines)) {
      const off = watch.on('message', ({ node, message }) => {
        if (node === this.#node) {
          const { id, timestamp: atMs, roots, payload } = message;
          const shown = this.#showsPayloads ? { payload: payloadText(payload) } : {};
          this.#lines.push({ id, atMs, pipeline, roots: roots.length, ...shown });
          if (this.#lines.length > KEPT) this.#lines.shift();
          noted++;
        }
        if (++seen >= AT_A_TIME.seen || noted >= AT_A_TIME.noted) this.stop();
      });
      this.#offs.push(off);
    }
  }

  stop(): void {
    for (const off of this.#offs.splice(0)) off();
  }
}

function* first<T>(all: Iterable<T>, count: number): Generator<T> {
  let taken = 0;
  for (const one of all) {
    if (taken++ >= count) return;
    yield one;
  }
}

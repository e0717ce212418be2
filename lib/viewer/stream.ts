import type { Told } from './protocol.ts';

/** As much of a response as events are written to. */
export interface Sink {
  write(text: string): boolean;
  end(): unknown;
  destroy(): unknown;
  readonly writableNeedDrain: boolean;
}

/** Frames in a row that a page may leave unread before it is given up: about half a minute. */
export const PATIENCE = 80;

/**
 * Server-sent events to one page. What does not read gets nothing: no more than one round of events waits for it, and the
 * next one it is told is the newest. After a while it is given up; a page that still is there connects again.
 */
export class Stream {
  readonly #sink: Sink;
  #missed = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Whether it has taken what it was told; asked once for each round, for it counts those that it missed. */
  takesRound(): boolean {
    if (!this.#sink.writableNeedDrain) {
      this.#missed = 0;
      return true;
    }
    this.#missed++;
    if (this.#missed > PATIENCE) this.#sink.destroy();
    return false;
  }

  tell<Name extends keyof Told>(name: Name, what: Told[Name] | Text<Told[Name]>): void {
    const text = what instanceof Text ? what.json : JSON.stringify(what);
    this.#sink.write(`event: ${name}\ndata: ${text}\n\n`);
  }

  end(): void {
    this.#sink.end();
  }
}

/** What several pages are told, written down once. */
export class Text<T> {
  readonly json: string;

  constructor(what: T) {
    this.json = JSON.stringify(what);
  }
}

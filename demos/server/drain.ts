/** The end of a server: what was accepted is answered, what comes later is refused, and it is over in time. */
import type { ServerResponse } from 'node:http';

export class Drain {
  isDraining = false;
  /** Requests that were let in. */
  accepted = 0;
  /** Of these, those that have ended: answered, or cut off by their client. */
  ended = 0;
  /** Requests that came when it was too late. */
  refused = 0;
  #whenIdle: (() => void) | undefined;

  /** Lets a request in, or refuses it. */
  accept(response: ServerResponse): boolean {
    if (this.isDraining) {
      this.refused++;
      return false;
    }
    this.accepted++;
    response.once('close', () => {
      this.ended++;
      if (this.ended === this.accepted) this.#whenIdle?.();
    });
    return true;
  }

  /** Refuses requests from now on; resolves when all accepted ones have ended, or after `within` ms. */
  begin(within: number): Promise<void> {
    this.isDraining = true;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, within);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.ended === this.accepted) this.#whenIdle();
    });
  }
}

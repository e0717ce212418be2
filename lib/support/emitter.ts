import { EventEmitter } from 'eventemitter3';
import { reportUncaught } from './uncaught.ts';

/**
 * Events by name, each with one payload. A listener that throws is reported as an uncaught error and stops neither its
 * neighbours nor whoever emits.
 */
export class Emitter<Events extends object> {
  readonly #emitter = new EventEmitter<string>();

  /** Returns what takes the listener off again. */
  on<Name extends keyof Events & string>(name: Name, listener: (payload: Events[Name]) => void): () => void {
    const fenced = (payload: Events[Name]): void => {
      try {
        listener(payload);
      } catch (error) {
        reportUncaught(error);
      }
    };
    this.#emitter.on(name, fenced);
    return () => {
      this.#emitter.off(name, fenced);
    };
  }

  emit<Name extends keyof Events & string>(name: Name, payload: Events[Name]): void {
    this.#emitter.emit(name, payload);
  }

  has(name: keyof Events & string): boolean {
    return this.#emitter.listenerCount(name) > 0;
  }
}

import type { Told } from '../protocol.ts';
import { queryOf, type Selected } from './view-state.ts';

/** Who is told what comes. */
export interface Receiver {
  told<Name extends keyof Told>(name: Name, what: Told[Name]): void;
  connection(state: 'connecting' | 'live' | 'lost'): void;
  /** The server is there, and does not let this page in. */
  refused(why: string): void;
}

const NAMES: readonly (keyof Told)[] = ['graph', 'gone', 'frame', 'problems', 'detail'];
const RETRY_MS = 2000;
/** Where the answer was no, asking again will hardly help. */
const REFUSED_MS = 30_000;

/** The line to the server. Nothing comes while nobody sees the page. */
export class Connection {
  readonly #receiver: Receiver;
  #source: EventSource | undefined;
  #selected: Selected | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#hangUp();
      else if (this.#selected !== undefined) this.open(this.#selected);
    });
  }

  open(selected: Selected): void {
    this.#hangUp();
    this.#selected = selected;
    const source = new EventSource(`events?${queryOf(selected)}`);
    this.#source = source;
    for (const name of NAMES) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        if (source !== this.#source) return;
        this.#receiver.connection('live');
        this.#receiver.told(name, JSON.parse(data));
      });
    }
    source.addEventListener('error', () => this.#failed(source, selected));
  }

  #failed(source: EventSource, selected: Selected): void {
    if (source !== this.#source) return;
    this.#receiver.connection('lost');
    // Otherwise the browser itself tries again.
    if (source.readyState !== EventSource.CLOSED) return;
    void this.#findOut(source, selected);
  }

  /** A line that is refused does not say why: the same question, asked otherwise, is answered with it. */
  async #findOut(source: EventSource, selected: Selected): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const why = await fetch(`events?${queryOf(selected)}`, { signal })
      .then((answer) => (answer.ok ? '' : answer.text()))
      .catch(() => '');
    controller.abort();
    if (source !== this.#source) return;
    if (why !== '') this.#receiver.refused(why.trim());
    this.#timer = setTimeout(() => this.open(selected), why === '' ? RETRY_MS : REFUSED_MS);
  }

  #hangUp(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }
}

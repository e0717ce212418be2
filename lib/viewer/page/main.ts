import { h, render } from '../../support/page/preact.ts';
import type { Gone, PauseRequest, Problems } from '../protocol.ts';
import { goneText } from './alerts.ts';
import { App } from './app.ts';
import { Connection } from './connection.ts';
import { place } from './place.ts';
import { hashOf, NOTHING, readHash, type Selected, type ViewState } from './view-state.ts';

const MOST_PROBLEMS = 100;
const NARROW = '(max-width: 700px)';

let state: ViewState = NOTHING;
let isDue = false;

function set(changes: Partial<ViewState>): void {
  state = { ...state, ...changes };
  if (isDue) return;
  isDue = true;
  // Once for all that came in the meantime.
  queueMicrotask(() => {
    isDue = false;
    const root = document.getElementById('app');
    if (root !== null) render(h(App, { state, onOpen, onClose, onPipeline, onPause }), root);
  });
}

const connection = new Connection({
  told(name, what) {
    // A line begins with the graph, and tells all problems anew.
    if (name === 'graph') set({ problems: NOTHING.problems });
    if (name === 'problems') {
      const { count, list } = what as Problems;
      set({ problems: { count, list: [...list, ...state.problems.list].slice(0, MOST_PROBLEMS) } });
      return;
    }
    if (name === 'gone') {
      leave(what as Gone);
      return;
    }
    const isOther = name === 'graph' && JSON.stringify(what) !== JSON.stringify(state.graph);
    set({ [name]: what });
    if (isOther) lay();
  },
  connection(now) {
    if (now === state.connection) return;
    // What it was refused with is past once it is let in.
    set({ connection: now, ...(now === 'live' && { fault: '' }) });
  },
  refused(why) {
    set({ connection: 'refused', fault: why });
  },
});

/** What the address names is not there: it is said, and everything else is shown. */
function leave(gone: Gone): void {
  const { pipeline, node } = state.selected;
  const selected = {
    pipeline: gone.pipeline === null ? pipeline : undefined,
    node: gone.node === null ? node : undefined,
  };
  set({ notice: goneText(gone) });
  history.replaceState(null, '', hashOf(selected));
  show(selected);
}

function lay(): void {
  const { graph } = state;
  if (graph === undefined) return;
  set({ layout: undefined });
  const direction = matchMedia(NARROW).matches ? 'down' : 'right';
  place(graph, direction, (layout) => set({ layout }));
}

/** Who opened the node, to give back the focus. */
let opener: Element | null = null;

function onOpen(node: string): void {
  if (state.selected.node === undefined) opener = document.activeElement;
  select({ ...state.selected, node });
}

function onClose(): void {
  select({ ...state.selected, node: undefined });
  if (opener instanceof HTMLElement || opener instanceof SVGElement) opener.focus();
}

function onPipeline(pipeline: number | undefined): void {
  select({ ...state.selected, pipeline });
}

function onPause(request: PauseRequest): void {
  const headers = { 'content-type': 'application/json' };
  void fetch('pause', { method: 'POST', headers, body: JSON.stringify(request) })
    .then(async (answer) => set({ fault: answer.ok ? '' : (await answer.text()).trim() }))
    .catch(() => set({ fault: 'The viewer could not be reached.' }));
}

function select(selected: Selected): void {
  set({ notice: '' });
  history.pushState(null, '', hashOf(selected));
  show(selected);
}

function show(selected: Selected): void {
  set({ selected, detail: undefined });
  connection.open(selected);
}

// The token has become a cookie: it need not stand in the address.
history.replaceState(null, '', location.pathname + location.hash);
addEventListener('popstate', () => show(readHash(location.hash)));
matchMedia(NARROW).addEventListener('change', lay);
show(readHash(location.hash));

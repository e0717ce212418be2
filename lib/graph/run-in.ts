import { lackOfThreads } from '../support/piscina.ts';
import type { ArgsReader } from './args.ts';
import type { AnyFunction } from './definition.ts';
import { quoted } from './names.ts';
import type { ReadOptions } from './options.ts';
import type { NodeDraft } from './planning.ts';
import type { Report } from './report.ts';
import type { ModuleReference } from './worker-types.ts';
import { sharedWorkers, type WorkerPlan, type Workers } from './workers.ts';

/** Settles whether a node's function runs in a worker thread, reporting what keeps it from that. A default applies where it can. */
export function readWorker(
  { run, module }: { readonly run: AnyFunction | undefined; readonly module: ModuleReference | undefined },
  options: ReadOptions,
  own: ReadOptions,
  workers: Workers | undefined,
  pathOf: (option: string) => string,
  args: ArgsReader,
  report: Report,
): WorkerPlan | undefined {
  const { runIn, transfer } = options;
  if (runIn !== 'worker') {
    if (own.transfer !== undefined && run !== undefined)
      report('option-not-applicable', pathOf('transfer'), "moves nothing without `runIn: 'worker'`");
    return undefined;
  }
  if (run === undefined) return undefined;
  if (module === undefined) {
    if (own.runIn === 'worker') report('option-not-applicable', pathOf('runIn'), NO_MODULE);
    return undefined;
  }
  const lack = lackOfThreads();
  if (lack !== undefined) report('no-workers', pathOf('runIn'), lack);
  for (const name of ['setup', 'teardown'] as const) {
    if (own[name] !== undefined) report('option-not-applicable', pathOf(name), NO_STATE);
  }
  if (!args.isSendable(options.args)) report('bad-option', pathOf('args'), UNSENDABLE);
  const movesInput = transfer === 'input' || transfer === 'both';
  if (movesInput) {
    const path = pathOf('transfer');
    if ((options.retry?.attempts ?? 1) > 1)
      report('option-not-applicable', path, `${MOVED}, and could not be tried again: leave out \`retry\``);
    if (options.onError === 'dead-letter')
      report('option-not-applicable', path, `${MOVED}, and could not become a dead letter`);
  }
  const movesOutput = transfer === 'output' || transfer === 'both';
  const threads = workers ?? sharedWorkers();
  return { ...module, threads, concurrency: AHEAD * threads.threads, movesInput, movesOutput };
}

// As many as there are threads are too few: in order, one that is done waits for those before it, and its thread for another.
const AHEAD = 2;

const NO_MODULE =
  "cannot apply to this function, which another thread has no way to find: export it from a module of its own, and give it as fromModule(new URL('./module.js', import.meta.url))('name')";
const NO_STATE =
  "cannot apply together with `runIn: 'worker'`: the function runs in another thread, which has no `context.state`. Keep it in the module, which each thread loads once";
const UNSENDABLE = "cannot be sent to a worker thread: with `runIn: 'worker'` it must be plain data";
const MOVED = 'cannot apply: an input that moves is gone where it came from';

/** Reports inputs that are to move away from others who have them, too. */
export function checkMoves(nodes: readonly NodeDraft[], report: Report): void {
  for (const node of nodes) {
    const sharer = node.worker?.movesInput === true ? sharerOf(node, nodes) : undefined;
    if (sharer === undefined) continue;
    report(
      'option-not-applicable',
      `nodes.${node.name}.transfer`,
      `cannot apply: what ${quoted(sharer)} sends goes to others, too, and would be gone for them. Set fanOut: 'clone' on it`,
    );
  }
}

/** A node whose values several nodes get, one of which is this one; values pass a subgraph's inlet as they are. */
function sharerOf(
  { inputs }: NodeDraft,
  nodes: readonly NodeDraft[],
  seen: Set<number> = new Set(),
): string | undefined {
  for (const { from } of inputs) {
    if (seen.has(from)) continue;
    seen.add(from);
    const sender = nodes[from] as NodeDraft;
    const { name, kind, run, outputs, fanOut } = sender;
    if (outputs.length > 1 && fanOut !== 'clone') return name;
    const further = kind === 'transform' && run === undefined ? sharerOf(sender, nodes, seen) : undefined;
    if (further !== undefined) return further;
  }
  return undefined;
}

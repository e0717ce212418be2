import { quoted } from '../../graph/names.ts';
import { collectProblems } from '../../graph/report.ts';
import { checkKeys } from '../../graph/unknown-keys.ts';
import { shown } from '../../graph/values.ts';
import { Counter, Gauge, register as globalRegister, type Registry } from '../../support/prom-client.ts';
import { checkGraphs, checkMethod } from '../exporting.ts';
import { INSTRUMENTS, type Instrument } from '../instruments.ts';
import type { Metrics } from '../metrics.ts';
import type { MetricsSnapshot } from '../snapshot.ts';

/** Where metrics are told. */
export interface PrometheusOptions {
  /** The registry of prom-client that is scraped. @default prom-client's global one */
  readonly register?: Registry;
  /** What every name begins with. @default 'sluice_' */
  readonly prefix?: string;
}

/**
 * Has a registry of prom-client tell what is measured, each time it is scraped. Each graph is told by its name, as the label
 * `graph`; durations are in seconds, quantiles are those of the last one to two minutes. Needs prom-client, an optional peer.
 * Returns what takes it out of the registry.
 *
 * @example
 * import { Registry } from 'prom-client';
 * import { inlet, Plumber } from 'sluice';
 * import { measure } from 'sluice/metrics';
 * import { toPrometheus } from 'sluice/metrics/prometheus';
 *
 * const orders = new Plumber({ nodes: { n: inlet<number>(), double: (n: number) => 2 * n }, graph: { n: ['double'] } });
 * const register = new Registry();
 * toPrometheus({ orders: measure(orders) }, { register });
 * await using pipeline = orders.createPipeline();
 * await pipeline.call(21);
 * const text = await register.metrics();
 * console.log(text.split('\n').filter((line) => line.startsWith('sluice_node_sent_total')).join('\n'));
 * // prints: sluice_node_sent_total{graph="orders",node="n"} 1
 * // prints: sluice_node_sent_total{graph="orders",node="double"} 1
 *
 * @throws GraphError if it is given what is not measured, an option has no possible value, or the registry has metrics of these
 *   names already.
 */
export function toPrometheus(
  graphs: Readonly<Record<string, Metrics>>,
  options: PrometheusOptions = {},
): () => void {
  const { report, throwAny } = collectProblems();
  checkGraphs(graphs, report);
  const { register = globalRegister, prefix = 'sluice_' } = checkKeys(
    options,
    ['register', 'prefix'],
    ' like { register }',
    report,
  )
    ? options
    : {};
  checkMethod(register, 'registerMetric', 'options.register', 'a Registry of prom-client', report);
  if (!PREFIX.test(prefix))
    report('bad-option', 'options.prefix', `is ${shown(prefix)}, must be letters, digits, _ and : only`);
  throwAny();
  const names = INSTRUMENTS.map((instrument) => prefix + nameOf(instrument));
  const taken = names.find((name) => register.getSingleMetric(name) !== undefined);
  if (taken !== undefined)
    report('bad-option', 'options.register', `has ${quoted(taken)} already: ${ADVICE}`);
  throwAny();

  const looks = latestOf(graphs);
  const exposed = INSTRUMENTS.map((instrument, place) =>
    expose(instrument, names[place] as string, looks, register),
  );
  return () => {
    // Somebody may have cleared the registry, and filled it with others of these names.
    for (const [place, name] of names.entries())
      if (register.getSingleMetric(name) === exposed[place]) register.removeSingleMetric(name);
  };
}

const PREFIX = /^[A-Za-z_:][\w:]*$/;
const ADVICE = 'give all graphs in one call, or another prefix';

type Looks = () => readonly (readonly [graph: string, snapshot: MetricsSnapshot])[];

/** Takes one snapshot for all instruments that are asked in one go. */
function latestOf(graphs: Readonly<Record<string, Metrics>>): Looks {
  let latest: ReturnType<Looks> | undefined;
  return () => {
    if (latest !== undefined) return latest;
    latest = Object.entries(graphs).map(([graph, metrics]) => [graph, metrics.snapshot()] as const);
    queueMicrotask(() => {
      latest = undefined;
    });
    return latest;
  };
}

function expose(
  { help, kind, labels, read }: Instrument,
  name: string,
  looks: Looks,
  register: Registry,
): Counter | Gauge {
  const told = function* (): Iterable<readonly [Record<string, string>, number]> {
    for (const [graph, snapshot] of looks())
      for (const { labels, value } of read(snapshot)) yield [{ graph, ...labels }, value];
  };
  const configuration = { name, help, labelNames: ['graph', ...labels], registers: [register] };
  if (kind === 'gauge') {
    return new Gauge({
      ...configuration,
      collect() {
        this.reset();
        for (const [labels, value] of told()) this.set(labels, value);
      },
    });
  }
  return new Counter({
    ...configuration,
    collect() {
      this.reset();
      for (const [labels, value] of told()) this.inc(labels, value);
    },
  });
}

/** As Prometheus names things: words with underscores, the unit, and `total` for what only goes up. */
function nameOf({ name, unit, kind }: Instrument): string {
  const words = [name.replaceAll('.', '_')];
  if (unit === 's') words.push('seconds');
  if (kind === 'counter') words.push('total');
  return words.join('_');
}

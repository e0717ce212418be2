import { Counter, Gauge, register as globalRegister, type Registry } from '../../support/prom-client.ts';
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
 * @throws Error if the registry has metrics of these names.
 */
export function toPrometheus(
  graphs: Readonly<Record<string, Metrics>>,
  { register = globalRegister, prefix = 'sluice_' }: PrometheusOptions = {},
): () => void {
  const looks = latestOf(graphs);
  const names = INSTRUMENTS.map((instrument) => expose(instrument, looks, register, prefix));
  return () => {
    for (const name of names) register.removeSingleMetric(name);
  };
}

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

/** Returns the name it has in the registry. */
function expose(instrument: Instrument, looks: Looks, register: Registry, prefix: string): string {
  const { help, kind, labels, read } = instrument;
  const name = prefix + nameOf(instrument);
  const told = function* (): Iterable<readonly [Record<string, string>, number]> {
    for (const [graph, snapshot] of looks())
      for (const { labels, value } of read(snapshot)) yield [{ graph, ...labels }, value];
  };
  const configuration = { name, help, labelNames: ['graph', ...labels], registers: [register] };
  if (kind === 'counter') {
    new Counter({
      ...configuration,
      collect() {
        this.reset();
        for (const [labels, value] of told()) this.inc(labels, value);
      },
    });
  } else {
    new Gauge({
      ...configuration,
      collect() {
        this.reset();
        for (const [labels, value] of told()) this.set(labels, value);
      },
    });
  }
  return name;
}

/** As Prometheus names things: words with underscores, the unit, and `total` for what only goes up. */
function nameOf({ name, unit, kind }: Instrument): string {
  const words = [name.replaceAll('.', '_')];
  if (unit === 's') words.push('seconds');
  if (kind === 'counter') words.push('total');
  return words.join('_');
}

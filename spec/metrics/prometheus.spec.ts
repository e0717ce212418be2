import { Gauge, Registry } from 'prom-client';
import { createPipeline, inlet, Plumber } from 'sluice';
import { type Metrics, measure } from 'sluice/metrics';
import { type PrometheusOptions, toPrometheus } from 'sluice/metrics/prometheus';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';
import { problemsOf } from './problems-of.ts';

const doubling = () =>
  new Plumber({
    nodes: {
      n: inlet<number>(),
      double: (n: number) => {
        if (n < 0) throw new RangeError('below zero');
        return 2 * n;
      },
    },
    graph: { n: ['double'] },
  });

/** The values of a scrape by what stands before them. */
async function scrape(register: Registry): Promise<Record<string, number>> {
  const lines = (await register.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const place = line.lastIndexOf(' ');
      return [line.slice(0, place), Number(line.slice(place + 1))];
    }),
  );
}

describe('toPrometheus', () => {
  it('tells what is measured of several graphs, as it stands at each scrape', async () => {
    const register = new Registry();
    const [one, two] = [doubling(), doubling()];
    toPrometheus({ one: measure(one), two: measure(two) }, { register });
    await using pipeline = one.createPipeline();
    await pipeline.call(1);
    const first = await scrape(register);
    await pipeline.call(2);
    const failure = await rejectionOf(pipeline.call(-1));
    const second = await scrape(register);

    expect(failure).toBeInstanceOf(Error);
    expect(first).toMatchObject({
      'sluice_pipelines_running{graph="one"}': 1,
      'sluice_pipelines_running{graph="two"}': 0,
      'sluice_node_received_total{graph="one",node="double"}': 1,
      'sluice_node_received_total{graph="two",node="double"}': 0,
      'sluice_edge_taken_total{graph="one",from="n",to="double"}': 1,
      'sluice_edge_capacity{graph="one",from="n",to="double"}': 16,
    });
    expect(second).toMatchObject({
      'sluice_node_received_total{graph="one",node="double"}': 3,
      'sluice_node_failed_total{graph="one",node="double"}': 1,
      'sluice_calls_answered_total{graph="one"}': 2,
      'sluice_calls_failed_total{graph="one"}': 1,
    });
    const quantile = 'sluice_node_call_duration_seconds{graph="one",node="double",quantile="0.99"}';
    expect(second[quantile]).toBeGreaterThan(0);
    expect(second[quantile]).toBeLessThan(1);
    // Of what was not timed there are no quantiles.
    expect(second).not.toHaveProperty(quantile.replace('one', 'two'));
  });

  it('names every value with a unit or as a total, in the way of Prometheus', async () => {
    const register = new Registry();
    toPrometheus({ g: measure(doubling()) }, { register, prefix: 'app_' });
    const metrics = await register.getMetricsAsJSON();

    expect(metrics.length).toBeGreaterThan(30);
    for (const { name, help, type } of metrics) {
      expect(name).toMatch(/^app_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(String(type) === 'counter');
      expect(help).toMatch(/\.$/);
    }
  });

  it('is taken out of the registry again, and refuses to be in it twice', async () => {
    const register = new Registry();
    const metrics = measure(createPipeline({ nodes: { s: () => [1], t: () => {} }, graph: { s: ['t'] } }));
    const off = toPrometheus({ g: metrics }, { register });

    const before = register.getMetricsAsArray().length;
    expect(problemsOf(() => toPrometheus({ g: metrics }, { register }))).toEqual([
      'options.register: has `sluice_pipelines_running` already: give all graphs in one call, or another prefix',
    ]);
    expect(register.getMetricsAsArray().length).toBe(before);
    off();
    expect(await register.metrics()).toBe('\n');
    toPrometheus({ g: metrics }, { register });
  });

  it('leaves what others have put into the registry since', () => {
    const register = new Registry();
    const off = toPrometheus({ g: measure(doubling()) }, { register });
    register.clear();
    const own = new Gauge({ name: 'sluice_calls_running', help: 'of somebody else.', registers: [register] });
    off();

    expect(register.getSingleMetric('sluice_calls_running')).toBe(own);
  });

  it('adds nothing where a name is taken, whichever', () => {
    const register = new Registry();
    new Gauge({ name: 'sluice_edge_taken_total', help: 'of somebody else.', registers: [register] });

    expect(problemsOf(() => toPrometheus({ g: measure(doubling()) }, { register }))[0]).toMatch(/edge_taken/);
    expect(register.getMetricsAsArray().length).toBe(1);
  });

  it('refuses what is not measured, and options that are none', () => {
    const register = new Registry();
    const metrics = measure(doubling());
    const of = (graphs: unknown, options?: unknown) =>
      problemsOf(() => toPrometheus(graphs as Record<string, Metrics>, options as PrometheusOptions));

    expect(of(metrics)).toEqual([
      'graphs: is an object, must be an object like { orders: measure(plumber) }',
    ]);
    for (const graphs of [undefined, {}, null]) expect(of(graphs)[0]).toMatch(/^graphs: /);
    expect(of({ x: doubling() }, { register })[0]).toMatch(/^graphs\.x: .*what measure\(\) returns/);
    expect(of({ g: metrics }, { registry: register })[0]).toMatch(/Did you mean `register`/);
    expect(of({ g: metrics }, { register: {} })[0]).toMatch(
      /^options\.register: .*a Registry of prom-client/,
    );
    expect(of({ g: metrics }, { register, prefix: 'my-app_' })).toEqual([
      'options.prefix: is "my-app_", must be letters, digits, _ and : only',
    ]);
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});

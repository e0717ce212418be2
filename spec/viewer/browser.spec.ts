import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createPipeline, inlet, type Pipeline } from 'sluice';
import { serveViewer, type Viewer, type ViewerOptions } from 'sluice/viewer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BOX } from '../../lib/viewer/page/box.ts';
import { assertBuilt } from '../house/repo.ts';
import { type Browser, lackOfChromium, openBrowser } from './chromium.ts';
import { ATTACK, holding, large, stalling, troubled } from './plants.ts';

/** For what comes with one of the next rounds, on a machine that is busy. */
const SOON = { timeout: 20_000 };
/** Where pictures of the pages are kept, if somebody wants to look at them. */
const pictures = process.env.VIEWER_PICTURES;

describe('the page of a viewer, in Chromium', () => {
  const lack = lackOfChromium();
  let browser: Browser;
  let folder: string;
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    assertBuilt();
    folder = pictures ?? mkdtempSync(join(tmpdir(), 'sluice-viewer-'));
    if (lack === undefined) browser = await openBrowser();
  });
  beforeEach(({ skip }) => skip(lack !== undefined, lack));
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
    expect(browser?.faults.splice(0) ?? []).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    if (pictures === undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function serve(pipeline: Pipeline, options?: ViewerOptions): Promise<Viewer> {
    void pipeline.done.catch(() => {});
    ends.push(async () => {
      pipeline.abort();
      await pipeline.done.catch(() => {});
    });
    const viewer = await serveViewer(pipeline, options);
    ends.push(() => viewer.close());
    return viewer;
  }

  async function look(url: string, width = 1360): Promise<Page> {
    const page = await browser.open(url);
    ends.push(() => page.close());
    await page.setViewportSize({ width, height: width < 700 ? 720 : 900 });
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('svg .node').first().waitFor({ timeout: 30_000 });
    return page;
  }

  const picture = (page: Page, name: string) => page.screenshot({ path: join(folder, `${name}.png`) });
  const row = (page: Page, name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) });
  const cell = async (page: Page, name: string, column: number) =>
    (await row(page, name).getByRole('cell').nth(column).textContent()) ?? '';
  /** What a counter of the node that is open says. */
  const counter = async (page: Page, name: string) => {
    const shown = page
      .locator('.counters div')
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator('dd');
    return Number(((await shown.textContent()) ?? '').replace(/,/g, ''));
  };

  it('shows numbers that move', async () => {
    const { url } = await serve(troubled());
    const page = await look(url);

    await row(page, 'slow').getByRole('button').click();
    await page.getByRole('heading', { name: 'Counters' }).waitFor();
    await page.locator('.counters dd').first().waitFor();
    const before = await counter(page, 'processed');

    await expect.poll(() => counter(page, 'processed'), SOON).toBeGreaterThan(before);
    await expect.poll(() => cell(page, 'slow', 1), SOON).toMatch(/^[1-9][\d.k]*\/s$/);
    await expect.poll(() => cell(page, 'slow', 4), SOON).toMatch(/^[\d.]+ (ms|µs|s)$/);
    await expect(page.locator('.chart canvas').count()).resolves.toBe(3);
  });

  it('names the bottleneck, and why, and marks it in the graph', async () => {
    const { url } = await serve(troubled());
    const page = await look(url);
    const alert = page.locator('[data-part="bottleneck"]');

    await expect
      .poll(() => alert.textContent(), SOON)
      .toMatch(/^Bottleneck: slow, full before it: parse -> slow \(8\/8\)/);
    await page.getByRole('button', { name: /^slow: .*, bottleneck$/ }).waitFor();
    const edge = page.locator('.edge title', { hasText: 'parse -> slow: 8/8' });
    await edge.waitFor({ state: 'attached' });
    await picture(page, 'light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'dark');
  });

  it('names a stall and its circle', async () => {
    const pipeline = stalling();
    const { url } = await serve(pipeline);
    const page = await look(url);
    void pipeline.push(1 as never).catch(() => {});

    const alert = page.getByRole('alert');
    await alert.waitFor();

    expect(await alert.textContent()).toMatch(
      /^Stalled at [\d:]+: .*h waits: h -> twice is full \(2\/2\); twice waits: twice -> h is full/,
    );
    await page.getByRole('button', { name: /^h: ended.*, stalled$/ }).waitFor();
    await page.getByRole('button', { name: /^twice: ended.*, stalled$/ }).waitFor();
    await expect(page.locator('.edge.stalled').count()).resolves.toBe(2);
    await page.getByText('Pipeline failed', { exact: true }).first().waitFor();
    await picture(page, 'stall');
  });

  it('pauses a source, which stops, and resumes it', async () => {
    const pipeline = troubled();
    const { url } = await serve(pipeline);
    const page = await look(url);
    const received = () => pipeline.metrics().nodes.numbers?.received ?? 0;

    await row(page, 'numbers').getByRole('button').click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await expect.poll(() => cell(page, 'numbers', 0), SOON).toBe('paused');
    const held = received();
    await expect.poll(() => cell(page, 'numbers', 1), SOON).toBe('0/s');

    expect(received()).toBe(held);
    await picture(page, 'paused');
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(received, SOON).toBeGreaterThan(held);
  });

  it('leads from a failing node to its error, where markup stays text', async () => {
    const { url } = await serve(troubled(), { payloads: true });
    const page = await look(url);

    await expect.poll(() => cell(page, 'picky', 3), SOON).toMatch(/^[1-9]/);
    await page.getByRole('button', { name: /^picky: .* failed/ }).click();
    const panel = page.getByRole('complementary', { name: 'picky' });
    const letter = panel.getByRole('listitem').filter({ hasText: 'Dead letter' }).first();
    await letter.waitFor();

    expect(await letter.textContent()).toContain(`node picky: run failed: ${ATTACK} is not for `);
    expect(await letter.locator('.payload').textContent()).toContain('<script>');
    expect(await letter.locator('pre').textContent()).toContain('plants.ts');
    await expect.poll(() => panel.locator('.messages .payload').count(), SOON).toBeGreaterThan(0);
    await picture(page, 'node');
    const marked = await page.evaluate(() => [
      (globalThis as { hacked?: number }).hacked,
      document.images.length,
      document.scripts.length,
    ]);
    expect(marked).toEqual([undefined, 0, 1]);
  });

  it('shows no payload that was not asked for', async () => {
    const { url } = await serve(troubled());
    const page = await look(url);

    await row(page, 'parse').getByRole('button').click();
    await expect.poll(() => page.locator('.messages li').count(), SOON).toBeGreaterThan(0);

    await expect(page.locator('.payload').count()).resolves.toBe(0);
    await expect(page.locator('.messages').textContent()).resolves.not.toContain('script');
  });

  it('draws 300 nodes, and finds one by name', async () => {
    const { url } = await serve(large(300));
    const page = await look(url);

    await expect(page.locator('svg .node').count()).resolves.toBe(300);
    await page.getByRole('searchbox').fill('NUMBER-299');
    await expect(page.locator('tbody tr').count()).resolves.toBe(1);
    await row(page, 'step-number-299').getByRole('button').click();
    await page.getByRole('heading', { name: 'step-number-299' }).waitFor();
    const node = page.locator('[data-node="step-number-299"]');
    await expect.poll(() => isInSight(node), SOON).toBe(true);
    await expect.poll(() => counter(page, 'received'), SOON).toBeGreaterThan(0);
    await picture(page, 'large');
  });

  it('adds up 200 pipelines of a Plumber, and shows one alone', async () => {
    const plumber = holding();
    const viewer = await serveViewer(plumber);
    ends.push(() => viewer.close());
    const pipelines = Array.from({ length: 200 }, () => plumber.createPipeline());
    ends.push(async () => {
      for (const pipeline of pipelines) pipeline.abort();
      await Promise.allSettled(pipelines.map(({ done }) => done));
    });
    for (const pipeline of pipelines)
      for (const n of [1, 2, 3]) void pipeline.push(n as never).catch(() => {});
    const page = await look(viewer.url);

    await page.getByText('Pipelines: 200 running, 0 over (0 failed or aborted)').waitFor();
    await expect.poll(() => cell(page, 'held', 2), SOON).toBe('200');
    await expect.poll(() => cell(page, 'held', 0), SOON).toBe('200 running');
    await page.getByText(/^Bottleneck: .*held.* in 200 pipelines/).waitFor();
    await picture(page, 'plumber');
    await page.getByRole('combobox').selectOption('150');
    await expect.poll(() => cell(page, 'held', 2), SOON).toBe('1');
    pipelines[149]?.abort();
    await page.getByRole('option', { name: 'pipeline 150, aborted' }).waitFor({ state: 'attached' });
    await page.getByText('Pipeline 150 is over: it was aborted. This is its last state.').waitFor();
    await expect(page.getByRole('alert').count()).resolves.toBe(0);
    await expect(page.locator('[data-part="bottleneck"]').count()).resolves.toBe(0);
    // It was offered: its last state is there for whoever comes later, too.
    await page.reload();
    await page.getByText('Pipeline 150 is over: it was aborted. This is its last state.').waitFor();
    await picture(page, 'over');
    await page.getByRole('combobox').selectOption('151');
    await expect.poll(() => cell(page, 'held', 2), SOON).toBe('1');
    await page.goto(`${viewer.url}#pipeline=150`);
    await page.getByRole('button', { name: 'Show all pipelines' }).click();
    await expect.poll(() => cell(page, 'held', 2), SOON).toBe('199');
  });

  it.each([1360, 375])('says what many pipelines do within the boxes, at a width of %d', async (width) => {
    const plumber = holding();
    const viewer = await serveViewer(plumber);
    ends.push(() => viewer.close());
    const pipelines = Array.from({ length: 300 }, () => plumber.createPipeline());
    ends.push(async () => {
      for (const pipeline of pipelines) pipeline.abort();
      await Promise.allSettled(pipelines.map(({ done }) => done));
    });
    for (const pipeline of pipelines.slice(0, 117)) {
      for (const n of [1, 2, 3, 4, 5]) void pipeline.push(n as never).catch(() => {});
    }
    const page = await look(viewer.url, width);

    await expect.poll(() => cell(page, 'held', 0), SOON).toBe('117 running, 183 idle');
    await expect.poll(() => cell(page, 'job', 0), SOON).toBe('117 blocked, 183 idle');
    await page.getByText('117 blocked, 183 idle').first().waitFor();
    const room = await page.locator('svg .node text:not(.mark)').evaluateAll(
      (texts, most) =>
        texts.map((text) => {
          const drawn = text as unknown as { getComputedTextLength(): number; getAttribute(of: 'x'): string };
          return most - Number(drawn.getAttribute('x')) - drawn.getComputedTextLength();
        }),
      BOX.width,
    );
    expect(room.length).toBeGreaterThanOrEqual(6);
    expect(Math.min(...room)).toBeGreaterThanOrEqual(4);
    await picture(page, `states-${width}`);
  });

  it('tells who is held up from who has nothing to do', async () => {
    const { url } = await serve(troubled());
    const page = await look(url);

    await expect.poll(() => cell(page, 'parse', 0), SOON).toBe('blocked');
    await page.getByRole('button', { name: /^parse: blocked/ }).waitFor();
    await expect.poll(() => cell(page, 'store', 0), SOON).toBe('idle');
    const legend = await page.getByLabel('States of nodes').textContent();
    expect(legend).toContain('it waits for room');
    expect(legend).toContain('it has nothing to do');
    const colours = await page.evaluate(() =>
      ['parse', 'store'].map((name) => {
        const stripe = document.querySelector(`[data-node="${name}"] .stripe`);
        return stripe === null ? '' : getComputedStyle(stripe).fill;
      }),
    );
    expect(colours[0]).not.toBe(colours[1]);
  });

  it.each(['nosuch', '%E0%A4%A', '%3Cimg%20src=x%3E'])(
    'says that the node of its address is none, and goes on: %s',
    async (name) => {
      const { url } = await serve(troubled());
      const page = await look(`${url}#node=${name}`);

      await page.getByText(/^The graph has no node ".*"\.$/).waitFor();
      expect(page.url()).not.toContain('node=');
      await expect.poll(() => cell(page, 'parse', 1), SOON).toMatch(/^[1-9]/);
      await expect(page.getByRole('alert').count()).resolves.toBe(0);
    },
  );

  it('shows the other graph after a restart with another one', async () => {
    const first = await serve(troubled());
    const { port } = new URL(first.url);
    const page = await look(`${first.url}#node=slow`);
    await page.getByRole('complementary', { name: 'slow' }).waitFor();
    await first.close();
    await page.getByText('Connection lost').waitFor();

    await serve(stalling(), { port: Number(port) });

    await page.getByText('The graph has no node "slow".').waitFor(SOON);
    await page.locator('[data-node="twice"]').waitFor(SOON);
    await expect(page.locator('[data-node="slow"]').count()).resolves.toBe(0);
    await page.getByText('Live', { exact: true }).waitFor();
    browser.faults.length = 0;
  });

  it('says that another token is wanted after a restart with another one, and seldom asks again', async () => {
    const pipeline = troubled();
    const first = await serve(pipeline, { token: 'a-token-of-the-spec' });
    const { port } = new URL(first.url);
    const page = await look(first.url);
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes('/events')) asked++;
    });
    await page.clock.install();
    await first.close();
    await serve(pipeline, { port: Number(port), token: 'another-token-of-it' });

    await page.getByText('The token is missing or wrong.').waitFor(SOON);
    await page.getByText('Not let in. Trying again now and then').waitFor();
    const before = asked;
    await page.clock.runFor(20_000);
    expect(asked).toBe(before);
    await page.clock.runFor(20_000);
    await expect.poll(() => asked, SOON).toBeGreaterThan(before);
    await page.close();
    browser.faults.length = 0;
  });

  it('says that a pipeline is over, and no more of bottlenecks', async () => {
    const pipeline = createPipeline({ nodes: { few: () => [1, 2], end: () => {} }, graph: { few: ['end'] } });
    const { url } = await serve(pipeline as Pipeline);
    await pipeline.done;
    const page = await look(url);

    await page.getByText('The pipeline is over: it ended in good order. This is its last state.').waitFor();
    await expect(page.getByText('bottleneck').count()).resolves.toBe(0);
    await expect(page.getByRole('alert').count()).resolves.toBe(0);
  });

  it('says what a pipeline has failed with first', async () => {
    const pipeline = createPipeline({
      nodes: {
        few: () => [1],
        bad: () => {
          throw new Error('no such customer');
        },
      },
      graph: { few: ['bad'] },
    });
    const { url } = await serve(pipeline as Pipeline);
    await pipeline.done.catch(() => {});
    const page = await look(url);

    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(
      /^Failed: node bad: run failed: no such customer\. The pipeline is over/,
    );
    await expect(page.getByText('bottleneck').count()).resolves.toBe(0);
    await picture(page, 'failed');
  });

  it('says whether calls, messages or pipelines are counted, and since when', async () => {
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        picky: (n: number) => {
          if (n % 2 === 0) throw new Error('even');
        },
      },
      graph: { n: ['picky'] },
    });
    const calls = () => Promise.allSettled(Array.from({ length: 2000 }, (_, n) => pipeline.call(n)));
    await calls();
    const { url } = await serve(pipeline as Pipeline);
    await calls();
    const page = await look(url);

    await page.getByText(/^Calls: 1,000 answered, 1,000 failed, p50 .*, p99 /).waitFor();
    await expect.poll(() => cell(page, 'picky', 3), SOON).toBe('1,000');
    await page.getByText('1,000 messages failed', { exact: true }).first().waitFor();
    await page
      .getByText(/1,000 since [\d:]+, when this viewer began to look; 1,000 messages failed before/)
      .waitFor();
  });

  it('fits a phone', async () => {
    const { url } = await serve(troubled());
    const page = await look(url, 375);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

    await expect.poll(() => cell(page, 'picky', 3), SOON).toMatch(/^[1-9]/);
    expect(await overflow()).toBe(0);
    await picture(page, 'phone');
    await row(page, 'picky').getByRole('button').click();
    await page
      .getByRole('complementary')
      .getByRole('listitem')
      .filter({ hasText: 'Dead letter' })
      .first()
      .waitFor();
    expect(await overflow()).toBe(0);
    await picture(page, 'phone-node');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('complementary').waitFor({ state: 'detached' });
  });

  it('is used with the keyboard alone', async () => {
    const { url } = await serve(troubled());
    const page = await look(url);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-node') ?? '');

    for (let presses = 0; (await focused()) === '' && presses < 30; presses++)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe('numbers');
    // Tab goes on to the table; arrows go from node to node.
    for (let presses = 0; (await focused()) !== 'picky' && presses < 10; presses++)
      await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('picky');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'picky' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('picky');
    await page.keyboard.press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    expect(await focused()).toBe('picky');
  });

  it('keeps what is open in its address, and the token out of it', async () => {
    const { url } = await serve(troubled(), { token: 'a-token-of-the-spec' });
    const page = await look(url);

    await row(page, 'slow').getByRole('button').click();
    await page.getByRole('complementary', { name: 'slow' }).waitFor();
    expect(page.url()).toBe(`${new URL(url).origin}/#node=slow`);
    await page.reload();
    await page.getByRole('complementary', { name: 'slow' }).waitFor();
    await page.goBack();
    await page.getByRole('complementary').waitFor({ state: 'detached' });
  });

  it('says that the viewer is gone', async () => {
    const viewer = await serve(troubled());
    const page = await look(viewer.url);

    await viewer.close();

    await page.getByText('Connection lost').waitFor();
    // That it could not be reached any more is what the browser noted.
    browser.faults.length = 0;
    await page.close();
  });
});

async function isInSight(node: ReturnType<Page['locator']>): Promise<boolean> {
  return node.evaluate((element) => {
    const box = element.getBoundingClientRect();
    const area = element.closest('.drawing')?.getBoundingClientRect();
    return area !== undefined && box.left >= area.left && box.right <= area.right;
  });
}

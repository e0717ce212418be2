/**
 * A crawler over a site whose links lead round in circles, four pages at a time. The links of a page go back to the start
 * by a feedback edge; the run ends when every page has been seen and nothing is under way. One page may have many links,
 * so that edge is unbounded. The site is served by this script itself, on a free port.
 *
 * Run: npx tsx demos/09-crawl.ts
 *
 * Prints:
 *   / links to 3, /a links to 2, /a/1 links to 1, /b links to 2, /c links to 2, /lost is 404
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPipeline } from 'sluice';

const site: Readonly<Record<string, readonly string[]>> = {
  '/': ['/a', '/b', '/c'],
  '/a': ['/', '/a/1'],
  '/a/1': ['/a'],
  '/b': ['/a', '/c'],
  '/c': ['/b', '/lost'],
};

const server = createServer(({ url = '' }, response) => {
  const links = site[url]?.map((link) => `<a href="${link}">`);
  response.writeHead(links === undefined ? 404 : 200).end(links?.join(''));
});
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const { port } = server.address() as AddressInfo;

interface Page {
  readonly path: string;
  readonly status: number;
  readonly links: readonly string[];
}

const seen = new Set<string>();

const pipeline = createPipeline({
  nodes: {
    start: () => ['/'],
    // Each path once, whether it comes from outside or back.
    fresh: {
      run: (path: string) => {
        if (seen.has(path)) return null;
        seen.add(path);
        return path;
      },
      aggregateInputs: false,
    },
    page: { run: load, concurrency: 4 },
    links: { run: ({ links }: Page) => links, many: true },
    report: ({ path, status, links }: Page) =>
      status === 200 ? `${path} links to ${links.length}` : `${path} is ${status}`,
  },
  graph: {
    start: ['fresh'],
    fresh: ['page'],
    page: ['links', 'report'],
    links: [{ to: 'fresh', feedback: true, queueSize: Number.POSITIVE_INFINITY }],
  },
});

async function load(path: string): Promise<Page> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const html = await response.text();
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link as string);
  return { path, status: response.status, links };
}

const lines: string[] = [];
for await (const line of pipeline) lines.push(line);
console.log(lines.sort().join(', '));
server.close();
server.closeAllConnections();

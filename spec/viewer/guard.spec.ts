import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createPipeline, type GraphError, inlet, type Pipeline } from 'sluice';
import { atRest } from 'sluice/testing';
import { serveViewer, type Viewer, type ViewerOptions } from 'sluice/viewer';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readAssets } from '../../lib/viewer/assets.ts';
import { isLoopback } from '../../lib/viewer/guard.ts';
import { assertBuilt } from '../house/repo.ts';
import { ask } from './http.ts';

const token = 'a-token-of-the-spec';
const json = { 'content-type': 'application/json' };
const pauseWord = { path: '/pause', method: 'POST', body: '{"node":"word","paused":true}' };

describe('a viewer', () => {
  const open: { viewer: Viewer; pipeline: Pipeline<{ word: string }, { upper: string }> }[] = [];
  beforeAll(assertBuilt);
  afterEach(async () => {
    for (const { viewer, pipeline } of open.splice(0)) {
      await viewer.close();
      await pipeline.stop();
    }
  });

  async function serve(options?: ViewerOptions): Promise<{ url: string; host: string }> {
    const pipeline = createPipeline({
      nodes: { word: inlet<string>(), upper: (word: string) => word.toUpperCase() },
      graph: { word: ['upper'] },
    });
    const viewer = await serveViewer(pipeline, options);
    open.push({ viewer, pipeline });
    return { url: viewer.url, host: new URL(viewer.url).host };
  }

  it('is served on a loopback address, and nowhere else, if nothing else is said', async () => {
    const { url } = await serve();

    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(new URL(url).search).toBe('');
    expect((await ask(url)).status).toBe(200);
  });

  it.each(['/', '/page.js', '/events', '/icon.svg'])('refuses another Host: %s', async (path) => {
    const { url, host } = await serve();
    const port = new URL(url).port;

    const statuses = async (...hosts: string[]) =>
      Promise.all(hosts.map(async (name) => (await ask(url, { path, headers: { host: name } })).status));

    expect(await statuses('evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`)).toEqual([
      403, 403, 403,
    ]);
    expect(await statuses(`localhost.evil.example`, '10.0.0.1', `[::2]:${port}`)).toEqual([403, 403, 403]);
    expect(await statuses(host, `localhost:${port}`, `[::1]:${port}`)).toEqual([200, 200, 200]);
  });

  it('refuses another Origin, whatever is asked', async () => {
    const { url, host } = await serve();
    const from = async (origin: string, path: string) =>
      (await ask(url, { path, headers: { origin } })).status;

    for (const path of ['/', '/events', '/page.js']) {
      expect(await from('http://evil.example', path)).toBe(403);
      expect(await from('null', path)).toBe(403);
      expect(await from(`https://${host}`, path)).toBe(403);
      expect(await from(`http://${host}`, path)).toBe(200);
    }
  });

  it('lets nothing be changed but by a POST that says it comes from its own page', async () => {
    const { url, host } = await serve();
    const origin = `http://${host}`;
    const post = async (headers: Record<string, string>) =>
      (await ask(url, { ...pauseWord, headers: { ...json, ...headers } })).status;

    expect(await post({})).toBe(403);
    expect(await post({ origin: 'http://evil.example' })).toBe(403);
    expect(await post({ origin, 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await post({ origin, 'content-type': 'text/plain' })).toBe(400);
    expect((await ask(url, { ...pauseWord, method: 'GET', headers: { ...json, origin } })).status).toBe(404);
    expect((await ask(url, { ...pauseWord, method: 'PUT', headers: { ...json, origin } })).status).toBe(405);
    expect(await post({ origin })).toBe(204);
  });

  it('is led to by links of other sites, which get at nothing else', async () => {
    const { url } = await serve();
    const from = async (path: string, site: string) =>
      (await ask(url, { path, headers: { 'sec-fetch-site': site } })).status;

    expect(await from('/', 'cross-site')).toBe(200);
    expect(await from('/events', 'cross-site')).toBe(403);
    expect(await from('/events', 'same-site')).toBe(403);
    expect(await from('/events', 'same-origin')).toBe(200);
  });

  it('demands the token that it was given, everywhere', async () => {
    const { url, host } = await serve({ token });
    const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });

    for (const path of ['/', '/page.js', '/page.css', '/layout.js', '/events']) {
      expect((await ask(url, { path })).status).toBe(401);
      expect((await ask(url, { path, ...bearer(`${token}x`) })).status).toBe(401);
      expect((await ask(url, { path, ...bearer(token) })).status).toBe(200);
    }
    const headers = { ...json, origin: `http://${host}` };
    expect((await ask(url, { ...pauseWord, headers })).status).toBe(401);
    expect((await ask(url, { ...pauseWord, headers: { ...headers, ...bearer(token).headers } })).status).toBe(
      204,
    );
  });

  it('takes the token as part of its address, and has the browser keep what stands for it', async () => {
    const { url } = await serve({ token });

    const { status, headers } = await ask(url, { path: `/?token=${token}` });
    const [cookie = ''] = headers['set-cookie'] ?? [];
    const kept = { cookie: `other=1; ${cookie.split(';')[0]}` };

    expect(url).toMatch(new RegExp(`/\\?token=${token}$`));
    expect(status).toBe(200);
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(cookie).not.toContain(token);
    expect((await ask(url, { path: '/events', headers: kept })).status).toBe(200);
    expect((await ask(url, { path: '/events', headers: { cookie: `${kept.cookie}x` } })).status).toBe(401);
    expect((await ask(url, { path: `/events?token=${token}` })).status).toBe(401);
    expect((await ask(url, { path: '/?token=wrong' })).status).toBe(401);
  });

  it('makes a token where others can reach it, another each time', async () => {
    const [one, other] = [await serve({ host: '0.0.0.0' }), await serve({ host: '0.0.0.0' })];
    const [first, second] = [one, other].map(({ url }) => new URL(url).searchParams.get('token'));

    expect(first).toMatch(/^[\w-]{32}$/);
    expect(second).not.toBe(first);
    const local = `http://127.0.0.1:${new URL(one.url).port}`;
    expect((await ask(local)).status).toBe(401);
    expect((await ask(local, { path: `/?token=${first}` })).status).toBe(200);
    const headers = { host: 'evil.example', authorization: `Bearer ${first}` };
    expect((await ask(local, { headers })).status).toBe(403);
  });

  it.each<[string, object]>([
    ['options.token', { token: '' }],
    ['options.token', { token: 'too-short-a-one' }],
    ['options.token', { token: 'with a space in it!' }],
    ['options.token', { token: 'a-token;of-the-spec' }],
    ['options.port', { port: 70_000 }],
    ['options.port', { port: '80' }],
    ['options.host', { host: '' }],
    ['options.host', { host: 'a b' }],
    ['options.payloads', { payloads: 'yes' }],
    ['options.prot', { prot: 80 }],
    ['options.origin', { origin: 'viewer.example.org' }],
    ['options.origin', { origin: 'ftp://viewer.example.org' }],
    ['options.origin', { origin: 'https://viewer.example.org/path' }],
    ['options.origin', { origin: 'https://viewer.example.org/?a=b' }],
    ['options.origin', { origin: 'https://viewer.example.org/#a' }],
    ['options.origin', { origin: 'https://user:of-the-spec@viewer.example.org' }],
    ['options.origin', { origin: '' }],
    ['options.origin', { origin: 7 }],
    ['options.origin', { origin: new URL('https://viewer.example.org') }],
  ])('says what is wrong with %s: %o', async (path, options) => {
    const problems = await serve(options).catch((error: GraphError) => error.problems);

    expect(problems).toMatchObject([{ path }]);
    expect(JSON.stringify(problems)).not.toContain('of-the-spec');
  });

  it.each<[string, unknown]>([
    ['a port', 8080],
    ['null', null],
    ['a list', [8080]],
    ['a text', ':8080'],
  ])('says what options must be if they are %s', async (_, options) => {
    const error = await serve(options as ViewerOptions).catch((reason: GraphError) => reason);

    expect(error).toMatchObject({ code: 'GRAPH', problems: [{ path: 'options' }] });
    expect(String(error)).toContain('must be an object, such as { port: 8080 }');
  });

  it('says how long a token is that is too short, and not which', async () => {
    await expect(serve({ token: 'too-short-a-one' })).rejects.toThrow(
      /has a length of 15, must be at least 16/,
    );
    await expect(serve({ token: 12_345 as never })).rejects.not.toThrow('12345');
  });

  it('says that there is nothing to look at', async () => {
    await expect(serveViewer({} as never)).rejects.toMatchObject({ problems: [{ path: 'target' }] });
  });

  it('tells browsers to load nothing from elsewhere, to show it in no frame, and to guess no types', async () => {
    const { url } = await serve();

    for (const path of ['/', '/page.js', '/events', '/not-there']) {
      const { headers } = await ask(url, { path });
      const policy = String(headers['content-security-policy']);

      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|data:|http/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
    }
  });

  it.each([
    ['no JSON', '{"node":'],
    ['nothing', 'null'],
    ['no such node', '{"node":"toString","paused":true}'],
    ['a node that is no source', '{"node":"upper","paused":true}'],
    ['no word on what is to be', '{"node":"word"}'],
    ['a pipeline that is no number', '{"node":"word","paused":true,"pipeline":"1"}'],
    ['too much', `{"node":"word","paused":true,"more":"${'x'.repeat(5000)}"}`],
  ])('does not pause on: %s', async (_, body) => {
    const { url, host } = await serve();
    const headers = { ...json, origin: `http://${host}` };

    expect((await ask(url, { ...pauseWord, body, headers })).status).toBe(400);
  });

  it('pauses what is there, and tells where there is nothing', async () => {
    const { url, host } = await serve();
    const headers = { ...json, origin: `http://${host}` };
    const post = async (body: object) =>
      (await ask(url, { ...pauseWord, body: JSON.stringify(body), headers })).status;

    expect(await post({ node: 'word', pipeline: 7, paused: true })).toBe(404);
    expect(await post({ node: 'word', pipeline: 1, paused: true })).toBe(204);

    const call = open[0]?.pipeline.call('up');
    await atRest();
    expect(open[0]?.pipeline.metrics().nodes.word?.received).toBe(0);

    // What it has paused goes on when it is closed.
    await open[0]?.viewer.close();
    expect(await call).toEqual({ upper: ['UP'] });
  });

  it.each(['/events/x', '/%2e%2e/package.json', '/none'])('has nothing at %s', async (path) => {
    const { url } = await serve();

    expect((await ask(url, { path })).status).toBe(404);
  });

  it('answers what only asks for the head of its page', async () => {
    const { url } = await serve();

    const { status, headers, body } = await ask(url, { method: 'HEAD' });

    expect([status, headers['content-type'], body]).toEqual([200, 'text/html; charset=utf-8', '']);
    expect((await ask(url, { method: 'HEAD', path: '/events' })).status).toBe(404);
  });

  it('has the address of the host that it was given', async () => {
    const { url } = await serve({ host: 'localhost', token });

    expect(new URL(url).hostname).toBe('localhost');
    expect((await ask(url, { path: `/?token=${token}` })).status).toBe(200);
  });

  it.each(['https://viewer.example.org', 'https://Viewer.example.org:443/'])(
    'is served as %s by a proxy that speaks TLS',
    async (given) => {
      const port = await freePort();
      const origin = 'https://viewer.example.org';
      const { url } = await serve({ port, token, origin: given });
      const local = `http://127.0.0.1:${port}`;
      const own = { host: 'viewer.example.org', origin };

      const { status, headers } = await ask(local, { path: `/?token=${token}`, headers: own });
      const cookie = String(headers['set-cookie']?.[0]).split(';', 1)[0] as string;

      expect(url).toBe(`${origin}/?token=${token}`);
      expect(status).toBe(200);
      expect(headers['set-cookie']?.[0]).toContain('; Secure');
      const posted = await ask(local, { ...pauseWord, headers: { ...json, ...own, cookie } });
      expect(posted.status).toBe(204);
    },
  );

  it('says where a port is taken', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);

    await expect(serve({ port })).rejects.toMatchObject({
      message: expect.stringMatching(/^options\.port: .*\(EADDRINUSE\).* port: 0 /),
      cause: { code: 'EADDRINUSE' },
    });
  });

  it('says where a host is none of this machine', async () => {
    const error = await serve({ host: '192.0.2.1', port: 0, token }).catch((reason: Error) => reason);

    expect(error).toMatchObject({
      message: expect.stringMatching(/^options\.host: 192\.0\.2\.1 is no address of this machine \(E/),
      cause: { code: 'EADDRNOTAVAIL' },
    });
  });
});

/** One that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the files of the page', () => {
  it('are missed where a bundler has left them behind', async () => {
    const elsewhere = new URL('./nowhere/', import.meta.url);

    await expect(readAssets(elsewhere)).rejects.toThrow('keep sluice out of bundles');
  });
});

describe('a loopback address', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '128.0.0.1', '127.example.org', 'localhost.example.org', ''])(
    'is not %s',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

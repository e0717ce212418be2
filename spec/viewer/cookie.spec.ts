import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Guard, type Knock, tokenFor } from '../../lib/viewer/guard.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return { ...crypto, createHash: vi.fn(crypto.createHash) };
});

const token = 'a-token-of-the-spec';
const at = { host: '127.0.0.1', port: 8080, token } as const;
const host = '127.0.0.1:8080';
const knock = (headers: Knock['headers'], url = '/events'): Knock => ({
  ...{ method: 'GET', url },
  headers: { host, ...headers },
});
const kept = (guard: Guard): string => String(guard.cookie).split(';', 1)[0] as string;

describe('a cookie', () => {
  const guard = new Guard(at);
  const cookie = kept(guard);
  afterEach(() => vi.mocked(createHash).mockClear());

  it('is found wherever it stands among others', () => {
    const other = fc.string({ unit: fc.constantFrom('a', '=', ' ', 's', '-', '8'), maxLength: 12 });

    fc.assert(
      fc.property(
        fc.array(other),
        fc.array(other),
        fc.constantFrom(';', '; ', ';  '),
        (before, after, parted) => {
          const all = [...before, cookie, ...after].join(parted);

          expect(guard.refusal(knock({ cookie: all }))).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    ['with more at its end', `${cookie}x`],
    ['with less', cookie.slice(0, -1)],
    ['with another name that ends like it', `x${cookie}`],
    ['as what another one holds', `other=${cookie}`],
    ['as what another one holds, parted by a blank', `other= ${cookie}`],
    ['of another port', cookie.replace('8080', '8081')],
    ['that is the token', `${cookie.split('=')[0]}=${token}`],
    ['that is empty', `${cookie.split('=')[0]}=`],
    ['with nothing', ''],
    ['in a header that is longer than all that a browser would send', `${'a=b; '.repeat(4000)}${cookie}`],
  ])('does not count: %s', (_, all) => {
    expect(guard.refusal(knock({ cookie: all }))).toMatchObject({ status: 401 });
  });

  it.each([
    ['nothing but semicolons', ';'.repeat(15_000)],
    ['many others', 'a=b; '.repeat(1600)],
    ['many of its name', `${cookie}x; `.repeat(100)],
  ])('costs one comparison: %s', (_, all) => {
    expect(guard.refusal(knock({ cookie: all }))).toMatchObject({ status: 401 });

    expect(vi.mocked(createHash).mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('costs one comparison, whatever the address asks for', () => {
    expect(guard.refusal(knock({}, `/?${'token=x&'.repeat(1500)}`))).toMatchObject({ status: 401 });
    expect(guard.refusal(knock({}, `/?${'&'.repeat(15_000)}`))).toMatchObject({ status: 401 });
    expect(guard.refusal(knock({}, `/?a=b&token=${token}&c`))).toBeUndefined();
    expect(guard.refusal(knock({}, `/?token=${token.replaceAll('-', '%2D')}`))).toBeUndefined();

    expect(vi.mocked(createHash).mock.calls.length).toBeLessThanOrEqual(6);
  });
});

describe('a viewer behind a proxy that speaks TLS', () => {
  const origin = 'https://viewer.example.org';
  const guard = new Guard({ ...at, origin });
  const bearer = { authorization: `Bearer ${token}` };
  const status = (method: string, headers: Knock['headers']) =>
    guard.refusal({ method, url: method === 'POST' ? '/pause' : '/', headers: { ...bearer, ...headers } })
      ?.status;

  it('is reached by the public name, and by the one that the proxy knows', () => {
    for (const name of ['viewer.example.org', 'viewer.example.org:443', 'Viewer.Example.Org', host])
      expect(status('GET', { host: name })).toBeUndefined();
    for (const name of ['evil.example', 'viewer.example.org.evil.example', 'example.org', '10.0.0.1'])
      expect(status('GET', { host: name })).toBe(403);
  });

  it.each(['viewer.example.org', host])('lets its page change things, and no other: %s', (name) => {
    expect(status('POST', { host: name, origin })).toBeUndefined();
    for (const other of [
      'http://viewer.example.org',
      'https://viewer.example.org:8443',
      'https://evil.example',
      `http://${host}`,
      `https://${host}`,
      'null',
      undefined,
    ])
      expect(status('POST', { host: name, origin: other })).toBe(403);
    expect(status('POST', { host: name, origin, 'sec-fetch-site': 'cross-site' })).toBe(403);
  });

  it('has browsers send its cookie over TLS alone', () => {
    expect(guard.cookie).toMatch(/; Secure(;|$)/);
    expect(new Guard({ ...at, origin: 'http://viewer.example.org' }).cookie).not.toContain('Secure');
    expect(new Guard(at).cookie).not.toContain('Secure');
  });

  it('demands a token, for others reach it', () => {
    expect(tokenFor('127.0.0.1', undefined, origin)).toMatch(/^[\w-]{32}$/);
    expect(tokenFor('127.0.0.1', undefined, 'https://localhost:8443')).toBeUndefined();
    expect(tokenFor('127.0.0.1', undefined, 'https://[::1]:8443')).toBeUndefined();
    expect(tokenFor('127.0.0.1', token, origin)).toBe(token);
    expect(tokenFor('127.0.0.1', undefined)).toBeUndefined();
  });
});

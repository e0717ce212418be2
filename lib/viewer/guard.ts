import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** As much of a request as is looked at before it is let in. */
export interface Knock {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Why a request is not let in. */
export interface Refusal {
  readonly status: 401 | 403 | 405;
  readonly text: string;
}

/** Whether what binds to this host can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The token that requests have to bring: the one given, or one made at random where others can reach the port. */
export function tokenFor(host: string, given: string | undefined): string | undefined {
  return given ?? (isLoopback(host) ? undefined : randomBytes(24).toString('base64url'));
}

/**
 * Who may come in. A page of another site can send requests to this port from its visitors' browser, so each has to name
 * this host (a name of the site's own that now leads here would make the two one origin), come from no other origin, and
 * bring the token, if there is one.
 */
export class Guard {
  readonly #host: string;
  readonly #token: string | undefined;
  /** Cookies are the same for all ports of a host. */
  readonly #cookieName: string;

  constructor(host: string, port: number, token: string | undefined) {
    this.#host = host;
    this.#token = token;
    this.#cookieName = `sluice-viewer-${port}`;
  }

  /** Why this one is not let in; `undefined` if it is. */
  refusal({ method, url, headers }: Knock): Refusal | undefined {
    const { host, origin } = headers;
    if (typeof host !== 'string' || !this.#isOurs(host))
      return { status: 403, text: 'This is not the host that the viewer was asked to serve.' };
    if (!['GET', 'HEAD', 'POST'].includes(method))
      return { status: 405, text: 'GET, HEAD and POST are known.' };
    const isForeign = origin !== undefined && origin !== `http://${host}`;
    if (isForeign || (method === 'POST' && origin === undefined))
      return { status: 403, text: 'This comes from another origin.' };
    const site = headers['sec-fetch-site'];
    // A link on another site may lead to the page, and to nothing else.
    if ((site === 'cross-site' || site === 'same-site') && (method === 'POST' || pathOf(url) !== '/'))
      return { status: 403, text: 'This comes from another site.' };
    if (this.#token !== undefined && !this.#brings(this.#token, url, headers))
      return {
        status: 401,
        text: 'The token is missing or wrong. The address that serveViewer gave has it.',
      };
    return undefined;
  }

  /** What has the browser bring the token from now on; `undefined` if there is none to bring. */
  get cookie(): string | undefined {
    if (this.#token === undefined) return undefined;
    return `${this.#cookieName}=${digest(this.#token)}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** A name would have to be looked up, and whoever answers for it can lead it here: none but ours is. */
  #isOurs(header: string): boolean {
    const name = header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
    if (isLoopback(this.#host)) return isLoopback(name);
    return isIP(name) !== 0 || [this.#host, 'localhost', hostname()].includes(name);
  }

  #brings(token: string, url: string, headers: Knock['headers']): boolean {
    const { authorization, cookie } = headers;
    const bearer = /^Bearer (.+)$/i.exec(String(authorization ?? ''))?.[1];
    if (bearer !== undefined) return areSame(bearer, token);
    if (pathOf(url) === '/') {
      const asked = new URLSearchParams(url.split('?')[1]).get('token');
      if (asked !== null) return areSame(asked, token);
    }
    const kept = String(cookie ?? '').split(/; */);
    return kept.some((one) => areSame(one, `${this.#cookieName}=${digest(token)}`));
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] as string;
}

/** In a time that tells nothing of where they differ. */
function areSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}

/** What the cookie holds: nobody who finds it has the token. */
function digest(token: string): string {
  return createHash('sha256').update(`cookie ${token}`).digest('base64url');
}

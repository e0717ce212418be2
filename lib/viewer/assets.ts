import { readFile } from 'node:fs/promises';

/** A file that pages are made of. */
export interface Asset {
  readonly type: string;
  readonly body: string | Uint8Array;
}

// Reached by the same steps from the sources and from what they are built to.
const BUILT = new URL('../../dist/viewer/', import.meta.url);

const HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sluice viewer</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
<noscript>The viewer needs JavaScript.</noscript>
<div id="app"></div>
</html>
`;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="3" fill="#0b6bcb"/>
<path d="M3 5h4l2 6h4M3 11h4" stroke="#fff" stroke-width="2" fill="none"/>
</svg>
`;

/**
 * All that is served but for what happens, by its path.
 *
 * @param folder where the files are that the page was built to
 * @throws Error if they are not there
 */
export async function readAssets(folder: URL = BUILT): Promise<ReadonlyMap<string, Asset>> {
  const built = async (name: string, type: string): Promise<[string, Asset]> => {
    const body = await readFile(new URL(name, folder)).catch((cause) => {
      throw new Error(`${name} of the viewer is not where it was built to: keep sluice out of bundles`, {
        cause,
      });
    });
    return [`/${name}`, { type, body }];
  };
  return new Map<string, Asset>([
    ['/', { type: 'text/html; charset=utf-8', body: HTML }],
    ['/icon.svg', { type: 'image/svg+xml', body: ICON }],
    await built('page.js', 'text/javascript; charset=utf-8'),
    await built('layout.js', 'text/javascript; charset=utf-8'),
    await built('page.css', 'text/css; charset=utf-8'),
  ]);
}

/** The files of the dashboard: its own, those compiled from TypeScript, and the libraries it uses, from where npm put them. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RadonError } from '../problem/error.ts';
import type { HttpReply } from './message.ts';

const own = fileURLToPath(new URL('../../dashboard/', import.meta.url));
const compiled = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing comes from elsewhere, nothing stands in the page itself, nobody frames it. */
const headers = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** A file by its path below `/dashboard`; RadonError NOT_FOUND. */
export async function dashboardFile(path: readonly string[]): Promise<HttpReply> {
  const name = path.join('/');
  const file = placeOf(name);
  const type = mediaTypes[extname(file ?? '')];
  try {
    if (file !== undefined && type !== undefined)
      return { status: 200, headers: { ...headers, 'content-type': type }, body: await readFile(file) };
  } catch {
    // It is not there.
  }
  throw new RadonError('NOT_FOUND', { name: `/dashboard/${name}`.slice(0, 200) });
}

/** Names without dots but the last: no path leads out of these folders. */
function placeOf(name: string): string | undefined {
  const library = libraries.get(name);
  if (library !== undefined) return join(packageFolder(library[0]), library[1]);
  const [, cborg] = /^cborg\/((?:lib\/)?[\w-]+\.js)$/.exec(name) ?? [];
  if (cborg !== undefined) return join(packageFolder('cborg'), cborg);
  if (/^[\w-]+\.(html|css|svg)$/.test(name)) return join(own, name);
  return /^[\w-]+\.js$/.test(name) ? join(compiled, name) : undefined;
}

const libraries: ReadonlyMap<string, readonly [packageName: string, file: string]> = new Map([
  ['uplot.js', ['uplot', 'dist/uPlot.esm.js']],
  ['uplot.css', ['uplot', 'dist/uPlot.min.css']],
]);

/** Where npm put a package, as Node.js looks for it. */
function packageFolder(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder));
  if (found === undefined) throw new RadonError('NOT_FOUND', { name });
  return found;
}

/** Methods of a node's own resources (docs/reference/wire.md#resources-of-a-node), for the `Allow` of a 405. */

const read = 'GET, HEAD';
const byFirstSegment: Readonly<Record<string, readonly [collection: string, member: string]>> = {
  node: [`${read}, POST`, ''],
  atoms: [read, `${read}, PUT, POST, DELETE`],
  images: ['', `${read}, PUT`],
  io: [read, `${read}, PUT`],
  lease: [`${read}, PUT`, ''],
  log: [read, ''],
  m: ['', 'POST'],
  names: [read, ''],
  time: [`${read}, PUT`, ''],
};

/** Undefined where only the node knows: what atoms serve. */
export function allowedMethods(path: readonly string[]): string | undefined {
  const [first = '', , ...more] = path;
  if (first === '.well-known') return read;
  if (first === 'atoms' && more.length === 1 && more[0] === 'snapshot') return `${read}, PUT`;
  const row = Object.hasOwn(byFirstSegment, first) ? byFirstSegment[first] : undefined;
  if (row === undefined || more.length > 0) return undefined;
  return (path.length === 1 ? row[0] : row[1]) || undefined;
}

/** What can be drawn: observable resources of atoms and channels. */
import type { Link } from './documents.ts';

export interface Reading {
  readonly node: string;
  readonly path: string;
  /** The path below the node, short. */
  readonly label: string;
  readonly title: string;
}

/** Seconds UTC and a value. */
export interface Point {
  readonly time: number;
  readonly value: number;
}

export interface Sample {
  readonly value: number;
  readonly unit: string;
  readonly name: string;
}

/** By node, in the order of the links. `isForeign`: whether a node is of other make, where any resource may be a reading. */
export function readingsOf(
  links: readonly Link[],
  isForeign: (node: string) => boolean = () => false,
): ReadonlyMap<string, readonly Reading[]> {
  const byNode = new Map<string, Reading[]>();
  for (const { href, title, rt, obs } of links) {
    const [, node = '', path = ''] = /^\/nodes\/([^/]+)\/(.+)$/.exec(href) ?? [];
    if (obs === undefined || !(isForeign(node) || /^(a|io)\//.test(path))) continue;
    const label = path.replace(/^a\//, '');
    // Types of our own say less than the name.
    const type = rt?.startsWith('radon.') ? undefined : rt;
    const reading = { node, path: href, label, title: title ?? type ?? label };
    byNode.set(node, [...(byNode.get(node) ?? []), reading]);
  }
  return byNode;
}

/** The first number in a representation: SenML (RFC 8428) or text; undefined where there is none. */
export function sampleOf(data: unknown): Sample | undefined {
  if (typeof data === 'number') return { value: data, unit: '', name: '' };
  if (typeof data === 'string') return data.trim() === '' ? undefined : sampleOfText(data);
  if (!Array.isArray(data)) return undefined;
  const record: unknown = data.find(
    (member: unknown) => typeof member === 'object' && member !== null && 'v' in member,
  );
  if (record === undefined) return undefined;
  const { v, u = '', n = '' } = record as Record<string, unknown>;
  return typeof v === 'number' ? { value: v, unit: String(u), name: String(n) } : undefined;
}

function sampleOfText(text: string): Sample | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? { value, unit: '', name: '' } : undefined;
}

/** The series of a pack of past readings that the chart draws: that of its first name. */
export function pointsOf(data: unknown): readonly Point[] {
  const records = Array.isArray(data) ? data.filter(isTimed) : [];
  return records.filter(({ n }) => n === records[0]?.n).map(({ t, v }) => ({ time: t, value: v }));
}

interface TimedRecord {
  readonly n?: string;
  readonly t: number;
  readonly v: number;
}

function isTimed(record: unknown): record is TimedRecord {
  const { t, v } = Object(record) as Record<string, unknown>;
  return typeof t === 'number' && typeof v === 'number';
}

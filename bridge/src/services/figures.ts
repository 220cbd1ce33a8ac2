/** Figures over the readings of several providers. */

import type { NodeResponse } from '../registry/node.ts';
import { absoluteTime, resolveBody } from '../senml/index.ts';

export interface Reading {
  readonly value: number;
  readonly unit: string | undefined;
  /** Seconds since 1970. */
  readonly time: number;
}

export interface Figures {
  readonly unit?: string;
  readonly latest?: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
}

/** The last number of a SenML answer; undefined where there is none. `nowS`: seconds since 1970. */
export function readingOf(response: NodeResponse, nowS: number): Reading | undefined {
  const pack = resolveBody(response.contentFormat, response.payload);
  const record = pack?.findLast(({ v }) => v !== undefined);
  if (record?.v === undefined) return undefined;
  const { v: value, u: unit, t } = record;
  return { value, unit, time: absoluteTime(t, nowS - (response.age ?? 0)) };
}

/** Nothing where units differ or there are no readings. */
export function figuresOf(readings: readonly Reading[]): Figures {
  const [first, ...others] = readings;
  if (first === undefined || others.some(({ unit }) => unit !== first.unit)) return {};
  const values = readings.map(({ value }) => value);
  const latest = readings.reduce((newest, reading) => (reading.time > newest.time ? reading : newest));
  return {
    ...(first.unit !== undefined && { unit: first.unit }),
    latest: latest.value,
    min: values.reduce((a, b) => Math.min(a, b)),
    mean: values.reduce((a, b) => a + b) / values.length,
    max: values.reduce((a, b) => Math.max(a, b)),
  };
}

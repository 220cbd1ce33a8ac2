/** Readings of one resource within bounds: the oldest goes first. */
import { code } from '../coap/codes.ts';
import { sameBytes } from '../fields/index.ts';
import type { NodeResponse } from '../registry/node.ts';
import {
  absoluteTime,
  isAbsoluteTime,
  resolveBody,
  type SenmlPack,
  type SenmlRecord,
} from '../senml/index.ts';

export interface SeriesBounds {
  readonly maxReadings: number;
  readonly maxBytes: number;
}

/** A record with an absolute time. */
export interface TimedRecord extends SenmlRecord {
  /** Seconds since 1970. */
  readonly t: number;
}

export interface Series {
  /** `nowS`: seconds since 1970. Anything but SenML is left out. */
  add(response: NodeResponse, nowS: number): void;
  /** Records after a time, the newest so many, oldest first. */
  read(sinceS: number, limit: number): readonly TimedRecord[];
}

interface Entry {
  readonly record: TimedRecord;
  readonly bytes: number;
}

/** What a record takes beside its share of the payload, bytes. */
const overhead = 100;

export function createSeries({ maxReadings, maxBytes }: SeriesBounds): Series {
  const entries: Entry[] = [];
  let bytes = 0;
  let lastPayload: Uint8Array | undefined;

  function push(record: TimedRecord, size: number): void {
    entries.push({ record, bytes: size });
    bytes += size;
    while (entries.length > maxReadings || bytes > maxBytes) bytes -= entries.shift()?.bytes ?? 0;
  }

  return {
    add(response, nowS) {
      const isContent = response.code === code.content;
      const pack = isContent ? (resolveBody(response.contentFormat, response.payload) ?? []) : [];
      if (isTold(pack, response.payload, lastPayload)) return;
      lastPayload = response.payload;
      const size = overhead + Math.ceil(response.payload.length / Math.max(1, pack.length));
      for (const record of pack) push({ ...record, t: absoluteTime(record.t, nowS) }, size);
    },
    read: (sinceS, limit) =>
      entries
        .map(({ record }) => record)
        .filter(({ t }) => t > sinceS)
        .slice(-limit),
  };
}

/** Whether these are the readings of before once more, as after a registration: they carry the time they were taken at. */
function isTold(pack: SenmlPack, payload: Uint8Array, last: Uint8Array | undefined): boolean {
  const isTimed = pack.every(({ t }) => isAbsoluteTime(t));
  return isTimed && last !== undefined && sameBytes(payload, last);
}

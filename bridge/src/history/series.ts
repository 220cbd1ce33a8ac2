/** Readings of one resource within bounds: the oldest goes first. */
import { code } from '../coap/codes.ts';
import type { NodeResponse } from '../registry/node.ts';
import {
  absoluteTime,
  isAbsoluteTime,
  resolveBody,
  type SenmlPack,
  type SenmlRecord,
} from '../senml/index.ts';
import type { Journal, Pack } from './journal.ts';

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

/** Begins with what the journal has, and writes there what is added. */
export function createSeries({ maxReadings, maxBytes }: SeriesBounds, journal?: Journal): Series {
  const entries: Entry[] = [];
  let bytes = 0;

  function push(pack: Pack, payloadBytes: number): void {
    const size = overhead + Math.ceil(payloadBytes / Math.max(1, pack.length));
    for (const record of pack) {
      entries.push({ record, bytes: size });
      bytes += size;
    }
    while (entries.length > maxReadings || bytes > maxBytes) bytes -= entries.shift()?.bytes ?? 0;
  }

  const records = () => entries.map(({ record }) => record);
  for (const pack of journal?.found ?? []) push(pack, JSON.stringify(pack).length);

  return {
    add(response, nowS) {
      const isContent = response.code === code.content;
      const told = isContent ? (resolveBody(response.contentFormat, response.payload) ?? []) : [];
      const pack = told.map((record) => ({ ...record, t: absoluteTime(record.t, nowS) }));
      if (pack.length === 0 || isTold(told, pack, entries)) return;
      push(pack, response.payload.length);
      journal?.append(pack, records);
    },
    read: (sinceS, limit) =>
      records()
        .filter(({ t }) => t > sinceS)
        .slice(-limit),
  };
}

/** Whether these are the readings of before once more, as after a registration: they carry the time they were taken at. */
function isTold(told: SenmlPack, pack: Pack, entries: readonly Entry[]): boolean {
  if (!told.every(({ t }) => isAbsoluteTime(t))) return false;
  const last = entries.slice(-pack.length).map(({ record }) => record);
  return JSON.stringify(last) === JSON.stringify(pack);
}

import type { FieldValue } from '../fields/index.ts';
import { RadonError } from '../problem/index.ts';
import type { NodeRequest } from '../registry/node.ts';
import { decodeSenmlCbor, parseSenml, resolveSenml, type SenmlPack } from '../senml/index.ts';
import { contentFormat } from '../tables/index.ts';
import type { ChannelDeclaration } from './options.ts';
import { mostChannels, type SharedState } from './shared-state.ts';

/** The simulated channels of the node as its resources show them. */
export class ChannelResources {
  readonly declarations: readonly ChannelDeclaration[];
  readonly #shared: SharedState;

  constructor(declarations: readonly ChannelDeclaration[], shared: SharedState) {
    if (declarations.length > mostChannels) throw new RangeError(`more than ${mostChannels} channels`);
    this.declarations = declarations;
    this.#shared = shared;
  }

  get names(): readonly string[] {
    return this.declarations.map(({ name }) => name);
  }

  /** Index of a channel; RadonError NOT_A_CHANNEL. */
  find(name: string): number {
    const channel = this.names.indexOf(name);
    if (channel < 0) throw new RadonError('NOT_A_CHANNEL', { name });
    return channel;
  }

  document(): FieldValue {
    return this.declarations.map(({ name, direction, unit }, channel) => {
      return { name, direction, unit, simulated: true, value: this.#shared.channel(channel) };
    });
  }

  reading(channel: number): SenmlPack {
    const declaration = this.declarations[channel];
    const { name = '', unit = '' } = declaration ?? {};
    const v = this.#shared.channel(channel);
    return [unit === '' ? { n: name, v } : { n: name, u: unit, v }];
  }
}

/** Content-formats of a reading. */
export const readingFormatsTaken: readonly (number | undefined)[] = [
  undefined,
  contentFormat.TEXT,
  contentFormat.SENML_CBOR,
  contentFormat.SENML_JSON,
];

/** The number a PUT carries: text, or the first record of a SenML pack with a value; RadonError BAD_CONTENT. */
export function readingOf({ payload, contentFormat: format }: NodeRequest): number {
  const value =
    format === undefined || format === contentFormat.TEXT
      ? textValue(text(payload))
      : packValue(payload, format);
  if (value === undefined || !Number.isFinite(value))
    throw new RadonError('BAD_CONTENT', { detail: 'a finite number is wanted' });
  return value;
}

/** undefined for what is no pack, too: the client is told what is wanted, not what a parser met. */
function packValue(payload: Uint8Array, format: number): number | undefined {
  try {
    return senmlValue(payload, format);
  } catch {
    return undefined;
  }
}

function senmlValue(payload: Uint8Array, format: number): number | undefined {
  const pack = format === contentFormat.SENML_CBOR ? decodeSenmlCbor(payload) : parseSenml(text(payload));
  const [record] = resolveSenml(pack);
  return record?.vb === undefined ? record?.v : Number(record.vb);
}

function text(payload: Uint8Array): string {
  return new TextDecoder().decode(payload);
}

/** A number as JSON writes it, and as a device reads it: no sign but minus, digits on both sides of a point. */
function textValue(value: string): number | undefined {
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : undefined;
}

/** Registrations on disk, a file each: docs/reference/restart.md. */
import { isIP } from 'node:net';
import { openStateFolder, type StateFolder } from '../storage/index.ts';
import { parseParameters } from './parameters.ts';

/** A registration as it is written down; its name in the folder is its id. */
export interface KeptRegistration {
  readonly endpoint: string;
  readonly sector?: string;
  readonly lifetimeS: number;
  /** UTC, milliseconds. */
  readonly endsAt: number;
  /** Of who registered. */
  readonly address: string;
  /** `coap://host:port`. */
  readonly base: string;
  /** Whether the registrant said its base, or it is its own address. */
  readonly hasOwnBase: boolean;
  readonly further: Readonly<Record<string, string>>;
  /** Link format. */
  readonly links: string;
}

export type RegistrationStore = StateFolder<KeptRegistration>;

export function openRegistrationStore(folder: string, warn: (sentence: string) => void): RegistrationStore {
  return openStateFolder(folder, { parse: parseKept, warn });
}

/** Throws for what no registration can be. */
function parseKept(value: unknown, id: string): KeptRegistration {
  if (!/^[0-9a-f]{8}$/.test(id)) throw new TypeError('its name is no id of a registration');
  const { endpoint, sector, lifetimeS, endsAt, address, base, hasOwnBase, further, links } = recordOf(value);
  if (typeof address !== 'string' || isIP(address) === 0) throw new TypeError('address is none');
  if (typeof endsAt !== 'number' || typeof base !== 'string' || typeof links !== 'string')
    throw new TypeError('endsAt, base or links is missing');
  const query = Object.entries({ ep: endpoint, d: sector, lt: lifetimeS, ...recordOf(further) });
  const given = query.flatMap(([name, text]) => (text === undefined ? [] : [`${name}=${String(text)}`]));
  const parameters = parseParameters(given);
  if (parameters.endpoint === undefined || parameters.lifetimeS === undefined)
    throw new TypeError('endpoint or lifetimeS is missing');
  return {
    endpoint: parameters.endpoint,
    ...(parameters.sector !== undefined && { sector: parameters.sector }),
    lifetimeS: parameters.lifetimeS,
    endsAt,
    address,
    base,
    hasOwnBase: hasOwnBase === true,
    further: parameters.further,
    links,
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new TypeError('it is no object');
}

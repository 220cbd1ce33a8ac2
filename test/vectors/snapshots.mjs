// Writes snapshots.json: snapshots that fit `limits`, and one for each way not to. `node test/vectors/snapshots.mjs`.
// Encodes with its own few lines, so that both sides are tested against a third one.
import { readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('.', import.meta.url);
const { fields } = JSON.parse(readFileSync(new URL('../../docs/fields.json', folder), 'utf8'));

// ---- CBOR, just what is needed, with room for mistakes ----

const bytes = (hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

function head(major, value) {
  const top = major << 5;
  if (value < 24) return Buffer.from([top | value]);
  if (value < 0x100) return Buffer.from([top | 24, value]);
  if (value < 0x10000) return Buffer.from([top | 25, value >> 8, value & 255]);
  if (value < 0x1_0000_0000) {
    const wide = Buffer.alloc(5, top | 26);
    wide.writeUInt32BE(value, 1);
    return wide;
  }
  const wide = Buffer.alloc(9, top | 27);
  wide.writeBigUInt64BE(BigInt(value), 1);
  return wide;
}

/** Keys that are not in the table are numbers. */
const keyOf = (name) => fields[name] ?? Number(name);

function cbor(value) {
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'boolean') return bytes(value ? 'f5' : 'f4');
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  const pairs = Object.entries(value).map(([name, member]) => [keyOf(name), member]);
  pairs.sort(([a], [b]) => a - b);
  return Buffer.concat([head(5, pairs.length), ...pairs.flat().map(cbor)]);
}

// ---- Good ones ----

const digest = bytes('93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476');

/** The place in which they are restored. */
const limits = {
  name: 'rain',
  digest: digest.toString('hex'),
  memory: 128,
  globals: [4, 8, 4, 8],
  storage: 16,
  timers: 4,
  pending: 2,
  body: 32,
  publish: 24,
  io: 2,
  inbox: { messages: 3, bytes: 48 },
  paths: ['level', 'a/b'],
};

const zeroCounters = {
  done: 0,
  dropped: 0,
  restarts: 0,
  activations: 0,
  sent: 0,
  undelivered: 0,
  refused: 0,
};

const smallest = {
  name: 'rain',
  version: 1,
  digest,
  aliases: [],
  memory: bytes(''),
  storage: [],
  timers: [],
  inbox: [],
  uptimeMs: 0,
  counters: zeroCounters,
  incarnation: 0,
  globals: [bytes('00000000'), bytes('0000000000000000'), bytes('00000000'), bytes('0000000000000000')],
  watches: [],
  publications: [],
  requests: [],
  nextEvent: 1,
  nextMessage: 1,
  actor: 0,
};

const message = { kind: 2, id: 9, ageMs: 250, sender: 'n1/worker~2', payload: bytes('01 02') };
const kept = { kind: 2, event: 7, flags: 7, correlation: 3, sender: 'flood' };
const outside = { kind: 2, payload: bytes('68 69') };
const response = { kind: 4, event: 6, correlation: 5, code: 69, format: 0, payload: bytes('31'), handle: 1 };
const timer = { kind: 5, handle: 3 };
const reading = { kind: 6, handle: 1, reason: 2, payload: bytes('000000000000f83f') };
const report = { kind: 7, correlation: 4, reason: 2, handle: -4, ageMs: 1, sender: 'gone' };

const full = {
  ...smallest,
  aliases: ['gauges', 'rivers'],
  memory: bytes('00 01 00 ff'),
  storage: [
    { key: bytes('00'), value: bytes('') },
    { key: bytes('61'), value: bytes('0a00') },
    { key: bytes('6162'), value: bytes('01') },
  ],
  timers: [
    { handle: 0, dueMs: 0, periodMs: 1000 },
    { handle: 3, dueMs: 2147483647, periodMs: 0 },
  ],
  inbox: [message, timer, kept, response, reading, report],
  uptimeMs: 9007199254740991,
  counters: { done: 1, dropped: 2, restarts: 3, activations: 4, sent: 5, undelivered: 6, refused: 4294967295 },
  incarnation: 2,
  /* -1; the least i64; a signalling NaN; -0 */
  globals: [bytes('ffffffff'), bytes('0000000000000080'), bytes('0100a07f'), bytes('0000000000000080')],
  watches: [{ handle: 1, edges: 7 }],
  publications: [
    { path: 'level', format: 0, payload: bytes('342e32') },
    { path: 'level', format: 60, payload: bytes(''), maxAgeMs: 4999 },
    { path: 'a/b', format: 0, payload: bytes('ff') },
  ],
  requests: [
    { id: 5, method: 1, hops: 8, uri: '/a/river/level', observe: true },
    { id: 8, method: 2, hops: 7, uri: '//n2/a/x/y?q=1' },
  ],
  nextEvent: 12,
  nextMessage: 10,
  actor: 4294967295,
};

const valid = [
  { name: 'fresh instance', document: smallest },
  { name: 'everything', document: full },
  { name: 'message from outside', document: { ...smallest, inbox: [outside] } },
];

// ---- Ways not to fit: what is changed, and the field that is named ----

const without = (name) => Object.fromEntries(Object.entries(smallest).filter(([key]) => key !== name));
const inbox = (...events) => ({ ...smallest, inbox: events });
const publication = (more) => ({ path: 'level', format: 0, payload: bytes(''), ...more });
const request = (more) => ({ id: 1, method: 1, hops: 8, uri: '/node', ...more });
const times = (count, item) => Array.from({ length: count }, (_, index) => item(index));

const changed = [
  ['other version', { ...smallest, version: 2 }, 'version'],
  ['other atom', { ...smallest, name: 'flood' }, 'name'],
  ['other code', { ...smallest, digest: Buffer.alloc(32) }, 'digest'],
  ['digest that is too short', { ...smallest, digest: Buffer.alloc(31) }, 'digest'],
  ...Object.keys(smallest).map((name) => [`without ${name}`, without(name), name]),
  ['unknown member', { ...smallest, 9999: 1 }, '9999'],
  ['more memory', { ...smallest, memory: Buffer.alloc(129, 1) }, 'memory'],
  ['memory that ends with zero', { ...smallest, memory: bytes('0100') }, 'memory'],
  ['memory as text', { ...smallest, memory: 'x' }, 'memory'],
  ['fewer globals', { ...smallest, globals: smallest.globals.slice(1) }, 'globals'],
  ['more globals', { ...smallest, globals: [...smallest.globals, bytes('00000000')] }, 'globals'],
  ['global of another size', { ...smallest, globals: [...smallest.globals.slice(0, 3), bytes('00000000')] }, 'globals[3]'],
  ['alias that is no name', { ...smallest, aliases: ['A'] }, 'aliases[0]'],
  ['aliases out of order', { ...smallest, aliases: ['b', 'a'] }, 'aliases[1]'],
  ['same alias twice', { ...smallest, aliases: ['a', 'a'] }, 'aliases[1]'],
  ['too many aliases', { ...smallest, aliases: ['a', 'b', 'c', 'd', 'e'] }, 'aliases'],
  ['empty key', { ...smallest, storage: [{ key: bytes(''), value: bytes('') }] }, 'storage[0].key'],
  ['long key', { ...smallest, storage: [{ key: Buffer.alloc(33, 97), value: bytes('') }] }, 'storage[0].key'],
  ['key with a newline', { ...smallest, storage: [{ key: bytes('0a'), value: bytes('') }] }, 'storage[0].key'],
  ['keys out of order', { ...smallest, storage: times(2, () => ({ key: bytes('61'), value: bytes('') })) }, 'storage[1]'],
  ['more than the quota', { ...smallest, storage: [{ key: bytes('61'), value: Buffer.alloc(16) }] }, 'storage'],
  ['value that is too long', { ...smallest, storage: [{ key: bytes('61'), value: Buffer.alloc(1025) }] }, 'storage[0].value'],
  ['timer that is not there', { ...smallest, timers: [{ handle: 4, dueMs: 0, periodMs: 0 }] }, 'timers[0].handle'],
  ['timers out of order', { ...smallest, timers: times(2, () => ({ handle: 1, dueMs: 0, periodMs: 0 })) }, 'timers[1]'],
  ['timer due too late', { ...smallest, timers: [{ handle: 0, dueMs: 2147483648, periodMs: 0 }] }, 'timers[0].dueMs'],
  ['timer without period', { ...smallest, timers: [{ handle: 0, dueMs: 0 }] }, 'timers[0].periodMs'],
  ['watch of a channel that is not there', { ...smallest, watches: [{ handle: 2, edges: 1 }] }, 'watches[0].handle'],
  ['watch of no edge', { ...smallest, watches: [{ handle: 0, edges: 0 }] }, 'watches[0].edges'],
  ['watch of an unknown edge', { ...smallest, watches: [{ handle: 0, edges: 8 }] }, 'watches[0].edges'],
  ['event that does not wait', inbox({ kind: 3 }), 'inbox[0].kind'],
  ['event without kind', inbox({}), 'inbox[0].kind'],
  ['member of another kind', inbox({ kind: 5, sender: 'x' }), 'inbox[0].sender'],
  ['unknown flag', inbox({ kind: 2, flags: 8 }), 'inbox[0].flags'],
  ['member that is 0', inbox({ kind: 2, ageMs: 0 }), 'inbox[0].ageMs'],
  ['empty payload', inbox({ kind: 2, payload: bytes('') }), 'inbox[0].payload'],
  ['too many messages', inbox(...times(4, () => outside)), 'inbox'],
  ['too many bytes', inbox({ kind: 2, payload: Buffer.alloc(49, 1) }), 'inbox'],
  ['sender that is too long', inbox({ kind: 2, sender: 'x'.repeat(77) }), 'inbox[0].sender'],
  ['empty sender', inbox({ kind: 2, sender: '' }), 'inbox[0].sender'],
  ['event of a timer that is not there', inbox({ kind: 5, handle: 4 }), 'inbox[0].handle'],
  ['two events of one timer', inbox(timer, timer), 'inbox[1]'],
  ['reading of a channel that is not there', inbox({ ...reading, handle: 2 }), 'inbox[0].handle'],
  ['reading of 7 bytes', inbox({ ...reading, payload: Buffer.alloc(7) }), 'inbox[0].payload'],
  ['reading without edge', inbox({ kind: 6, payload: Buffer.alloc(8) }), 'inbox[0].reason'],
  ['two edges at once', inbox({ ...reading, reason: 3 }), 'inbox[0].reason'],
  ['response longer than body', inbox({ kind: 4, correlation: 1, payload: Buffer.alloc(33) }), 'inbox[0].payload'],
  ['response to nothing', inbox({ kind: 4 }), 'inbox[0].correlation'],
  ['two responses to one request', inbox(response, response), 'inbox[1]'],
  ['response with an error above 0', inbox({ kind: 4, correlation: 1, reason: 1 }), 'inbox[0].reason'],
  ['report of an unknown outcome', inbox({ kind: 7, correlation: 1, reason: 4 }), 'inbox[0].reason'],
  ['path that is not declared', { ...smallest, publications: [publication({ path: 'x' })] }, 'publications[0].path'],
  ['publications that are too long', { ...smallest, publications: [publication({ payload: Buffer.alloc(13) }), publication({ format: 60, payload: Buffer.alloc(12) })] }, 'publications'],
  ['publication that is too long', { ...smallest, publications: [publication({ payload: Buffer.alloc(25) })] }, 'publications[0].payload'],
  ['same publication twice', { ...smallest, publications: [publication(), publication()] }, 'publications[1]'],
  ['too many publications', { ...smallest, publications: times(9, (format) => publication({ format })) }, 'publications'],
  ['format that is none', { ...smallest, publications: [publication({ format: 65535 })] }, 'publications[0].format'],
  ['unknown method', { ...smallest, requests: [request({ method: 8 })] }, 'requests[0].method'],
  ['URI that is too long', { ...smallest, requests: [request({ uri: '/'.repeat(161) })] }, 'requests[0].uri'],
  ['requests out of order', { ...smallest, requests: [request(), request()] }, 'requests[1]'],
  ['observation that is false', { ...smallest, requests: [request({ observe: false })] }, 'requests[0].observe'],
  ['observation with POST', { ...smallest, requests: [request({ method: 2, observe: true })] }, 'requests[0].observe'],
  ['more requests than places', { ...smallest, requests: times(3, (index) => request({ id: index + 1 })) }, 'requests'],
  ['requests and responses need more than all places', { ...smallest, inbox: [response], requests: times(2, (index) => request({ id: index + 6 })) }, 'requests'],
  ['event id 0', { ...smallest, nextEvent: 0 }, 'nextEvent'],
  ['event id beyond 31 bits', { ...smallest, nextEvent: 2147483648 }, 'nextEvent'],
  ['instance number beyond 32 bits', { ...smallest, actor: 4294967296 }, 'actor'],
  ['uptime beyond 2^53', { ...smallest, uptimeMs: 9007199254740992 }, ''],
  ['counter that is negative', { ...smallest, counters: { ...zeroCounters, done: -1 } }, 'counters.done'],
  ['counter that is missing', { ...smallest, counters: { done: 0 } }, 'counters.dropped'],
];

const encoded = cbor(smallest);
const invalid = [
  ...changed.map(([name, document, field]) => ({ name, hex: cbor(document).toString('hex'), field })),
  { name: 'no bytes', hex: '', field: '' },
  { name: 'an array', hex: '80', field: '' },
  { name: 'bytes after it', hex: `${encoded.toString('hex')}00`, field: '' },
  { name: 'cut off', hex: encoded.subarray(0, -1).toString('hex'), field: '' },
  { name: 'an integer that is not shortest', hex: encoded.toString('hex').replace('0101', '011801'), field: '' },
  { name: 'a length beyond the end', hex: `${encoded.subarray(0, 7).toString('hex')}01085affffffff`, field: '' },
];

function shown(value) {
  if (value instanceof Uint8Array) return value.toString('hex');
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shown(member)]));
}

const line = (item) => `    ${JSON.stringify(item)}`;
const good = valid.map(({ name, document }) => ({
  name,
  hex: cbor(document).toString('hex'),
  document: shown(document),
}));
const text = `{
  "limits": ${JSON.stringify(limits)},
  "valid": [
${good.map(line).join(',\n')}
  ],
  "invalid": [
${invalid.map(line).join(',\n')}
  ]
}
`;
writeFileSync(new URL('snapshots.json', folder), text);

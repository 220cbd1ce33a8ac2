// Writes manifests.json: signed manifests, provisioning records and signatures, good ones and one for each way to be
// refused. `node test/vectors/manifests.mjs`. Encodes and signs with its own few lines and node:crypto, so that both
// sides are tested against a third one.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('.', import.meta.url);
const { fields } = JSON.parse(readFileSync(new URL('../../docs/fields.json', folder), 'utf8'));

// ---- CBOR, just what is needed, in the order given and with room for mistakes ----

const bytes = (hex) => Buffer.from(hex, 'hex');

function head(major, value) {
  const top = major << 5;
  if (value < 24) return Buffer.from([top | value]);
  if (value < 0x100) return Buffer.from([top | 24, value]);
  if (value < 0x10000) return Buffer.from([top | 25, value >> 8, value & 255]);
  const wide = Buffer.alloc(5, top | 26);
  wide.writeUInt32BE(value, 1);
  return wide;
}

/** Bytes that go out as they are. */
class Raw {
  constructor(hex) {
    this.bytes = bytes(hex);
  }
}

/** A map as pairs, so that order and repetition can be wrong. */
class Pairs {
  constructor(pairs) {
    this.pairs = pairs;
  }
}

function cbor(value) {
  if (value instanceof Raw) return value.bytes;
  if (value instanceof Pairs)
    return Buffer.concat([head(5, value.pairs.length), ...value.pairs.flat().map(cbor)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'boolean') return bytes(value ? 'f5' : 'f4');
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  return cbor(
    new Pairs(
      Object.entries(value)
        .map(([name, member]) => [keyOf(name), member])
        .sort(byKey),
    ),
  );
}

const byKey = ([a], [b]) => a - b;

/** Integer key of a field, or the number itself for keys that do not exist. */
const keyOf = (name) => fields[name] ?? Number(name);

// ---- Keys ----

const pkcs8 = '302e020100300506032b657004220420';
const sha256 = (data) => createHash('sha256').update(data).digest();

function makeKey(seed, prefix, rights) {
  const secret = createPrivateKey({ key: bytes(pkcs8 + seed), format: 'der', type: 'pkcs8' });
  const key = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { secret, seed, key, kid: sha256(key).subarray(0, 8), prefix, rights };
}

const all = makeKey('11'.repeat(32), '', 1);
const rainOnly = makeKey('22'.repeat(32), 'rain', 7);
const control = makeKey('33'.repeat(32), '', 2);
const stranger = makeKey('44'.repeat(32), '', 7);
const trusted = [all, rainOnly, control];

// ---- Manifests ----

const code = Buffer.from('0061736d01000000', 'hex');

const base = () => ({
  name: 'rain',
  version: '1.2.3',
  sequence: 5,
  abi: 1,
  board: 'any',
  configuration: {
    kind: 'daemon',
    recovery: 'restart',
    limits: {
      memory: 2048,
      stack: 1024,
      deadlineMs: 50,
      storage: 512,
      timers: 2,
      pending: 2,
      body: 256,
      publish: 256,
      inbox: { messages: 4, bytes: 512, waitMs: 5000 },
    },
    replyWithinMs: 5000,
  },
  payloads: [
    {
      format: 'wasm',
      digest: sha256(code),
      size: code.length,
      need: { load: 6000, run: 5001, engine: '0123abcd' },
    },
  ],
});

const full = () => {
  const manifest = base();
  Object.assign(manifest.configuration, {
    kind: 'reactive',
    policy: 'on-demand-expire',
    recovery: 'escalate',
    limits: {
      ...manifest.configuration.limits,
      inbox: { messages: 4, bytes: 512, waitMs: 5000, createAfterMs: 250 },
      instances: 3,
      idleMs: 500,
      maxEvents: 10,
    },
    maxRestarts: 0,
    windowMs: 1000,
    io: ['rain0', 'led0'],
    send: ['flood', 'alarm~1'],
    request: ['/a/flood'],
    aliases: ['gauges'],
    resources: [
      { path: 'level', rt: 'rainfall', if: 'sensor', ct: [112, 0], obs: true, title: 'Rain today' },
      { path: 'a/b' },
    ],
    hosts: { require: ['rain-gauge'], avoid: [] },
  });
  return manifest;
};

/** The base with one thing changed. */
function changed(change) {
  const manifest = base();
  return change(manifest) ?? manifest;
}

const limits = (change) => changed((m) => void Object.assign(m.configuration.limits, change));
const configured = (change) => changed((m) => void Object.assign(m.configuration, change));
const payload = (change) => changed((m) => void Object.assign(m.payloads[0], change));
const without = (object, name) => {
  const { [name]: _, ...rest } = object;
  return rest;
};

// ---- COSE_Sign1 ----

const header = (kid) =>
  cbor(
    new Pairs([
      [1, -19],
      [4, kid],
    ]),
  );

function signatureOf(key, protectedHeader, content) {
  return sign(null, cbor(['Signature1', protectedHeader, Buffer.alloc(0), content]), key.secret);
}

/** A signed file; `parts` replaces members of the array. */
function signed(
  manifest,
  { key = all, protectedHeader = header(key.kid), tag = 'd2', parts = {}, after = '' } = {},
) {
  const content = manifest instanceof Uint8Array ? manifest : cbor(manifest);
  const signature = signatureOf(key, protectedHeader, content);
  const array = [protectedHeader, new Pairs([]), content, signature];
  for (const [index, part] of Object.entries(parts)) array[index] = part;
  return Buffer.concat([bytes(tag), cbor(array), bytes(after)]);
}

const cases = [];

/** A file and what a node with these facts says to it. */
function add(name, file, { problem = null, field = '', path = 'rain', facts = {}, block = 0 } = {}) {
  cases.push({ name, path, file: file.toString('hex'), problem, field, block, facts });
}

/** A file with a good signature whose contents break a rule at `field`. */
const bad = (field, name, manifest) => add(name, signed(manifest), { problem: 'BAD_MANIFEST', field });
/** A file that is not a COSE_Sign1 as it should be. */
const malformed = (name, file) => add(name, file, { problem: 'BAD_MANIFEST' });

add('smallest manifest', signed(base()), { block: 5008 + 512 + 256 + 512 + 40 * 6 });
add('every optional member', signed(full()), { block: 3 * 5008 + 512 + 256 + 512 + 40 * 6 });
add(
  'run is rounded up and load not counted',
  signed(payload({ need: { load: 20_001, run: 9001, engine: '0123abcd' } })),
  {
    block: 9008 + 512 + 256 + 512 + 40 * 6,
  },
);
add('a key with a prefix signs a name under it', signed(base(), { key: rainOnly }));
add('the board by its name', signed(changed((m) => void (m.board = 'netduinoplus2'))));
add(
  'the largest numbers',
  signed(
    limits({
      memory: 65536,
      stack: 8192,
      deadlineMs: 10000,
      storage: 8192,
      timers: 8,
      pending: 8,
      body: 8192,
      publish: 8192,
      inbox: { messages: 32, bytes: 16384, waitMs: 600000 },
    }),
  ),
);
add(
  'the smallest numbers',
  signed(
    limits({
      memory: 64,
      stack: 256,
      deadlineMs: 1,
      storage: 0,
      timers: 0,
      pending: 1,
      body: 0,
      publish: 0,
      inbox: { messages: 1, bytes: 64, waitMs: 1 },
    }),
  ),
);
add(
  'several payloads: the first is taken',
  signed(changed((m) => void m.payloads.push({ ...m.payloads[0], size: 99 }))),
);
add('a newer sequence than the stored one', signed(base()), { facts: { sequence: 4 } });
add('the same manifest again', signed(base()), { facts: { sequence: 5, identical: true } });
add('any engine where the node takes any', signed(base()), { facts: { engine: '' } });

// Keys and signatures.
add('key that nobody trusts', signed(base(), { key: stranger }), {
  problem: 'UNKNOWN_KEY',
  field: stranger.kid.toString('hex'),
});
add('signature of another key', signed(base(), { key: stranger, protectedHeader: header(all.kid) }), {
  problem: 'BAD_SIGNATURE',
});
{
  const file = signed(base());
  file[file.length - 1] ^= 1;
  add('one bit of the signature changed', file, { problem: 'BAD_SIGNATURE' });
  const other = signed(base());
  other[other.indexOf('1.2.3') + 4] ^= 1;
  add('one bit of the contents changed', other, { problem: 'BAD_SIGNATURE' });
}
add('contents are not looked at before the signature', signed(base(), { parts: { 2: bytes('ff') } }), {
  problem: 'BAD_SIGNATURE',
});
add('key without the right to deploy', signed(base(), { key: control }), {
  problem: 'KEY_RIGHTS',
  field: control.kid.toString('hex'),
});
add(
  'key for another prefix',
  signed(
    changed((m) => void (m.name = 'echo')),
    { key: rainOnly },
  ),
  { problem: 'KEY_RIGHTS', path: 'echo', field: rainOnly.kid.toString('hex') },
);
add('another name than the path', signed(base()), { problem: 'NAME_MISMATCH', path: 'rainy' });

// What the node is and has, in the order of the checks.
add('an older sequence', signed(base()), { problem: 'OLD_SEQUENCE', facts: { sequence: 6, abi: 9 } });
add('the same sequence with other contents', signed(base()), {
  problem: 'OLD_SEQUENCE',
  facts: { sequence: 5 },
});
add('another interface version', signed(changed((m) => void (m.abi = 2))), {
  problem: 'WRONG_ABI',
  facts: { board: 'other' },
});
add('another board', signed(changed((m) => void (m.board = 'nucleo'))), {
  problem: 'WRONG_BOARD',
  facts: { engine: 'ffffffff' },
});
add('another engine', signed(base()), { problem: 'WRONG_ENGINE', facts: { engine: 'ffffffff', full: true } });
add('no place in the table of atoms', signed(base()), {
  problem: 'TOO_MANY_ATOMS',
  facts: { full: true, memoryNeed: 1, memoryFree: 0 },
});
add('one byte of RAM too few', signed(base()), {
  problem: 'DOES_NOT_FIT',
  facts: { memoryNeed: 12_001, memoryFree: 12_000, flashNeed: 2 },
});
add('exactly enough RAM', signed(base()), { facts: { memoryNeed: 12_000, memoryFree: 12_000 } });
add('one byte of flash too few', signed(base()), {
  problem: 'NO_ROOM_IN_FLASH',
  facts: { flashNeed: 101, flashFree: 100 },
});
add('exactly enough flash', signed(base()), { facts: { flashNeed: 100, flashFree: 100 } });

// Form of the file.
malformed('nothing', Buffer.alloc(0));
malformed('no tag', signed(base()).subarray(1));
malformed('another tag', signed(base(), { tag: 'd1' }));
malformed('tag in a long form', signed(base(), { tag: 'd812' }));
malformed(
  'an array of 3',
  Buffer.concat([bytes('d283'), cbor(header(all.kid)), bytes('a0'), cbor(cbor(base()))]),
);
malformed('an unprotected header with a member', signed(base(), { parts: { 1: new Pairs([[4, all.kid]]) } }));
malformed('an unprotected header that is no map', signed(base(), { parts: { 1: [] } }));
malformed('a payload that is text', signed(base(), { parts: { 2: 'text' } }));
malformed('a detached payload', signed(base(), { parts: { 2: new Raw('f6') } }));
malformed('a short signature', signed(base(), { parts: { 3: Buffer.alloc(63) } }));
malformed('a byte after the end', signed(base(), { after: '00' }));
malformed('an end too early', signed(base()).subarray(0, -1));
malformed(
  'a length not in its shortest form',
  Buffer.concat([
    bytes('d284590010'),
    header(all.kid),
    signed(base()).subarray(2 + 1 + header(all.kid).length),
  ]),
);
malformed(
  'another algorithm',
  signed(base(), {
    protectedHeader: cbor(
      new Pairs([
        [1, -8],
        [4, all.kid],
      ]),
    ),
  }),
);
malformed('no algorithm', signed(base(), { protectedHeader: cbor(new Pairs([[4, all.kid]])) }));
malformed('no key identifier', signed(base(), { protectedHeader: cbor(new Pairs([[1, -19]])) }));
malformed('a short key identifier', signed(base(), { protectedHeader: header(all.kid.subarray(1)) }));
malformed(
  'a third header parameter',
  signed(base(), {
    protectedHeader: cbor(
      new Pairs([
        [1, -19],
        [4, all.kid],
        [5, 0],
      ]),
    ),
  }),
);
malformed(
  'header parameters in another order',
  signed(base(), {
    protectedHeader: cbor(
      new Pairs([
        [4, all.kid],
        [1, -19],
      ]),
    ),
  }),
);
malformed(
  'a byte after the protected header',
  signed(base(), { protectedHeader: Buffer.concat([header(all.kid), bytes('00')]) }),
);
malformed('an empty protected header', signed(base(), { protectedHeader: Buffer.alloc(0) }));
malformed(
  'more than 1,024 bytes',
  signed(configured({ send: Array(8).fill('x'.repeat(64)), request: Array(8).fill('y'.repeat(64)) })),
);

// Contents.
bad('', 'contents that are no map', [1]);
bad('', 'contents that are no CBOR', bytes('ff'));
bad('', 'empty contents', Buffer.alloc(0));
bad('', 'a byte after the contents', Buffer.concat([cbor(base()), bytes('00')]));
bad('', 'a key that is text', new Pairs([['name', 'rain']]));
bad(
  '',
  'keys in another order',
  new Pairs([
    [1, '1'],
    [0, 'rain'],
  ]),
);
bad(
  '',
  'a key twice',
  new Pairs([
    [0, 'rain'],
    [0, 'rain'],
  ]),
);
bad('', 'a map of indefinite length', new Raw('bf006472616eff'));
bad(
  '199',
  'an unknown key',
  changed((m) => ({ ...m, 199: 1 })),
);
for (const name of ['name', 'version', 'sequence', 'abi', 'board', 'configuration', 'payloads'])
  bad(name, `no ${name}`, without(base(), name));
for (const [name, value] of [
  ['capitals', 'Rain'],
  ['a digit first', '1rain'],
  ['an underscore', 'ra_in'],
  ['nothing', ''],
  ['33 bytes', 'a'.repeat(33)],
])
  bad(
    'name',
    `a name with ${name}`,
    changed((m) => void (m.name = value)),
  );
bad(
  'name',
  'a name that is bytes',
  changed((m) => void (m.name = bytes('7261696e'))),
);
bad(
  'name',
  'a name that is not UTF-8',
  changed((m) => void (m.name = new Raw('62c328'))),
);
bad(
  'version',
  'a version of 17 bytes',
  changed((m) => void (m.version = 'v'.repeat(17))),
);
bad(
  'sequence',
  'sequence 0',
  changed((m) => void (m.sequence = 0)),
);
bad(
  'sequence',
  'a sequence of 2^32',
  changed((m) => void (m.sequence = new Raw('1b0000000100000000'))),
);
bad(
  'sequence',
  'a negative sequence',
  changed((m) => void (m.sequence = -1)),
);
bad(
  'sequence',
  'a sequence not in its shortest form',
  changed((m) => void (m.sequence = new Raw('1805'))),
);
bad(
  'abi',
  'interface version 0',
  changed((m) => void (m.abi = 0)),
);
bad(
  'board',
  'a board of 33 bytes',
  changed((m) => void (m.board = 'b'.repeat(33))),
);
bad(
  'board',
  'a board that is a number',
  changed((m) => void (m.board = 1)),
);
bad(
  'configuration',
  'a configuration that is no map',
  changed((m) => void (m.configuration = 1)),
);
bad('configuration.name', 'a key of another map', configured({ name: 'rain' }));
for (const name of ['kind', 'recovery', 'limits', 'replyWithinMs'])
  bad(
    `configuration.${name}`,
    `no ${name}`,
    changed((m) => void (m.configuration = without(m.configuration, name))),
  );
bad('configuration.kind', 'another kind', configured({ kind: 'actor' }));
bad('configuration.policy', 'a policy for a daemon', configured({ policy: 'one' }));
bad('configuration.policy', 'another policy', configured({ kind: 'reactive', policy: 'two' }));
bad('configuration.recovery', 'another recovery', configured({ recovery: 'panic' }));
bad('configuration.replyWithinMs', 'too short a time to reply', configured({ replyWithinMs: 9 }));
bad('configuration.replyWithinMs', 'too long a time to reply', configured({ replyWithinMs: 600001 }));
for (const policy of ['one', 'round-robin', 'on-demand'])
  add(`policy ${policy}`, signed(configured({ kind: 'reactive', policy })));
for (const recovery of ['none', 'recover', 'escalate'])
  add(`recovery ${recovery}`, signed(configured({ recovery })));

// Numbers that may be left out: in their range, and not their default.
const inboxWith = (createAfterMs) => ({ inbox: { messages: 4, bytes: 512, waitMs: 5000, createAfterMs } });
const reactive = (change) =>
  changed((m) => {
    m.configuration.kind = 'reactive';
    Object.assign(m.configuration.limits, change);
  });
for (const [name, most, usual] of [
  ['instances', 8, 1],
  ['idleMs', 86_400_000, 10_000],
  ['maxEvents', 1_000_000, 0],
]) {
  const field = `configuration.limits.${name}`;
  add(`${name} ${most}`, signed(reactive({ [name]: most })));
  bad(field, `${name} ${most + 1}`, reactive({ [name]: most + 1 }));
  bad(field, `${name} that is its default`, reactive({ [name]: usual }));
  bad(field, `${name} for a daemon`, limits({ [name]: most }));
}
bad('configuration.limits.instances', 'no instances', reactive({ instances: 0 }));
bad('configuration.limits.idleMs', 'too short a time without use', reactive({ idleMs: 9 }));
bad('configuration.limits.inbox.createAfterMs', 'createAfterMs 600001', reactive(inboxWith(600_001)));
bad('configuration.limits.inbox.createAfterMs', 'createAfterMs that is its default', reactive(inboxWith(0)));
bad('configuration.limits.inbox.createAfterMs', 'createAfterMs for a daemon', limits(inboxWith(1)));
bad('configuration.maxRestarts', 'maxRestarts 101', configured({ maxRestarts: 101 }));
bad('configuration.maxRestarts', 'maxRestarts that is its default', configured({ maxRestarts: 5 }));
bad('configuration.windowMs', 'windowMs 999', configured({ windowMs: 999 }));
bad('configuration.windowMs', 'windowMs that is its default', configured({ windowMs: 60_000 }));
for (const [name, least, most] of [
  ['memory', 64, 65536],
  ['stack', 256, 8192],
  ['deadlineMs', 1, 10000],
  ['storage', 0, 8192],
  ['timers', 0, 8],
  ['pending', 1, 8],
  ['body', 0, 8192],
  ['publish', 0, 8192],
]) {
  bad(
    `configuration.limits.${name}`,
    `no limit ${name}`,
    changed((m) => void (m.configuration.limits = without(m.configuration.limits, name))),
  );
  bad(`configuration.limits.${name}`, `${name} ${most + 1}`, limits({ [name]: most + 1 }));
  bad(`configuration.limits.${name}`, `${name} ${least - 1}`, limits({ [name]: least - 1 }));
}
for (const [name, least, most] of [
  ['messages', 1, 32],
  ['bytes', 64, 16384],
  ['waitMs', 1, 600000],
]) {
  const inbox = base().configuration.limits.inbox;
  bad(`configuration.limits.inbox.${name}`, `no inbox.${name}`, limits({ inbox: without(inbox, name) }));
  bad(
    `configuration.limits.inbox.${name}`,
    `inbox.${name} ${most + 1}`,
    limits({ inbox: { ...inbox, [name]: most + 1 } }),
  );
  bad(
    `configuration.limits.inbox.${name}`,
    `inbox.${name} ${least - 1}`,
    limits({ inbox: { ...inbox, [name]: least - 1 } }),
  );
}
bad(
  'configuration.limits.inbox',
  'no inbox',
  changed((m) => void (m.configuration.limits = without(m.configuration.limits, 'inbox'))),
);
bad('configuration.limits.memory', 'memory as a float', limits({ memory: new Raw('f94800') }));
bad('configuration.io', 'io that is no array', configured({ io: 'rain0' }));
bad('configuration.io', 'nine channels', configured({ io: Array(9).fill('x') }));
bad('configuration.io[1]', 'a channel that is a number', configured({ io: ['rain0', 7] }));
bad('configuration.send[0]', 'a destination of 65 bytes', configured({ send: ['x'.repeat(65)] }));
bad('configuration.send[1]', 'a destination that is no pattern', configured({ send: ['flood', '*'] }));
bad('configuration.request[0]', 'a request target that is no pattern', configured({ request: ['/a/(rain'] }));
bad('configuration.request', 'nine destinations', configured({ request: Array(9).fill('x') }));
bad('configuration.aliases[0]', 'an alias that is no name', configured({ aliases: ['Gauges'] }));
bad('configuration.resources', 'nine resources', configured({ resources: Array(9).fill({ path: 'x' }) }));
bad('configuration.resources[0].path', 'a resource without path', configured({ resources: [{ rt: 'x' }] }));
bad(
  'configuration.resources[1].path',
  'a path of 65 bytes',
  configured({ resources: [{ path: 'x' }, { path: 'x'.repeat(65) }] }),
);
bad(
  'configuration.resources[0].ct',
  'nine formats',
  configured({ resources: [{ path: 'x', ct: Array(9).fill(0) }] }),
);
bad(
  'configuration.resources[0].ct[0]',
  'a format of 65,536',
  configured({ resources: [{ path: 'x', ct: [65536] }] }),
);
bad(
  'configuration.resources[0].obs',
  'obs that is a number',
  configured({ resources: [{ path: 'x', obs: 1 }] }),
);
bad(
  'configuration.resources[0].title',
  'a title of 65 bytes',
  configured({ resources: [{ path: 'x', title: 'x'.repeat(65) }] }),
);
bad('configuration.hosts.avoid[0]', 'a host that is a number', configured({ hosts: { avoid: [1] } }));
bad('configuration.hosts.path', 'an unknown member of hosts', configured({ hosts: { path: 'x' } }));
bad(
  'payloads',
  'no payload in the list',
  changed((m) => void (m.payloads = [])),
);
bad(
  'payloads',
  'five payloads',
  changed((m) => void (m.payloads = Array(5).fill(m.payloads[0]))),
);
bad('payloads[0].format', 'another format', payload({ format: 'aot' }));
bad('payloads[0].digest', 'a digest of 31 bytes', payload({ digest: Buffer.alloc(31) }));
bad('payloads[0].digest', 'a digest that is text', payload({ digest: 'x'.repeat(32) }));
bad('payloads[0].size', 'size 0', payload({ size: 0 }));
bad('payloads[0].size', 'more code than nodes take', payload({ size: 65537 }));
bad(
  'payloads[0].need.engine',
  'an engine revision of 7 digits',
  payload({ need: { load: 1, run: 1, engine: '0123abc' } }),
);
bad(
  'payloads[0].need.engine',
  'an engine revision with capitals',
  payload({ need: { load: 1, run: 1, engine: '0123ABCD' } }),
);
bad('payloads[0].need.load', 'a need without load', payload({ need: { run: 1, engine: '0123abcd' } }));
bad(
  'payloads[1].size',
  'a second payload that is wrong',
  changed((m) => void m.payloads.push({ ...m.payloads[0], size: 0 })),
);

// ---- Provisioning records ----

/** CRC-32 (IEEE), bit by bit. */
function crc32(data) {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const node = () => ({
  id: bytes('0102030405060708'),
  name: 'gauge-1',
  board: 'netduinoplus2',
  keys: trusted.map(({ key, prefix, rights }) => ({ key, prefix, rights })),
});

function record(content, { magic = '52444e50', length = content.length, crc = crc32(content) } = {}) {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(length, 0);
  numbers.writeUInt32LE(crc, 4);
  const padding = Buffer.alloc((4 - (content.length % 4)) % 4, 0xff);
  return Buffer.concat([bytes(magic), numbers, content, padding]);
}

const provisioning = [];
const addRecord = (name, valid, sector) => provisioning.push({ name, valid, sector: sector.toString('hex') });
const changedNode = (change) => record(cbor({ ...node(), ...change }));

addRecord('three keys', true, record(cbor(node())));
addRecord('no keys', true, changedNode({ keys: [] }));
addRecord('an erased sector', false, Buffer.alloc(64, 0xff));
addRecord('an empty sector', false, Buffer.alloc(0));
addRecord('half a header', false, record(cbor(node())).subarray(0, 7));
addRecord('another magic', false, record(cbor(node()), { magic: '52444e51' }));
addRecord('a wrong checksum', false, record(cbor(node()), { crc: 0 }));
addRecord('a length beyond the sector', false, record(cbor(node()), { length: 0xffffff00 }));
addRecord('a byte after the map', false, record(Buffer.concat([cbor(node()), bytes('00')])));
addRecord('an identity of 7 bytes', false, changedNode({ id: Buffer.alloc(7) }));
addRecord('a name with capitals', false, changedNode({ name: 'Gauge' }));
addRecord('five keys', false, changedNode({ keys: Array(5).fill(node().keys[0]) }));
addRecord(
  'a key of 31 bytes',
  false,
  changedNode({ keys: [{ key: Buffer.alloc(31), prefix: '', rights: 1 }] }),
);
addRecord('rights that do not exist', false, changedNode({ keys: [{ ...node().keys[0], rights: 8 }] }));
addRecord('no board', false, record(cbor(without(node(), 'board'))));
addRecord('an unknown member', false, changedNode({ version: '1' }));

// ---- Signatures: RFC 8032 section 7.1 (by their seeds), and what section 5.1.7 refuses ----

const signatures = [];
const rfc = [
  ['TEST 1', '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', ''],
  ['TEST 2', '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', '72'],
  ['TEST 3', 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7', 'af82'],
  [
    'TEST SHA(abc)',
    '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    createHash('sha512').update('abc').digest('hex'),
  ],
];
const addSignature = (name, valid, key, message, signature) =>
  signatures.push({ name, valid, key: key.toString('hex'), message, signature: signature.toString('hex') });

for (const [name, seed, message] of rfc) {
  const { secret, key } = makeKey(seed, '', 0);
  addSignature(name, true, key, message, sign(null, bytes(message), secret));
}
{
  const { secret, key } = makeKey(rfc[1][1], '', 0);
  const signature = sign(null, bytes('72'), secret);
  addSignature('another message', false, key, '73', signature);
  addSignature('another key', false, makeKey(rfc[2][1], '', 0).key, '72', signature);
  const flipped = Buffer.from(signature);
  flipped[0] ^= 1;
  addSignature('another R', false, key, '72', flipped);
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  const beyond = Buffer.concat([
    signature.subarray(0, 32),
    bytes(s.toString(16).padStart(64, '0')).reverse(),
  ]);
  addSignature('S beyond the order of the group', false, key, '72', beyond);
}

// ---- COSE_Sign1 of the COSE working group (Examples, eddsa-examples/eddsa-sig-01), taken apart ----

const sign1 = [
  {
    name: 'eddsa-sig-01',
    key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    protected: 'a201270300',
    payload: Buffer.from('This is the content.').toString('hex'),
    signature:
      '7142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4d3607c5781932b7afb8711497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d',
  },
];

const keys = trusted.map(({ seed, key, kid, prefix, rights }) => ({
  seed,
  key: key.toString('hex'),
  kid: kid.toString('hex'),
  prefix,
  rights,
}));
const rows = (list) => `[\n${list.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`;
const text = `{
  "keys": ${rows(keys)},
  "manifests": ${rows(cases)},
  "provisioning": ${rows(provisioning)},
  "signatures": ${rows(signatures)},
  "sign1": ${rows(sign1)}
}
`;
writeFileSync(new URL('manifests.json', folder), text);

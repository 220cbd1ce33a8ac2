// Turns test/vectors/*.json into C tables for the unit tests, on standard output. See test/vectors/README.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const folder = join(root, 'test', 'vectors');
const read = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));

/** Bytes of hex text with blanks and repetitions (`c0*1147`). */
function bytesOf(hex) {
  return hex
    .split(' ')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [pairs, times = '1'] = part.split('*');
      return Array(Number(times))
        .fill(pairs.match(/../g) ?? [])
        .flat();
    });
}

/** Bytes of a list of [hex, note, repeat]. */
const annotated = (list) => list.flatMap(([hex, , times = 1]) => Array(times).fill(bytesOf(hex)).flat());

const escapeByte = (pair) => `\\x${pair}`;
const view = (bytes) => `{(const uint8_t *)"${bytes.map(escapeByte).join('')}", ${bytes.length}}`;
const text = (value) => JSON.stringify(value);
const utf8 = (value) => view([...Buffer.from(value)].map((byte) => byte.toString(16).padStart(2, '0')));
const codeByte = (code) => {
  const [cls, detail] = code.split('.').map(Number);
  return (cls << 5) | detail;
};
const rows = (list) => list.map((row) => `    ${row},`).join('\n');
const array = (type, name, list) => `static const ${type} ${name}[] = {\n${rows(list)}\n};\n`;

const types = { CON: 0, NON: 1, ACK: 2, RST: 3 };
const outcomes = { ignore: 'VECTOR_IGNORE', format: 'VECTOR_FORMAT' };

function messageRow({ name, bytes, message, error, type, id }) {
  const seen = message ?? {
    type: type ?? 'CON',
    code: '0.00',
    id: id ?? 0,
    token: '',
    options: [],
    payload: '',
  };
  const options = seen.options.map(([number, value]) => `{${number}, ${view(bytesOf(value))}}`);
  return `{${text(name)}, ${view(annotated(bytes))}, ${outcomes[error] ?? 'VECTOR_GOOD'}, ${types[seen.type]}, ${codeByte(seen.code)}, ${seen.id}, ${view(bytesOf(seen.token))}, ${view(bytesOf(seen.payload))}, ${options.length}, {${options.join(', ') || '{0, {0, 0}}'}}}`;
}

function slipmuxRow({ name, stream, messages, bad }) {
  return `{${text(name)}, ${view(annotated(stream))}, ${bad}, ${messages.length}, {${messages.map((hex) => view(bytesOf(hex))).join(', ') || '{0, 0}'}}}`;
}

function linkRow({ path, rt = '', if: iface = '', title = '', ct = [], obs = false, sz = 0 }) {
  return `{${utf8(path)}, {${utf8(rt)}, ${utf8(iface)}, ${utf8(title)}, (const uint16_t[]){${ct.join(', ') || 0}}, ${ct.length}, ${obs}, ${sz}}}`;
}

const utf8List = (list) => `${list.length}, {${list.map(utf8).join(', ') || '{0, 0}'}}`;

function patternRow({ name, pattern, matches, fails }) {
  return `{${text(name)}, ${utf8(pattern)}, ${utf8List(matches)}, ${utf8List(fails)}}`;
}

const factDefaults = {
  sequence: 0,
  identical: false,
  engine: '0123abcd',
  board: 'netduinoplus2',
  full: false,
  memoryNeed: 0,
  memoryFree: 0,
  flashNeed: 0,
  flashFree: 0,
};

function manifestRow({ name, path, file, problem, field, block, facts }) {
  const { sequence, identical, engine, board, full, memoryNeed, memoryFree, flashNeed, flashFree } = {
    ...factDefaults,
    ...facts,
  };
  const expected = problem === null ? 'RADON_PROBLEM_COUNT' : `RADON_PROBLEM_${problem}`;
  return `{${text(name)}, ${utf8(path)}, ${view(bytesOf(file))}, ${expected}, ${text(field)}, ${block}, ${sequence}, ${identical}, ${utf8(engine)}, ${utf8(board)}, ${full}, ${memoryNeed}, ${memoryFree}, ${flashNeed}, ${flashFree}}`;
}

function snapshotRow({ name, hex, field }) {
  return `{${text(name)}, ${view(bytesOf(hex))}, ${field === undefined ? 'NULL' : text(field)}}`;
}

const manifests = read('manifests');
const messages = read('coap-messages').cases;
const requests = read('coap-requests').cases;
const slipmux = read('slipmux');
const links = read('link-format');
const patterns = read('patterns');
const snapshots = read('snapshots');

console.log(`/* Generated from test/vectors by scripts/vectors-to-c.mjs. */
#ifndef RADON_TEST_VECTORS_H
#define RADON_TEST_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct { const uint8_t *data; size_t len; } vector_bytes_t;
typedef enum { VECTOR_GOOD, VECTOR_IGNORE, VECTOR_FORMAT } vector_outcome_t;

#ifdef VECTORS_MESSAGES
typedef struct { uint16_t number; vector_bytes_t value; } vector_option_t;
typedef struct {
    const char *name; vector_bytes_t bytes; vector_outcome_t outcome;
    uint8_t type, code; uint16_t id; vector_bytes_t token, payload; size_t option_count; vector_option_t options[8];
} vector_message_t;
${array('vector_message_t', 'vector_messages', messages.map(messageRow))}#endif

#ifdef VECTORS_REQUESTS
/** answer 0: nothing wrong. */
typedef struct { const char *name; vector_bytes_t bytes; uint8_t answer; } vector_request_t;
${array(
  'vector_request_t',
  'vector_requests',
  requests.map(
    (r) => `{${text(r.name)}, ${view(annotated(r.bytes))}, ${r.answer === null ? 0 : codeByte(r.answer)}}`,
  ),
)}#endif

#ifdef VECTORS_SLIPMUX
typedef struct { const char *name; vector_bytes_t message, frame; } vector_frame_t;
typedef struct { const char *name; vector_bytes_t stream; uint32_t bad; size_t count; vector_bytes_t messages[4]; } vector_stream_t;
${array(
  'vector_frame_t',
  'vector_frames',
  slipmux.encode.map((f) => `{${text(f.name)}, ${view(bytesOf(f.message))}, ${view(annotated(f.bytes))}}`),
)}${array('vector_stream_t', 'vector_streams', slipmux.decode.map(slipmuxRow))}#endif

#ifdef VECTORS_LINKS
typedef struct { vector_bytes_t rt, iface, title; const uint16_t *ct; uint8_t ct_count; bool obs; uint32_t sz; } vector_attributes_t;
typedef struct { vector_bytes_t path; vector_attributes_t attributes; } vector_link_t;
/** selects: bit i for link i. */
typedef struct { const char *name; size_t count; vector_bytes_t query[4]; uint32_t selects; } vector_query_t;
${array('vector_link_t', 'vector_links', links.links.map(linkRow))}static const vector_bytes_t vector_links_text = ${utf8(links.text)};
${array(
  'vector_query_t',
  'vector_queries',
  links.queries.map(
    (q) =>
      `{${text(q.name)}, ${q.query.length}, {${q.query.map(utf8).join(', ') || '{0, 0}'}}, ${q.selects.reduce((bits, i) => bits | (1 << i), 0)}}`,
  ),
)}#endif

#ifdef VECTORS_PATTERNS
typedef struct { const char *name; vector_bytes_t pattern; size_t match_count; vector_bytes_t matches[10]; size_t fail_count; vector_bytes_t fails[6]; } vector_pattern_t;
typedef struct { const char *name; vector_bytes_t pattern; } vector_no_pattern_t;
${array('vector_pattern_t', 'vector_patterns', patterns.valid.map(patternRow))}${array(
  'vector_no_pattern_t',
  'vector_no_patterns',
  patterns.invalid.map((p) => `{${text(p.name)}, ${utf8(p.pattern)}}`),
)}#endif

#ifdef VECTORS_SNAPSHOTS
/** field: in the detail; NULL: accepted. */
typedef struct { const char *name; vector_bytes_t encoded; const char *field; } vector_snapshot_t;
${array('vector_snapshot_t', 'vector_snapshots', [...snapshots.valid, ...snapshots.invalid].map(snapshotRow))}#endif

#ifdef VECTORS_MANIFESTS
/** problem RADON_PROBLEM_COUNT: accepted. field: in a detail of the problem. block: bytes of the atom's own block without overhead. */
typedef struct {
    const char *name; vector_bytes_t path, file; radon_problem_t problem; const char *field; uint64_t block;
    uint32_t sequence; bool identical; vector_bytes_t engine, board; bool full; uint64_t memory_need, memory_free;
    uint32_t flash_need, flash_free;
} vector_manifest_t;
typedef struct { const char *name; vector_bytes_t sector; bool valid; } vector_record_t;
typedef struct { const char *name; vector_bytes_t key, message, signature; bool valid; } vector_signature_t;
typedef struct { const char *name; vector_bytes_t key, header, payload, signature; } vector_sign1_t;
typedef struct { vector_bytes_t key, kid, prefix; uint32_t rights; } vector_key_t;
${array(
  'vector_key_t',
  'vector_keys',
  manifests.keys.map(
    (k) => `{${view(bytesOf(k.key))}, ${view(bytesOf(k.kid))}, ${utf8(k.prefix)}, ${k.rights}}`,
  ),
)}${array('vector_manifest_t', 'vector_manifests', manifests.manifests.map(manifestRow))}${array(
  'vector_record_t',
  'vector_records',
  manifests.provisioning.map((p) => `{${text(p.name)}, ${view(bytesOf(p.sector))}, ${p.valid}}`),
)}${array(
  'vector_signature_t',
  'vector_signatures',
  manifests.signatures.map(
    (s) =>
      `{${text(s.name)}, ${view(bytesOf(s.key))}, ${view(bytesOf(s.message))}, ${view(bytesOf(s.signature))}, ${s.valid}}`,
  ),
)}${array(
  'vector_sign1_t',
  'vector_sign1',
  manifests.sign1.map(
    (s) =>
      `{${text(s.name)}, ${view(bytesOf(s.key))}, ${view(bytesOf(s.protected))}, ${view(bytesOf(s.payload))}, ${view(bytesOf(s.signature))}}`,
  ),
)}#endif

#endif`);

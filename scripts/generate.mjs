// Writes every generated table from docs/*.json. `node scripts/generate.mjs --check` only compares.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const abi = readJson('docs/atom-abi.json');
const { fields } = readJson('docs/fields.json');
const { errors } = readJson('docs/errors.json');

const upper = (name) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
const notice = (from) => `Generated from ${from} by scripts/generate.mjs. Do not edit.`;
const coapByte = (code) => {
  const [cls, detail] = code.split('.').map(Number);
  return (cls << 5) | detail;
};
const hex = (n) => `0x${n.toString(16).padStart(2, '0')}`;

/** WAMR signature letters: i = i32, F = f64. Pointers are checked by the host functions themselves. */
const wamrSignature = (fn) =>
  `(${fn.params.map((p) => (p.endsWith(':f64') ? 'F' : 'i')).join('')})${fn.result === 'f64' ? 'F' : 'i'}`;

function cTable(prefix, table) {
  return Object.entries(table)
    .map(([name, value]) => `    ${prefix}_${upper(name)} = ${value},`)
    .join('\n');
}

function cEnum(type, prefix, table, doc) {
  return `/** ${doc} */\ntypedef enum {\n${cTable(prefix, table)}\n} ${type};\n`;
}

function cAbi() {
  const limits = Object.entries(abi.limits).map(([k, v]) => `#define RADON_MAX_${upper(k)} ${v}`);
  const functions = abi.functions.map((f) => {
    const signature = wamrSignature(f);
    return `    X(${f.number}, ${f.name}, "${signature}") \\`;
  });
  functions[functions.length - 1] = functions[functions.length - 1].replace(/ \\$/, '');
  const exports = Object.entries(abi.exports).map(
    ([name, e]) => `    X(${upper(name).replace(/^_/, '')}, "${name}", ${e.result ? 1 : 0}) \\`,
  );
  exports[exports.length - 1] = exports[exports.length - 1].replace(/ \\$/, '');
  const configuration = [];
  const walk = (node, path) => {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value !== 'object') continue;
      if (typeof value.default === 'number') {
        configuration.push(
          `    X(${[...path, upper(key)].join('_')}, ${value.default}, ${value.min}, ${value.max}) \\`,
        );
      } else if (!('values' in value)) walk(value, key === 'limits' ? path : [...path, upper(key)]);
    }
  };
  walk(abi.configuration, []);
  const values = (name) =>
    Object.fromEntries(abi.configuration[name].values.map((value, i) => [value.replaceAll('-', '_'), i]));
  const texts = (name) => abi.configuration[name].values.map((value) => `"${value}"`).join(', ');
  configuration[configuration.length - 1] = configuration[configuration.length - 1].replace(/ \\$/, '');
  return `/* ${notice('docs/atom-abi.json')} */
#ifndef RADON_ABI_GENERATED_H
#define RADON_ABI_GENERATED_H

#define RADON_ABI_VERSION ${abi.version}
#define RADON_ABI_MODULE "${abi.module}"

${limits.join('\n')}

/** X(number, name, WAMR signature) for every function of the runtime interface. */
#define RADON_ABI_FUNCTIONS(X) \\
${functions.join('\n')}

#define RADON_ABI_FUNCTION_COUNT ${abi.functions.length}

/** X(NAME, "name", has a result) for every function a module may export for the node to call. */
#define RADON_ABI_EXPORTS(X) \\
${exports.join('\n')}

/** X(NAME, default, min, max) for every number in a configuration. */
#define RADON_CONFIGURATION_LIMITS(X) \\
${configuration.join('\n')}

/** Texts of \`policy\` and \`recovery\` in the order of the tables below. */
#define RADON_POLICY_TEXTS ${texts('policy')}
#define RADON_RECOVERY_TEXTS ${texts('recovery')}

${cEnum('radon_policy_t', 'RADON_POLICY', values('policy'), 'Who takes an event sent to the name of a reactive atom.')}
${cEnum('radon_recovery_t', 'RADON_RECOVERY', values('recovery'), 'What follows a failure.')}
${cEnum('radon_err_t', 'RADON', Object.fromEntries([['OK', 0], ...Object.entries(abi.errors)]), 'Result of a call: 0, or an error below it; the same numbers atoms see.')}
${cEnum('radon_event_field_t', 'RADON_EVENT_FIELD', { ...abi.eventFields, ...abi.eventBytes }, 'Fields of event_get (< 16) and event_read.')}
${cEnum('radon_event_kind_t', 'RADON_EVENT', abi.eventKinds, 'What woke an instance.')}
${cEnum('radon_handler_result_t', 'RADON_HANDLER', abi.handlerResults, 'What a handler answers.')}
${cEnum('radon_trap_t', 'RADON_TRAP', abi.traps, 'Why an activation ended in ERROR.')}
${cEnum('radon_phase_t', 'RADON_PHASE', abi.phases, 'Phase of an instance.')}
${cEnum('radon_log_level_t', 'RADON_LOG', abi.logLevels, 'Level of a log line.')}
${cEnum('radon_io_edges_t', 'RADON_IO_EDGES', abi.ioEdges, 'Edges of io_watch.')}
${cEnum('radon_send_flag_t', 'RADON_SEND', abi.sendFlags, 'Flags of send.')}
${cEnum('radon_request_flag_t', 'RADON_REQUEST', abi.requestFlags, 'Flags of request.')}
${cEnum('radon_outcome_kind_t', 'RADON_OUTCOME', abi.outcomes, 'What became of a message: REASON of an UNDELIVERED event.')}
${cEnum('radon_stop_reason_t', 'RADON_STOP', abi.stopReasons, 'REASON of a STOP event.')}
${cEnum('radon_method_t', 'RADON_METHOD', abi.methods, 'CoAP method codes (RFC 7252 12.1.1, RFC 8132).')}
${cEnum('radon_format_t', 'RADON_FORMAT', abi.formats, 'CoAP content-formats in use (RFC 7252 12.3 and the registry).')}
#endif
`;
}

function cFields() {
  const rows = Object.entries(fields).map(([name, key]) => `    X(${upper(name)}, ${key}, "${name}") \\`);
  rows[rows.length - 1] = rows[rows.length - 1].replace(/ \\$/, '');
  const width = Math.max(...Object.values(fields));
  return `/* ${notice('docs/fields.json')} */
#ifndef RADON_FIELDS_GENERATED_H
#define RADON_FIELDS_GENERATED_H

/** X(NAME, CBOR key, JSON name) for every field of every document. */
#define RADON_FIELDS(X) \\
${rows.join('\n')}

#define RADON_FIELD_MAX ${width}

typedef enum {
#define X(name, key, text) RADON_FIELD_##name = key,
    RADON_FIELDS(X)
#undef X
} radon_field_t;

#endif
`;
}

/** Errors that the sources of the firmware name: the others would only take flash. */
function errorsOfDevices() {
  const files = ['src', 'include', 'test'].flatMap((folder) =>
    readdirSync(join(root, 'firmware', folder), { recursive: true }).map((name) =>
      join(root, 'firmware', folder, name),
    ),
  );
  const sources = files.filter((file) => /\.[ch]$/.test(file) && !file.endsWith('.generated.h'));
  const text = sources.map((file) => readFileSync(file, 'utf8')).join('\n');
  const named = new Set([...text.matchAll(/\bRADON_PROBLEM_([A-Z_]+)\b/g)].map(([, name]) => name));
  return errors.filter(({ name }) => named.has(name));
}

function cErrors() {
  const rows = errorsOfDevices().map(
    (e) => `    X(${e.name}, ${hex(coapByte(e.coap))}, "${e.sentence.replace(/"/g, '\\"')}") \\`,
  );
  rows[rows.length - 1] = rows[rows.length - 1].replace(/ \\$/, '');
  return `/* ${notice('docs/errors.json')} */
#ifndef RADON_ERRORS_GENERATED_H
#define RADON_ERRORS_GENERATED_H

/** X(NAME, CoAP response code, sentence with {details}) for every error that a device answers or reads. */
#define RADON_PROBLEMS(X) \\
${rows.join('\n')}

typedef enum {
#define X(name, code, sentence) RADON_PROBLEM_##name,
    RADON_PROBLEMS(X)
#undef X
        RADON_PROBLEM_COUNT
} radon_problem_t;

#endif
`;
}

function tsConst(name, value, doc) {
  return `/** ${doc} */\nexport const ${name} = ${JSON.stringify(value, null, 2)} as const;\n`;
}

function tsAbi() {
  return [
    `// ${notice('docs/atom-abi.json')}`,
    '',
    tsConst('abiVersion', abi.version, 'Version of the runtime interface.'),
    tsConst('abiModule', abi.module, 'The one module an atom may import.'),
    tsConst('abiFunctions', abi.functions, 'The functions an atom may import, by fixed number.'),
    tsConst(
      'eventField',
      { ...abi.eventFields, ...abi.eventBytes },
      'Fields of event_get (< 16) and event_read.',
    ),
    tsConst('eventKind', abi.eventKinds, 'What woke an instance.'),
    tsConst('abiExports', abi.exports, 'Functions a module may export, and the event each handles.'),
    tsConst('handlerResult', abi.handlerResults, 'What a handler answers.'),
    tsConst('abiError', abi.errors, 'Errors a runtime function returns.'),
    tsConst('trap', abi.traps, 'Why an activation ended in ERROR.'),
    tsConst('phase', abi.phases, 'Phase of an instance.'),
    tsConst('logLevel', abi.logLevels, 'Level of a log line.'),
    tsConst('ioEdges', abi.ioEdges, 'Edges of io_watch.'),
    tsConst('sendFlag', abi.sendFlags, 'Flags of send.'),
    tsConst('requestFlag', abi.requestFlags, 'Flags of request.'),
    tsConst('outcome', abi.outcomes, 'What became of a message: REASON of an UNDELIVERED event.'),
    tsConst('stopReason', abi.stopReasons, 'REASON of a STOP event.'),
    tsConst('method', abi.methods, 'CoAP method codes.'),
    tsConst('contentFormat', abi.formats, 'CoAP content-formats in use.'),
    tsConst('abiFeatures', abi.features, 'WebAssembly features nodes accept and refuse.'),
    tsConst('abiLimits', abi.limits, 'Fixed limits of the interface, in the unit of their name.'),
    tsConst('configurationTable', abi.configuration, 'Values, defaults and ranges of a configuration.'),
  ].join('\n');
}

function tsFields() {
  return `// ${notice('docs/fields.json')}\n\n${tsConst('fieldKeys', fields, 'CBOR integer key of each field name.')}`;
}

function tsErrors() {
  const table = Object.fromEntries(
    errors.map(({ name, coap, ...rest }) => [name, { coap: coapByte(coap), ...rest }]),
  );
  return `// ${notice('docs/errors.json')}\n\n${tsConst('errorTable', table, 'Every user-visible error: CoAP code byte, HTTP status, exit code, sentence, remedy.')}\nexport type ErrorName = keyof typeof errorTable;\n`;
}

const asType = { i32: 'i32', ptr: 'usize', ptr8: 'usize', len: 'i32', f64: 'f64' };

function asAbi() {
  const declarations = abi.functions.map((f) => {
    const params = f.params.map((p) => {
      const [name, type] = p.split(':');
      return `${name}: ${asType[type]}`;
    });
    return `/** ${f.doc} */\n// @ts-ignore: decorator\n@external("${abi.module}", "${f.name}")\nexport declare function ${f.name}(${params.join(', ')}): ${f.result};\n`;
  });
  const namespace = (name, table) =>
    `export namespace ${name} {\n${Object.entries(table)
      .map(([k, v]) => `  // @ts-ignore: decorator\n  @inline export const ${k}: i32 = ${v};`)
      .join('\n')}\n}\n`;
  return [
    `// ${notice('docs/atom-abi.json')}`,
    '',
    ...declarations,
    namespace('EventField', { ...abi.eventFields, ...abi.eventBytes }),
    namespace('EventKind', abi.eventKinds),
    namespace('Handled', abi.handlerResults),
    namespace('ErrorCode', abi.errors),
    namespace('Trap', abi.traps),
    namespace('LogLevel', abi.logLevels),
    namespace('IoEdges', abi.ioEdges),
    namespace('SendFlag', abi.sendFlags),
    namespace('RequestFlag', abi.requestFlags),
    namespace('Outcome', abi.outcomes),
    namespace('StopReason', abi.stopReasons),
    namespace('Method', abi.methods),
    namespace('Format', abi.formats),
  ].join('\n');
}

const cType = {
  i32: 'int32_t',
  ptr: 'const void *',
  out: 'void *',
  ptr8: 'double *',
  len: 'uint32_t',
  f64: 'double',
};

/** A function of the interface as C atoms import it. What the node writes to is called `out`. */
function cImport({ name, params, result, doc }) {
  const list = params.map((param) => {
    const [label, type] = param.split(':');
    const c = label === 'out' && type === 'ptr' ? cType.out : cType[type];
    return `${c}${c.endsWith('*') ? '' : ' '}${label}`;
  });
  return `/** ${doc} */
RADON_IMPORT(${name})
${cType[result]} radon_${name}(${list.join(', ') || 'void'});
`;
}

/** The runtime interface for atoms in C and C++. */
function cAtoms() {
  const handlers = Object.entries(abi.exports).map(
    ([name, { result }]) =>
      `${`RADON_EXPORT(${name})`.padEnd(28)} ${(result ? 'int32_t' : 'void').padEnd(7)} ${name}(void);`,
  );
  const table = (tag, prefix, values, doc) =>
    `/** ${doc} */\nenum radon_${tag} {\n${cTable(prefix, values)}\n};\n`;
  return `/* ${notice('docs/atom-abi.json')} */

/*
 * What an atom in C imports from its node, and the functions it may define for the node to call. docs/reference/runtime-interface.md
 * says how they behave, atoms-c/README.md how to compile and link.
 */
#ifndef RADON_H
#define RADON_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RADON_ABI_VERSION ${abi.version}
#define RADON_IMPORT(function) __attribute__((import_module("${abi.module}"), import_name(#function)))
#define RADON_EXPORT(function) __attribute__((export_name(#function)))

/* What a node calls: define those that are needed. */
${handlers.join('\n')}

${abi.functions.map(cImport).join('\n')}
${table('error', 'RADON', Object.fromEntries([['OK', 0], ...Object.entries(abi.errors)]), 'Results: 0, or an error below it.')}
${table('event_field', 'RADON_FIELD', { ...abi.eventFields, ...abi.eventBytes }, 'Fields of event_get (below 16) and event_read.')}
${table('event_kind', 'RADON_EVENT', abi.eventKinds, 'What woke the instance.')}
${table('handled', 'RADON', abi.handlerResults, 'What a handler answers.')}
${table('trap', 'RADON_TRAP', abi.traps, 'REASON in on_recover.')}
${table('log_level', 'RADON_LOG', abi.logLevels, 'Level of a log line.')}
${table('io_edges', 'RADON_IO', abi.ioEdges, 'Edges of io_watch.')}
${table('send_flag', 'RADON_SEND', abi.sendFlags, 'Flags of send.')}
${table('request_flag', 'RADON_REQUEST', abi.requestFlags, 'Flags of request.')}
${table('outcome', 'RADON_OUTCOME', abi.outcomes, 'REASON in on_undelivered.')}
${table('stop_reason', 'RADON_STOP', abi.stopReasons, 'REASON in on_stop.')}
${table('method', 'RADON_METHOD', abi.methods, 'METHOD of a request (RFC 7252 section 12.1.1, RFC 8132).')}
${table('format', 'RADON_FORMAT', abi.formats, 'Content-formats (RFC 7252 section 12.3).')}
/** A CoAP response code: RADON_CODE(2, 5) is 2.05. */
#define RADON_CODE(cls, detail) ((cls) << 5 | (detail))

/** The pointer and the length of a text that is written out. */
#define RADON_TEXT(literal) (literal), (uint32_t)(sizeof(literal) - 1)

/** Length of a byte field of the current event. */
static inline int32_t radon_event_size(int32_t field)
{
    return radon_event_read(field, 0, 0);
}

/** Answers the current request; returns RADON_DONE, so that a handler can end with it. */
static inline int32_t radon_answer(int32_t code, int32_t format, const void *ptr, uint32_t len)
{
    radon_reply(0, code, format, ptr, len);
    return RADON_DONE;
}

/** Ends the activation with a trap after logging why. */
__attribute__((noreturn)) static inline void radon_fail(const char *why, uint32_t len)
{
    radon_log(RADON_LOG_ERROR, why, len);
    __builtin_trap();
}

#ifdef __cplusplus
}
#endif

#endif
`;
}

/** JSON schema of atom.json: what an author may write; the ranges of docs/atom-abi.json, nothing required but the name. */
function atomSchema() {
  const text = (maxLength, pattern) => ({
    type: 'string',
    minLength: 1,
    maxLength,
    ...(pattern && { pattern }),
  });
  const list = (items, maxItems, uniqueItems = true) => ({
    type: 'array',
    items,
    maxItems,
    ...(uniqueItems && { uniqueItems }),
  });
  const object = (properties, required) => ({
    type: 'object',
    properties,
    additionalProperties: false,
    ...(required && { required }),
  });
  const rule = ({ values, default: standard, min, max, multiple, doc, unit }) => {
    if (values) return { enum: values, default: standard };
    const description = [doc, unit].filter(Boolean).join(', in ');
    return {
      type: 'integer',
      minimum: min,
      maximum: max,
      ...(multiple && { multipleOf: multiple }),
      default: standard,
      description,
    };
  };
  const rules = (table) =>
    Object.fromEntries(
      Object.entries(table).map(([key, row]) => [key, 'default' in row ? rule(row) : object(rules(row))]),
    );
  const { limits } = abi;
  const name = text(limits.nameBytes, '^[a-z][a-z0-9-]*$');
  const place = text(limits.pathBytes);
  const formats = Object.keys(abi.formats).filter(
    (key) => !['COSE_SIGN1', 'PROBLEM_DETAILS', 'RADON_MESSAGE'].includes(key),
  );
  const format = {
    enum: formats.map((key) => key.toLowerCase().replace('senml_', 'senml+').replace('_', '-')),
  };
  const path = text(limits.pathBytes, '^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$');
  const resource = {
    path,
    rt: place,
    if: place,
    ct: list(format, 8),
    obs: { type: 'boolean' },
    title: place,
  };
  const { limits: limitTable, ...rest } = abi.configuration;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'atom.json',
    description: notice('docs/atom-abi.json'),
    ...object(
      {
        $schema: { type: 'string' },
        name,
        version: { ...text(16), default: '1' },
        ...rules(rest),
        limits: object(rules(limitTable)),
        io: list(name, limits.ioChannels),
        resources: list(object(resource, ['path']), limits.resources, false),
        aliases: list(name, 8),
        send: list(place, 8),
        request: list(place, 8),
        hosts: object({ require: list(name, 8), avoid: list(name, 8) }),
      },
      ['name'],
    ),
  };
}

/** Every error a user can see, for people. */
function errorsReference() {
  const row = ({ name, coap, http, exit, sentence, remedy }) =>
    `| ${[`\`${name}\``, coap, http, exit, sentence, remedy].join(' | ')} |`;
  return `# Errors

<!-- ${notice('docs/errors.json')} -->

Every refusal has a name. A node answers it with a CoAP code and problem details (RFC 9290) whose title is the name; the
bridge answers it over HTTP as problem+json (RFC 9457) with the status below; the command prints the sentence, what to do,
and ends with the exit code. \`{braces}\` are filled in from the details.

| name | CoAP | HTTP | exit | what happened | what to do |
|---|---|---|---|---|---|
${errors.map(row).join('\n')}
`;
}

const outputs = {
  'firmware/include/radon/abi.generated.h': cAbi(),
  'firmware/include/radon/fields.generated.h': cFields(),
  'firmware/include/radon/errors.generated.h': cErrors(),
  'bridge/src/tables/abi.generated.ts': tsAbi(),
  'bridge/src/tables/fields.generated.ts': tsFields(),
  'bridge/src/tables/errors.generated.ts': tsErrors(),
  'atoms-as/assembly/abi.generated.ts': asAbi(),
  'atoms-c/include/radon.h': cAtoms(),
  'docs/reference/errors.md': errorsReference(),
  'toolchain/schema/atom.schema.json': `${JSON.stringify(atomSchema(), null, 2)}\n`,
};

let stale = 0;
for (const [path, text] of Object.entries(outputs)) {
  const file = join(root, path);
  if (process.argv.includes('--check')) {
    let current = '';
    try {
      current = readFileSync(file, 'utf8');
    } catch {}
    if (current !== text) {
      stale += 1;
      console.error(`${path} differs from its table; run "npm run generate".`);
    }
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
process.exitCode = stale > 0 ? 1 : 0;

// Tables of the firmware, in C.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';
import { abi, coapByte, errors, fields, notice, upper } from './tables.mjs';

const hex = (n) => `0x${n.toString(16).padStart(2, '0')}`;

/** WAMR signature letters: i = i32, F = f64. Pointers are checked by the host functions themselves. */
const wamrSignature = (fn) =>
  `(${fn.params.map((p) => (p.endsWith(':f64') ? 'F' : 'i')).join('')})${fn.result === 'f64' ? 'F' : 'i'}`;

/** Rows of an enumeration. */
export function cTable(prefix, table) {
  return Object.entries(table)
    .map(([name, value]) => `    ${prefix}_${upper(name)} = ${value},`)
    .join('\n');
}

function cEnum(type, prefix, table, doc) {
  return `/** ${doc} */\ntypedef enum {\n${cTable(prefix, table)}\n} ${type};\n`;
}

export function cAbi() {
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

export function cFields() {
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

export function cErrors() {
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

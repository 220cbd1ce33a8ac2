// The runtime interface for atoms in C.
import { cTable } from './firmware.mjs';
import { abi, notice } from './tables.mjs';

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
export function cAtoms() {
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

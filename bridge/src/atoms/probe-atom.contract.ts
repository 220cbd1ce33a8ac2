/** An atom that does what the query of a request says (without one its path), for the tests of the host node. */
import { assembleAtom } from '../../../test/support/atoms.ts';

const replyPayload =
  '(drop (call $reply (i32.const 0) (i32.const 69) (i32.const 0) (i32.const 64) (local.get $length)))';

/** What each word does; the payload stands at 64, its length in $length. */
const actions: Readonly<Record<string, string>> = {
  echo: replyPayload,
  silent: '',
  spin: '(loop $forever (br $forever))',
  poll: '(loop $forever (drop (call $event_get (i32.const 0))) (br $forever))',
  write: '(loop $forever (drop (call $io_write (i32.const 1) (f64.const 1))) (br $forever))',
  deep: '(drop (call $recurse (i32.const 1)))',
  outside: '(drop (call $log (i32.const 1) (i32.const 1000) (i32.const 25)))',
  edge: `(drop (call $log (i32.const 1) (i32.const 1000) (i32.const 24))) ${replyPayload}`,
  divide: '(drop (i32.div_s (i32.const 1) (i32.load (i32.const 0))))',
  crash: '(unreachable)',
  beyond: '(drop (call_indirect (type $handler) (i32.const 9)))',
  empty: '(drop (call_indirect (type $handler) (i32.const 1)))',
  mistyped: '(drop (call_indirect (type $handler) (i32.const 0)))',
  answered: `${replyPayload} (unreachable)`,
  reject: '(return (i32.const 2))',
  exit: `${replyPayload} (drop (call $exit (i32.const 7)))`,
  /** LATER until it was offered three times. */
  later: `(global.set $state (i32.add (global.get $state) (i32.const 1)))
    (if (i32.lt_s (global.get $state) (i32.const 3)) (then (return (i32.const 1))))
    (global.set $state (i32.const 0)) ${replyPayload}`,
  /** Stores the payload under its first byte and answers the error as an offset from "A". */
  keep: `(i32.store8 (i32.const 64) (i32.sub (i32.const 65)
      (call $kv_set (i32.const 64) (i32.const 1) (i32.const 64) (local.get $length))))
    (local.set $length (i32.const 1)) ${replyPayload}`,
  recall: `(local.set $length (call $kv_get (i32.const 64) (i32.const 1) (i32.const 64) (i32.const 256)))
    (if (i32.lt_s (local.get $length) (i32.const 0)) (then (local.set $length (i32.const 0)))) ${replyPayload}`,
  /** Publishes the payload as "shown". */
  show: `(drop (call $publish (i32.const 16) (i32.const 5) (i32.const 0) (i32.const 64) (local.get $length) (i32.const 0))) ${replyPayload}`,
  notify: `(global.set $state (i32.add (global.get $state) (i32.const 1)))
    (drop (call $notify (i32.const 24) (i32.const 5))) ${replyPayload}`,
  /** What "shown" is before anything was published, and "value" always: the state as a digit. */
  value: `(i32.store8 (i32.const 64) (i32.add (i32.const 48) (global.get $state))) (local.set $length (i32.const 1)) ${replyPayload}`,
  timer: `(drop (call $timer_set (i32.const 0) (i32.const 5) (i32.const 0))) ${replyPayload}`,
  watch: `(drop (call $io_watch (i32.const 0) (i32.const 7))) ${replyPayload}`,
  light: `(drop (call $io_write (i32.const 1) (f64.const 1))) ${replyPayload}`,
  entropy: '(loop $forever (drop (call $random (i32.const 0) (i32.const 1024))) (br $forever))',
};

/** What the atom serves. */
export const probePaths = ['do', 'echo', 'value', 'shown'];

/** Compares the word at 512 with each name by its first four bytes and its length. */
function choose(): string {
  return Object.keys(actions)
    .map((name) => {
      const word = [...name.slice(0, 4)].reduceRight(
        (value, character) => value * 256 + character.charCodeAt(0),
        0,
      );
      return `(if (i32.and (i32.eq (local.get $word) (i32.const ${word})) (i32.eq (local.get $wordLength) (i32.const ${name.length})))
        (then ${actions[name]} (return (i32.const 0))))`;
    })
    .join('\n');
}

/** `version` is logged by on_start, before `start`. */
export function probeAtom(start = '', version = '1'): Uint8Array {
  return assembleAtom(`
    (type $handler (func (result i32))) (table 2 funcref) (elem (i32.const 0) $recurse)
    (data (i32.const 8) "start ${version}") (data (i32.const 16) "shown") (data (i32.const 24) "value")
    (data (i32.const 32) "tick") (data (i32.const 36) "bye") (data (i32.const 40) "read")
    (func $recurse (param $n i32) (result i32) (i32.add (local.get $n) (call $recurse (i32.add (local.get $n) (i32.const 1)))))
    (func (export "on_start") (drop (call $log (i32.const 1) (i32.const 8) (i32.const 7))) ${start})
    (func (export "on_stop") (drop (call $log (i32.const 1) (i32.const 36) (i32.const 3))))
    (func (export "on_timer") (result i32)
      (global.set $state (i32.add (global.get $state) (i32.const 1)))
      (drop (call $log (i32.const 1) (i32.const 32) (i32.const 4))) (i32.const 0))
    (func (export "on_io") (result i32)
      (drop (call $event_read (i32.const 19) (i32.const 64) (i32.const 8)))
      (global.set $state (i32.trunc_f64_s (f64.load (i32.const 64))))
      (drop (call $log (i32.const 1) (i32.const 40) (i32.const 4))) (i32.const 0))
    (func (export "on_request") (result i32) (local $length i32) (local $wordLength i32) (local $word i32)
      (i32.store (i32.const 512) (i32.const 0))
      (local.set $wordLength (call $event_read (i32.const 18) (i32.const 512) (i32.const 64)))
      (if (i32.eqz (local.get $wordLength))
        (then (local.set $wordLength (call $event_read (i32.const 17) (i32.const 512) (i32.const 64)))))
      (local.set $word (i32.load (i32.const 512)))
      (local.set $length (call $event_read (i32.const 19) (i32.const 64) (i32.const 256)))
      ${choose()}
      (i32.const 2))`);
}

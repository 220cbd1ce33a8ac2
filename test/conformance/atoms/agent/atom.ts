/**
 * Does what it is told: the body of a `POST do` or of a message is a command, its result the answer. Each event but
 * requests leaves a line in `log`. A scenario pushes it under several names, with the configuration it needs.
 */
import { Event, EventField, Format, Handled, Kv, Log, Output, Reply, Request, Self, notify, publish } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";
import { LIMIT, alias, answer, ask, awaits, burst, fill, hold, names, release, send, spawn, waitFor } from "./calls";
import { forget, note, result, showLog } from "./log";
import { command, nextNumber, nextWord, rest } from "./words";

/** Commands that this instance handled. */
let count: i32 = 0;
/** What `keep` waits for. */
let isOpen: bool = false;
/** The event that `later` has put off. */
let putOff: i32 = 0;
/** What timer 0 does, as `after` said. */
let planned: string = "";
/** Result of the handler that runs. */
let handled: i32 = Handled.DONE;

export function on_start(): void {
  Output.begin();
  Output.text("start");
  if (Event.size(EventField.SENDER) > 0) {
    Output.text(" by ");
    Output.text(Event.text(EventField.SENDER));
    Output.text(": ");
    Output.payload();
  }
  note();
}

export function on_recover(): void {
  Output.begin();
  Output.text("recover ");
  Output.integer(abi.event_get(EventField.REASON));
  note();
}

export function on_stop(): void {
  Output.begin();
  Output.text("stop ");
  Output.integer(abi.event_get(EventField.REASON));
  Log.output(1);
}

export function on_timer(): i32 {
  perform(planned);
  if (handled != Handled.DONE) return handled;
  result.keep();
  Output.begin();
  Output.text("timer ");
  Output.integer(abi.event_get(EventField.HANDLE));
  result.add();
  note();
  return Handled.DONE;
}

export function on_message(): i32 {
  const size = Event.size(EventField.PAYLOAD);
  // What `fill` sent is no command.
  perform(size <= 64 ? Event.text(EventField.PAYLOAD) : "");
  if (handled != Handled.DONE) return handled;
  result.keep();
  Output.begin();
  Output.text("from ");
  Output.text(Event.text(EventField.SENDER));
  Output.text(": ");
  if (size <= 64) Output.payload();
  else Output.integer(size);
  if (abi.event_get(EventField.CORRELATION) != 0) {
    Output.text(" answers ");
    Output.integer(abi.event_get(EventField.CORRELATION));
  }
  result.add();
  note();
  return Handled.DONE;
}

/** `3 to sink: 2 -4`: id, destination, outcome, error. */
export function on_undelivered(): i32 {
  Output.begin();
  Output.integer(abi.event_get(EventField.CORRELATION));
  Output.text(" to ");
  Output.text(Event.text(EventField.SENDER));
  Output.text(": ");
  Output.integer(abi.event_get(EventField.REASON));
  Output.text(" ");
  Output.integer(abi.event_get(EventField.HANDLE));
  note();
  return Handled.DONE;
}

/** `response 3: 69 text`, with a plus when more will come; the code is 0 and an error follows when no answer came. */
export function on_response(): i32 {
  const id = abi.event_get(EventField.CORRELATION);
  const event = waitFor(id);
  Output.begin();
  if (event != 0) Output.text(Self.name());
  else {
    Output.text("response ");
    Output.integer(id);
    Output.text(":");
  }
  const code = abi.event_get(EventField.METHOD);
  Output.text(" ");
  Output.integer(code);
  const isText = abi.event_get(EventField.FORMAT) == Format.TEXT;
  if (code == 0 || isText) Output.text(" ");
  if (code == 0) Output.integer(abi.event_get(EventField.REASON));
  if (isText) Output.payload();
  if (abi.event_get(EventField.HANDLE) != 0) Output.text(" +");
  if (event != 0) Reply.to(event, 69, Format.TEXT);
  else note();
  return Handled.DONE;
}

export function on_request(): i32 {
  if (Request.isFor("log")) return showLog();
  if (Request.isFor("do")) perform(Request.text());
  else number(count);
  // A request that waits for another answer has none yet.
  if (handled != Handled.DONE || awaits(Event.id())) return handled;
  return Reply.content(Format.TEXT);
}

/** The result stands in `Output`, what the handler returns in `handled`. */
function perform(text: string): void {
  handled = Handled.DONE;
  command(text);
  Output.begin();
  const verb = nextWord();
  count += 1;
  if (!control(verb) && !kept(verb)) call(verb);
  if (handled != Handled.DONE) count -= 1;
}

function number(value: i32): bool {
  Output.begin();
  Output.integer(value);
  return true;
}

function text(value: string): bool {
  Output.text(value);
  return true;
}

function hand(value: i32): bool {
  handled = value;
  return true;
}

/** Commands about the instance itself; false for others. */
function control(verb: string): bool {
  if (verb == "self") return text(Self.name());
  if (verb == "count") return number(count);
  if (verb == "keep") return isOpen ? text("kept") : hand(Handled.LATER);
  if (verb == "open") return (isOpen = true);
  if (verb == "later") return later();
  if (verb == "reject") return hand(Handled.REJECT);
  if (verb == "only") return Self.name().endsWith(nextWord()) ? text(Self.name()) : hand(Handled.REJECT);
  if (verb == "trap") unreachable();
  if (verb == "once") return once();
  if (verb == "loop") while (true) {}
  if (verb == "spin") return spin();
  if (verb == "exit") Self.exit(nextNumber());
  if (verb == "forget") forget();
  return false;
}

/** Puts each event off once. */
function later(): bool {
  if (putOff == Event.id()) return text("now");
  putOff = Event.id();
  return hand(Handled.LATER);
}

/** Traps the first time on this node. */
function once(): bool {
  if (Kv.get<i32>("once", 0) == 0) {
    Kv.set<i32>("once", 1);
    unreachable();
  }
  return text("survived");
}

function spin(): bool {
  const end = abi.uptime_ms() + <f64>nextNumber();
  while (abi.uptime_ms() < end) {}
  return text("spun");
}

/** Commands about what the node keeps for the atom; false for others. */
function kept(verb: string): bool {
  if (verb == "after") {
    const delay = nextNumber();
    planned = rest();
    return number(abi.timer_set(0, delay, 0));
  }
  if (verb == "timer") return number(abi.timer_set(nextNumber(), nextNumber(), nextNumber()));
  if (verb == "set") return number(Kv.setText(nextWord(), rest()));
  if (verb == "get") {
    const value = Kv.text(nextWord());
    return text(value === null ? "none" : value);
  }
  if (verb == "publish") {
    text(rest());
    return number(publish("state", Format.TEXT));
  }
  if (verb == "notify") return number(notify("state"));
  return false;
}

/** Commands that call the node: the result is what it returned. */
function call(verb: string): bool {
  if (verb == "send") return number(send(nextWord(), nextNumber(), rest()));
  if (verb == "fill") return number(fill(nextWord(), nextNumber(), nextNumber()));
  if (verb == "burst") return burst(nextWord(), nextNumber(), nextNumber());
  if (verb == "answer") return number(answer(rest()));
  if (verb == "twice") {
    const first = answer(rest());
    const second = answer(rest());
    number(first);
    Output.text(" ");
    Output.integer(second);
    return true;
  }
  if (verb == "hold") return hold(Event.id());
  if (verb == "release") return number(release(rest()));
  if (verb == "request") return number(ask(nextNumber(), nextWord(), nextNumber(), rest()));
  if (verb == "ring") return ring();
  if (verb == "cancel") return number(abi.request_cancel(nextNumber()));
  if (verb == "alias") return number(alias(nextWord(), true));
  if (verb == "unalias") return number(alias(nextWord(), false));
  if (verb == "names") return names(rest());
  if (verb == "spawn") return number(spawn(nextWord(), rest()));
  if (verb == "edge") return number(abi.random(LIMIT - 8 + nextNumber(), 8));
  return false;
}

/** Asks the next atom of the list to go on with the others behind it, and passes its answer on. */
function ring(): bool {
  const next = nextWord();
  const id = ask(2, "/a/" + next + "/do", 0, "ring " + rest() + " " + next);
  if (id > 0) return hold(Event.id(), id);
  text(Self.name());
  Output.text(" ");
  Output.integer(id);
  return true;
}

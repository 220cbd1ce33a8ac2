import { EventField, Format, Handled, Io, Kv, Output, Reply, Request, Self, Timer, notify, publish } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";

const TEMPERATURE = 0;
const LED = 1;

let live: i32 = 0;
let ticks: i32 = 0;

export function on_timer(): i32 {
  ticks += 1;
  Output.begin();
  Output.integer(Timer.fired());
  Output.text(" ");
  Output.integer(ticks);
  publish("ticks", Format.TEXT);
  return Handled.DONE;
}

export function on_io(): i32 {
  const reading = Io.reading();
  Output.begin();
  Output.integer(abi.event_get(EventField.REASON));
  Output.text(" ");
  Output.decimal(reading);
  publish("reading", Format.TEXT);
  return Handled.DONE;
}

export function on_request(): i32 {
  if (Request.isFor("level")) return putLevel();
  if (Request.isFor("live")) return Request.isGet() ? number(live) : bump();
  if (Request.isFor("timer")) return startTimer();
  if (Request.isFor("watch")) return number(Io.watch(TEMPERATURE, <i32>Request.number()));
  if (Request.isFor("led")) return number(Io.write(LED, Request.number()));
  if (Request.isFor("codes")) return codes();
  return Handled.DONE;
}

function number(value: i32): i32 {
  Output.begin();
  Output.integer(value);
  return Reply.content(Format.TEXT);
}

/** Publishes the body in its format; with query `short` for one second. GET is not answered. */
function putLevel(): i32 {
  if (Request.isGet()) return Handled.DONE;
  const seconds = Request.query() == "short" ? 1 : 0;
  Output.begin();
  Output.payload();
  return number(publish("level", Request.format() < 0 ? Format.TEXT : Request.format(), seconds));
}

function bump(): i32 {
  live += 1;
  notify("live");
  return Reply.changed();
}

/** `once`: timer 0 after 30 ms; `every`: timer 1 each 20 ms; `stop`: both. */
function startTimer(): i32 {
  const which = Request.text();
  if (which == "once") return number(Timer.after(0, 30));
  if (which == "every") return number(Timer.every(1, 20));
  Timer.cancel(0);
  return number(Timer.cancel(1));
}

/** Results of wrong calls, in the order of docs/atom-abi.json. */
function codes(): i32 {
  const results = new StaticArray<i32>(20);
  results[0] = abi.event_get(99);
  results[1] = abi.event_read(99, 0, 0);
  results[2] = abi.reply(12345, 69, -1, 0, 0);
  results[3] = abi.reply(0, 7, -1, 0, 0);
  results[4] = abi.reply(0, 69, -1, 64, 500);
  results[5] = abi.publish(0, 0, 0, 0, 0, 0);
  results[6] = abi.notify(0, 0);
  results[7] = abi.kv_get(0, 0, 0, 0);
  results[8] = abi.kv_set(0, 40, 0, 0);
  results[9] = Kv.setText("long", "more than the sixteen bytes of the quota");
  results[10] = Kv.remove("none");
  results[11] = abi.timer_set(2, 10, 0);
  results[12] = abi.timer_set(0, -1, 0);
  results[13] = abi.timer_cancel(1);
  results[14] = Io.open("rain0");
  results[15] = Io.open("led0");
  results[16] = abi.io_read(7, 64);
  results[17] = Io.write(TEMPERATURE, 1);
  results[18] = Io.watch(TEMPERATURE, 8);
  results[19] = abi.log(9, 64, 0);
  Output.begin();
  for (let i = 0; i < results.length; i++) {
    Output.integer(results[i]);
    Output.text(" ");
  }
  Output.text(Self.name());
  return Reply.content(Format.TEXT);
}

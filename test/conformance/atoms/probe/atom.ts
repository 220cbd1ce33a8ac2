import { Event, EventField, Format, Handled, Output, Reply, Request } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";

/** An event that `release` answers. */
let held: i32 = 0;
let offers: i32 = 0;
let second: i32 = 0;

export function on_request(): i32 {
  if (Request.isFor("echo")) return echo();
  if (Request.isFor("fields")) return fields();
  if (Request.isFor("hold")) {
    held = Event.id();
    return Handled.DONE;
  }
  if (Request.isFor("release")) return release();
  if (Request.isFor("twice")) return twice();
  if (Request.isFor("later")) return later();
  if (Request.isFor("reject")) return Handled.REJECT;
  return Handled.DONE; // silent
}

function echo(): i32 {
  Output.begin();
  Output.payload();
  return Reply.content(Request.format() < 0 ? Format.TEXT : Request.format());
}

function number(value: i32): i32 {
  Output.begin();
  Output.integer(value);
  return Reply.content(Format.TEXT);
}

/** METHOD FORMAT ACCEPT QUERY SIZE */
function fields(): i32 {
  Output.begin();
  Output.integer(Request.method());
  Output.text(" ");
  Output.integer(Request.format());
  Output.text(" ");
  Output.integer(Request.accept());
  Output.text(" ");
  Output.text(Request.query());
  Output.text(" ");
  Output.integer(Event.size(EventField.PAYLOAD));
  return Reply.content(Format.TEXT);
}

/** Answers the held request, then says with what result. */
function release(): i32 {
  Output.begin();
  Output.text("released");
  return number(Reply.to(held, 69, Format.TEXT));
}

/** POST answers two times; GET tells what the second answer returned. */
function twice(): i32 {
  if (Request.isGet()) return number(second);
  Reply.text("first");
  second = abi.reply(0, 69, -1, 0, 0);
  return Handled.DONE;
}

/** Puts the first offer off and answers the second. */
function later(): i32 {
  offers += 1;
  return offers % 2 == 1 ? Handled.LATER : number(offers);
}

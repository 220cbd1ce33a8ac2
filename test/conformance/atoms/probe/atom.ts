import { Code, Event, EventField, Format, Handled, Reply, Request, Writer } from "@radon/atoms-as/assembly";
import * as abi from "@radon/atoms-as/assembly/abi.generated";

const out = new Writer(160);
/** An event that `release` answers. */
let held: i32 = 0;
let offers: i32 = 0;
let second: i32 = 0;

export function on_request(): i32 {
  if (Request.isFor("echo")) return Reply.content(out.clear(Request.format < 0 ? Format.TEXT : Request.format).payload());
  if (Request.isFor("fields")) return fields();
  if (Request.isFor("hold")) {
    held = Event.id;
    return Handled.DONE;
  }
  if (Request.isFor("release")) return release();
  if (Request.isFor("twice")) return twice();
  if (Request.isFor("later")) return later();
  if (Request.isFor("reject")) return Handled.REJECT;
  return Handled.DONE; // silent
}

/** METHOD FORMAT ACCEPT QUERY SIZE */
function fields(): i32 {
  out.clear(Format.TEXT).integer(Request.method).text(" ").integer(Request.format).text(" ").integer(Request.accept);
  return Reply.content(out.text(" ").text(Request.query).text(" ").integer(Event.size(EventField.PAYLOAD)));
}

/** Answers the held request, then says with what result. */
function release(): i32 {
  const result = Reply.to(held, Code.CONTENT, out.clear(Format.TEXT).text("released"));
  return Reply.content(out.clear(Format.TEXT).integer(result));
}

/** POST answers two times; GET tells what the second answer returned. */
function twice(): i32 {
  if (Request.isGet) return Reply.content(out.clear(Format.TEXT).integer(second));
  Reply.text("first");
  second = abi.reply(0, Code.CONTENT, -1, 0, 0);
  return Handled.DONE;
}

/** Puts the first offer off and answers the second. */
function later(): i32 {
  offers += 1;
  if (offers % 2 == 1) return Handled.LATER;
  return Reply.content(out.clear(Format.TEXT).integer(offers));
}

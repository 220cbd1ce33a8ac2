import { Code, ErrorCode, Handled, Output, Reply, Request, send } from "@radon/atoms-as/assembly";

/** First stage. POST to `reading`: a number of 0 to 1000 goes on to `smooth`; while that is full, the request waits here. */
export function on_request(): i32 {
  if (!Request.isPost()) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  const reading = Request.number();
  if (!(reading >= 0 && reading <= 1000)) return Reply.message(Code.BAD_REQUEST, "0 to 1000");
  Output.begin();
  Output.decimal(reading);
  const sent = send("smooth");
  if (sent == ErrorCode.E_FULL) return Handled.LATER;
  return Reply.empty(sent > 0 ? Code.CHANGED : Code.UNAVAILABLE);
}

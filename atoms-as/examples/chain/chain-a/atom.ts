import { Code, Handled, Log, Output, Reply, Request, send } from "@radon/atoms-as/assembly";

/** POST to `celsius`: a temperature goes on to `chain-b`. */
export function on_request(): i32 {
  if (!Request.isPost()) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  const celsius = Request.number();
  if (!(celsius >= -273.15 && celsius <= 1000)) return Reply.message(Code.BAD_REQUEST, "degrees Celsius");
  Output.begin();
  Output.decimal(celsius);
  return Reply.empty(send("chain-b") > 0 ? Code.CHANGED : Code.UNAVAILABLE);
}

export function on_undelivered(): i32 {
  Log.warn("chain-b did not get it");
  return Handled.DONE;
}

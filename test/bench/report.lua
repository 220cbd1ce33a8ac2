-- What the scripts for wrk share: the result as one line of JSON, latencies in microseconds.
function done(summary, latency)
  local errors = summary.errors
  print(string.format('{"requests":%d,"failed":%d,"perSecond":%.0f,"p50Us":%d,"p99Us":%d}', summary.requests,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    summary.requests / (summary.duration / 1e6), latency:percentile(50), latency:percentile(99)))
end

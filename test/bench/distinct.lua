-- No two GETs are equal: neither a cache nor a request under way can answer them.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')
local count = 0
function request()
  count = count + 1
  return wrk.format('GET', wrk.path .. '?q=' .. count)
end

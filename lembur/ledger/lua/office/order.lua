-- A seat order takes effect: it is kept for ever, and the station's steps become those it leads to.
-- A: station, order (text), known (orders the steps were made from), steps [[at, seats]], plan [[at, base, wanted]].
-- Reply: {wakes} or {stale}.
local said = once()
if said then return said end
if call('LLEN', P .. 'orders') ~= A.known then return cjson.encode({ stale = true }) end
count_seats(A.station)
call('RPUSH', P .. 'orders', A.order)
local steps, wakes = P .. 'steps:' .. A.station, {}
call('DEL', steps)
for _, step in ipairs(A.steps) do
  local at = string.format('%.0f', step[1])
  call('ZADD', steps, at, at .. '|' .. step[2])
end
call('DEL', P .. 'plan:' .. A.station)
for _, step in ipairs(A.plan) do
  local at = string.format('%.0f', step[1])
  call('ZADD', P .. 'plan:' .. A.station, at, at .. '|' .. step[2] .. '|' .. step[3])
end
add('totals', 'orders|' .. A.station, 1)
wake(A.station, wakes)
event('ordered', { station = A.station })
return reply({ wakes = wakes })

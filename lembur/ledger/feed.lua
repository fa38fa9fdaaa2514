-- All arrivals up to a moment are enrolled; what waited for that tries again, and due bells ring.
-- Virtual time is noted, so that it goes on from there after a restart.
-- A: stations, fed (virtual ms, or nothing to ring bells only).  Reply: {wakes, now, next (earliest bell or end of a lot), busy (lots in hand or wake-ups under way)}.
local wakes, upto, busy = {}, NEVER, 0
call('HSET', P .. 'clock', 'mark', string.format('%.0f', NOW))
if A.fed then
  call('SET', P .. 'fed', string.format('%.0f', A.fed))
  wake_behind(wakes)
end
for _, station in ipairs(call('ZRANGEBYSCORE', P .. 'bells', '-inf', LIMIT)) do
  call('ZREM', P .. 'bells', station)
  wake(station, wakes)
end
upto = math.min(upto, scored(P .. 'bells', 0, 0) or NEVER)
for _, station in ipairs(A.stations) do
  upto = math.min(upto, scored(P .. 'flight:' .. station, 0, 0) or NEVER)
  busy = busy + call('ZCARD', P .. 'flight:' .. station) + tonumber(call('HGET', P .. 'line:' .. station, 'under_way') or 0)
end
return cjson.encode({ wakes = wakes, now = NOW, next = upto, busy = busy })

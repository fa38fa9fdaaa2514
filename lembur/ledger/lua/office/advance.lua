-- Advance a demonstration: keep its clock, note up to when all arrivals are enrolled, fire the timers that are due, and jump over
-- hours in which nothing can happen.
-- A: stations, fed and coming (virtual ms: enrolled up to, next arrival; absent: only fire), jump_ms (shortest jump; 0: none),
-- keeper and keep_ms (who keeps the clock, and how long in real time; absent: nobody).
-- Reply: {wakes, now, next (earliest timer, arrival or end of a lot), busy (lots in hand or wake-ups under way), waiting (cards)}
-- or {keeper}: another feed keeps this clock.
local clock = K.clock
if A.keeper then
  if KEEPER ~= A.keeper and REAL <= KEPT_UNTIL and KEEPER ~= '' then return cjson.encode({ keeper = KEEPER }) end
  if STANDS then
    call('HSET', clock, 'virtual', text(NOW), 'real', REAL)
    LIMIT = math.min(NOW, ENDS)
  end
  call('HSET', clock, 'keeper', A.keeper, 'until', REAL + A.keep_ms)
end
local wakes, upto, busy, waiting, heard = {}, A.coming or NEVER, 0, 0, 0
if A.fed then
  call('SET', K.arrivals_watermark, text(A.fed))
  wake_blocked(wakes)
end
fire_timers(wakes)
upto = math.min(upto, score_at(K.wake_timers, 0, 0) or NEVER)
for _, station in ipairs(A.stations) do
  local line = call('HMGET', K.station .. station, 'under_way', 'heard')
  local under_way = tonumber(line[1] or 0)
  upto = math.min(upto, score_at(K.in_flight .. station, 0, 0) or NEVER)
  busy = busy + call('ZCARD', K.in_flight .. station) + under_way
  waiting = waiting + call('ZCARD', K.ready .. station) + call('ZCARD', K.scheduled .. station)
  -- A seat that was woken a moment ago may be about to take a lot.
  heard = math.max(heard, tonumber(line[2] or 0), under_way > 0 and NEVER or 0)
end
-- A centre outside has a time of its own: nothing is jumped over while it has cards.
local asked = call('ZCARD', K.asked)
busy, heard = busy + asked, asked > 0 and NEVER or heard
local jump_ms = A.jump_ms or 0
if jump_ms > 0 and upto < ENDS and heard < REAL - 100 and upto - jump_ms > NOW then
  NOW = upto - math.floor(jump_ms / 2)
  call('HSET', clock, 'virtual', text(NOW), 'real', REAL)
end
return cjson.encode({ wakes = wakes, now = NOW, next = upto, busy = busy, waiting = waiting })

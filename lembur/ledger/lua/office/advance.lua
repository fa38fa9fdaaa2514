-- Advance a demonstration: keep its clock, note up to when all arrivals are enrolled, fire the timers that are due, and jump over
-- hours in which nothing can happen.
-- A: stations, fed and coming (virtual ms: enrolled up to, next arrival; absent: only fire), jump_ms (shortest jump; 0: none),
-- keeper and keep_ms (who keeps the clock, and how long in real time; absent: nobody), most_wakes (then the timers left are for
-- the next call).
-- Reply: {wakes, now, next (earliest timer, arrival or end of a lot), busy (lots in hand or wake-ups under way), waiting (cards)}
-- or {keeper}: another feed keeps this clock.
local clock = K.clock
if A.keeper then
  if KEEPER ~= A.keeper and REAL < KEPT_UNTIL and KEEPER ~= '' then return cjson.encode({ keeper = KEEPER }) end
  if STANDS then
    set(clock, 'virtual', text(NOW))
    set(clock, 'real', REAL)
    LIMIT = math.min(NOW, ENDS)
  end
  set(clock, 'keeper', A.keeper)
  set(clock, 'until', REAL + A.keep_ms)
end
local wakes, upto, busy, waiting, heard = {}, A.coming or NEVER, 0, 0, 0
if A.fed then
  call('SET', K.arrivals_watermark, text(A.fed))
  wake_blocked(wakes)
end
fire_timers(wakes, A.most_wakes)
upto = math.min(upto, first_score(K.wake_timers) or NEVER)
for _, station in ipairs(A.stations) do
  local line = fields_of(K.station .. station)
  local under_way = tonumber(line.under_way or 0)
  upto = math.min(upto, first_score(K.in_flight .. station) or NEVER)
  busy = busy + size(K.in_flight .. station) + under_way
  waiting = waiting + size(K.ready .. station) + size(K.scheduled .. station)
  -- A seat that was woken a moment ago may be about to take a lot.
  heard = math.max(heard, tonumber(line.heard or 0), under_way > 0 and NEVER or 0)
end
-- A centre outside has a time of its own: nothing is jumped over while it has cards.
local asked = size(K.asked)
busy, heard = busy + asked, asked > 0 and NEVER or heard
local jump_ms = A.jump_ms or 0
if jump_ms > 0 and upto < ENDS and heard < REAL - 100 and upto - jump_ms > NOW then
  NOW = upto - math.floor(jump_ms / 2)
  set(clock, 'virtual', text(NOW))
  set(clock, 'real', REAL)
end
return write_reply({ wakes = wakes, now = NOW, next = upto, busy = busy, waiting = waiting })

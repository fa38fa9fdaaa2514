-- Fire the timers that are due, and send lost wake-ups again.  A: stations, silence_ms.  Reply: {wakes, lost}.
-- Messages of a station come in the order in which they were sent: one that was under way at the last look, and that nobody
-- heard since, is lost.
local wakes, lost, real = {}, 0, REAL
fire_timers(wakes)
for _, station in ipairs(A.stations) do
  local line = K.station .. station
  local l = fields_of(line)
  if real - (l.looked or 0) > A.silence_ms then
    local gone = tonumber(l.unheard or 0)
    local left = (l.under_way or 0) - gone
    lost = lost + gone
    set(line, 'looked', real)
    set(line, 'unheard', left)
    set(line, 'under_way', left)
    wake(station, wakes)
  end
end
if lost > 0 then add(K.counters, 'lost_wakes|' .. CENTRE, lost) end
return write_reply({ wakes = wakes, lost = lost })

-- The net beneath the wake-ups: a station with work, open seats and silence gets them anew.
-- A: stations, silence_ms.  Reply: {wakes, lost (wake-ups given up for lost)}.
local wakes, lost, real = {}, 0, real_ms()
for _, station in ipairs(A.stations) do
  local line = call('HMGET', P .. 'line:' .. station, 'heard', 'under_way')
  if real - tonumber(line[1] or 0) > A.silence_ms then
    lost = lost + tonumber(line[2] or 0)
    call('HSET', P .. 'line:' .. station, 'under_way', 0, 'heard', real)
    wake(station, wakes)
  end
end
if lost > 0 then add('totals', 'lost_wakes|' .. CENTRE, lost) end
return told({ wakes = wakes, lost = lost })

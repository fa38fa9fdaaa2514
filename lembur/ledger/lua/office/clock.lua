-- Start the clock, or read it.
-- A: virtual (absent: where it last stood), speed, exact, ends - all for a start, none to read.  Reply: {now, speed}.
if not A.speed then return cjson.encode({ now = NOW, speed = SPEED }) end
local clock = P .. 'clock'
local virtual = A.virtual or tonumber(call('HGET', clock, 'mark')) or NOW
call('HSET', clock, 'virtual', string.format('%.0f', virtual), 'real', real_ms(), 'speed', A.speed,
  'exact', A.exact and 1 or 0, 'ends', string.format('%.0f', A.ends))
return cjson.encode({ now = virtual, speed = A.speed })

-- Start the clock, or read it.
-- A: virtual (absent: where it stands now), wall (true: the time of day), speed, exact, ends, keeper, keep_ms - none to read.
-- Reply: {now, speed, stands} or {keeper}: another feed keeps this clock.
if not A.speed then return cjson.encode({ now = NOW, speed = SPEED, stands = STANDS }) end
if KEEPER ~= '' and KEEPER ~= A.keeper and REAL < KEPT_UNTIL then return cjson.encode({ keeper = KEEPER }) end
local clock, real = K.clock, REAL
local virtual = A.wall and real or A.virtual or NOW
call('HSET', clock, 'virtual', text(virtual), 'real', real, 'speed', A.speed,
  'exact', A.exact and 1 or 0, 'ends', text(A.ends))
call('HDEL', clock, 'until', 'keeper')
if A.keeper then call('HSET', clock, 'keeper', A.keeper, 'until', real + A.keep_ms) end
return cjson.encode({ now = virtual, speed = A.speed })

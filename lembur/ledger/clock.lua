-- Set the clock, or let it jump over hours in which nothing can happen.
-- A: virtual (absent: where it last stood), speed, exact, ends (all for a start), or jump_to (later than now, else nothing happens).  Reply: {now, speed}.
local clock = P .. 'clock'
if A.jump_to then
  if A.jump_to > NOW then call('HSET', clock, 'virtual', string.format('%.0f', A.jump_to), 'real', real_ms()) end
elseif A.speed then
  A.virtual = A.virtual or tonumber(call('HGET', clock, 'mark')) or NOW
  call('HSET', clock, 'virtual', string.format('%.0f', A.virtual), 'real', real_ms(), 'speed', A.speed,
    'exact', A.exact and 1 or 0, 'ends', string.format('%.0f', A.ends))
  return cjson.encode({ now = A.virtual, speed = A.speed })
end
return cjson.encode({ now = math.max(NOW, A.jump_to or 0), speed = SPEED })

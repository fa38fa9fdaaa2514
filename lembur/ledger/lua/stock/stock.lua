-- Blanks and ribbon move: received, transferred to another station, destroyed by minutes.
-- Written `0 - n`: in Lua `-0` is a number of its own, which Redis (not Valkey) refuses half-way through the script.
-- A: verb, station, to (of a transfer), blank, ribbon (in cards), minutes.  Reply: {wakes, blank, ribbon} or {short}.
local said = once()
if said then return said end
local stock, wakes = P .. 'stock:' .. A.station, {}
local has = call('HMGET', stock, 'blank', 'ribbon')
if A.verb ~= 'receive' and (tonumber(has[1]) < A.blank or tonumber(has[2]) < A.ribbon) then
  return cjson.encode({ short = true, blank = tonumber(has[1]), ribbon = tonumber(has[2]) })
end
count_seats(A.station)
if A.verb == 'receive' then
  shelve(A.station, NOW, A.blank, A.ribbon)
  wake(A.station, wakes)
  call('HINCRBY', stock, 'received', A.blank)
  tally('received', A.station, hour(NOW), A.blank)
elseif A.verb == 'transfer' then
  call('HINCRBY', stock, 'blank', 0 - A.blank)
  call('HINCRBY', stock, 'ribbon', 0 - A.ribbon)
  call('HINCRBY', stock, 'moved', 0 - A.blank)
  tally('moved', A.station, hour(NOW), 0 - A.blank)
  tally('moved', A.to, hour(NOW), A.blank)
  call('HINCRBY', P .. 'stock:' .. A.to, 'moved', A.blank)
  count_seats(A.to)
  shelve(A.to, NOW, A.blank, A.ribbon)
  wake(A.to, wakes)
else
  call('HINCRBY', stock, 'blank', 0 - A.blank)
  call('HINCRBY', stock, 'ribbon', 0 - A.ribbon)
  call('HINCRBY', stock, 'destroyed', A.blank)
  tally('destroyed', A.station, hour(NOW), A.blank)
end
event('stock', A)
return reply({ wakes = wakes, blank = tonumber(call('HGET', stock, 'blank')), ribbon = tonumber(call('HGET', stock, 'ribbon')) })

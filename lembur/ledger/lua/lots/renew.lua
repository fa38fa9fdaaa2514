-- @include _lot
-- A seat keeps its lot: the printer is still at work, or waits for a person. The planned end moves with it, so that no other
-- seat counts on this one.  A: lot, lease_ms.  Reply: {renewed} or {fenced}.
local reply = stored_reply()
if reply then return reply end
local lot = held_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local finish = math.max(lot.ends[#lot.ends], NOW + math.ceil(A.lease_ms * SPEED))
lot.ends[#lot.ends] = finish
call('HSET', K.lot .. A.lot, 'ends', cjson.encode(lot.ends))
call('ZADD', K.seats .. lot.station, 'XX', finish, A.lot)
call('ZADD', K.in_flight .. lot.station, 'XX', finish, A.lot)
call('ZADD', K.lease .. lot.station, real_ms() + A.lease_ms, A.lot)
return keep_reply({ renewed = true })

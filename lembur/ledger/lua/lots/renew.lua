-- A seat keeps its lot: the printer is still at work, or waits for a person. The planned end moves with it, so that no other
-- seat counts on this one.  A: lot, lease_ms.  Reply: {renewed} or {fenced}.
local lot = held_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local finish = math.max(planned_end(lot), NOW + math.ceil(A.lease_ms * SPEED))
lot.ends[#lot.ends] = text(finish)
call('HSET', K.lots, A.lot, table.concat({ lot.station, lot.began, lot.card_list, cjson.encode(lot.ends) }, '|'))
call('ZADD', K.seats .. lot.station, 'XX', finish, A.lot)
call('ZADD', K.in_flight .. lot.station, 'XX', finish, A.lot)
call('ZADD', K.lease .. lot.station, REAL + A.lease_ms, A.lot)
return keep_reply({ renewed = true })

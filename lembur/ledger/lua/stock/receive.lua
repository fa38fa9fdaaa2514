-- @include _stock
-- A person puts a delivery on the shelf of a station.
-- A: station, blank, ribbon (in cards), minutes, by, reason, reference.  Reply: {wakes}, {unknown: station} or {used: the earlier action}.
local said = once()
if said then return said end
local refused, wakes = refuse_movement(), {}
if refused then return refused end
count_seats(A.station)
shelve(A.station, NOW, A.blank, A.ribbon)
call('HINCRBY', STOCK, 'received', A.blank)
tally('received', A.station, hour(NOW), A.blank)
wake(A.station, wakes)
log_action('receive', MOVED)
event('receive', MOVED)
return reply({ wakes = wakes })

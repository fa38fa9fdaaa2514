-- @include _stock
-- A person destroys blanks by minutes.
-- A: station, blank, ribbon (0), minutes, by, reason, reference.
-- Reply: {wakes}, {unknown: station}, {used: the earlier action} or {short, blank, ribbon (on the shelf)}.
local said = once()
if said then return said end
local refused = refuse_movement() or refuse_short()
if refused then return refused end
count_seats(A.station)
unshelve()
call('HINCRBY', STOCK, 'destroyed', A.blank)
tally('destroyed', A.station, hour(NOW), A.blank)
log_action('destroy', MOVED)
event('destroy', MOVED)
return reply({ wakes = {} })

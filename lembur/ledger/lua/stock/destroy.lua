-- @include _stock
-- A person destroys blanks by minutes.
-- A: station, blank, ribbon (0), minutes, by, reason, reference.
-- Reply: {wakes}, {unknown: station}, {used: the earlier action} or {short, blank, ribbon (on the shelf)}.
local reply = stored_reply()
if reply then return reply end
local refused = refuse_movement() or refuse_short()
if refused then return refused end
count_seat_time(A.station)
unshelve()
call('HINCRBY', STOCK, 'destroyed', A.blank)
count_hourly('destroyed', A.station, hour(NOW), A.blank)
log_action('destroy', MOVED)
log_event('destroy', MOVED)
return keep_reply({ wakes = {} })

-- A person destroys blanks by minutes.
-- A: station, blank, ribbon (0), minutes, by, reason, reference.
-- Reply: {wakes}, {unknown: station}, {used: the earlier action} or {short, blank, ribbon (on the shelf)}.
local refused = refuse_movement() or refuse_short()
if refused then return refused end
count_seat_time(A.station)
unshelve()
raise(K.stock .. A.station, 'destroyed', A.blank)
count_hourly('destroyed', A.station, hour(NOW), A.blank)
return end_action('destroy', movement(), {})

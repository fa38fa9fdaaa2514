-- A person carries blanks and ribbon from one station to another.
-- A: station, to, blank, ribbon (in cards), minutes, by, reason, reference.
-- Reply: {wakes}, {unknown: station}, {used: the earlier action} or {short, blank, ribbon (on the shelf)}.
local refused, wakes = refuse_movement() or refuse_short(), {}
if refused then return refused end
count_seat_time(A.station)
count_seat_time(A.to)
unshelve()
raise(K.stock .. A.station, 'moved', -A.blank)
count_hourly('moved', A.station, hour(NOW), -A.blank)
shelve(A.to, NOW, A.blank, A.ribbon)
raise(K.stock .. A.to, 'moved', A.blank)
count_hourly('moved', A.to, hour(NOW), A.blank)
wake(A.to, wakes)
return end_action('transfer', movement(), wakes)

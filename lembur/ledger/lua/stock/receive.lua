-- A person puts a delivery on the shelf of a station.
-- A: station, blank, ribbon (in cards), minutes, by, reason, reference.  Reply: {wakes}, {unknown: station} or {used: the earlier action}.
local refused, wakes = refuse_movement(), {}
if refused then return refused end
count_seat_time(A.station)
shelve(A.station, NOW, A.blank, A.ribbon)
raise(K.stock .. A.station, 'received', A.blank)
count_hourly('received', A.station, hour(NOW), A.blank)
wake(A.station, wakes)
return end_action('receive', movement(), wakes)

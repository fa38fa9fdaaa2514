-- The print result of this lot is unknown: its cards wait for a person, their blanks stay reserved.
-- A: lot, from, to (statuses).  Reply: {wakes} or {fenced}.
local lot = ending_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local wakes, at = {}, leaving_time(lot.start)
end_all_cards(lot, A.to, at, 'no answer from the printer')
queue_all(K.unconfirmed, at, lot.cards)
-- The printer may work until the planned end, so its seat is busy until then: two prints would be in one seat. It does not
-- wait for the person: a station with one printer would stand still for one card.
local finish = planned_end(lot)
end_lot(lot, finish < NEVER and leaving_time(finish) or at)
wake(lot.station, wakes)
log_event('unconfirmed', { lot = lot.name, station = lot.station }, { cards = lot.card_list })
return keep_reply({ wakes = wakes })

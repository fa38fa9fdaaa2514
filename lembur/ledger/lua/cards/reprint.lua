-- A person asks for a card once more: a new request, linked to the first. A card is reprinted once; from then on the first
-- cannot be handed over, and only its reprint can be reprinted.
-- A: card, by, reason, allowed (statuses it may start from), class, due, stream, ready (status).
-- Reply: {card (the new one), wakes}, {refused: status, '' for an unknown card} or {reprinted: the card that it was reprinted as}.
local first, wakes = read_card(), {}
if not may_start(first) then return cjson.encode({ refused = first.status or '' }) end
local before = read('HGET', K.reprints, A.card)
if before then return cjson.encode({ reprinted = before }) end
local station = first.station
count_seat_time(station)
local card = string.format('%08d', call('INCRBY', K.serial, 1))
local kelurahan, mask = string.match(RECORDS[A.card], '^%d+|%-?%d+|%-?%d+|[^|]*|([^|]*)|[^|]*|([^|]*)')
RECORDS[card] = string.format('%d|%.0f|%.0f|', A.class, A.due, NOW) .. table.concat({ station, kelurahan, A.stream, mask }, '|')
move(card, nil, A.ready, NOW, 'reprint of ' .. A.card .. ': ' .. reason_by())
add_history(A.card, NOTE.reprinted, NOW, 'as ' .. card .. ': ' .. reason_by())
call('HSET', K.reprints, A.card, card)
mark_uncollected({ A.card }, 0)
join_queue(station, station, card, A.class, NOW, NOW)
add(K.counters, 'arrivals|' .. station .. '|' .. A.class, 1)
count_hourly('enrolled', station, hour(NOW))
count_hourly('ready', station, hour(NOW))
if NOW <= LIMIT then wake(station, wakes) else set_timer(station, NOW) end
log_action('reprint', { card = A.card, as = card })
log_event('reprint', { card = A.card, as = card })
return keep_reply({ card = card, wakes = wakes })

-- A print lot is done: each card is printed, or its blank is spoiled and the card ready again.
-- A: lot, reasons (one a card: '' = printed, else why it was spoiled), ends, from, printed, ready (statuses).  Reply: {wakes} or {fenced}.
local said = once()
if said then return said end
local lot = held_lot(A.lot)
if not lot then return reply({ fenced = true }) end
local station, spoiled, wakes, good = lot.station, 0, {}, 0
local finish = A.ends[#A.ends]

for i, card in ipairs(lot.cards) do
  local at, reason = A.ends[i], A.reasons[i]
  if reason == '' then
    move(card, A.from, A.printed, at, station)
    tally('printed', station, hour(at))
    good = at
    if tonumber(call('HGET', P .. 'card:' .. card, 'd')) < at then tally('late', station, hour(at)) end
  else
    spoiled = spoiled + 1
    move(card, A.from, A.ready, at, reason)
    call('ZADD', P .. 'soon:' .. station, finish, card)
    tally('spoiled', station, hour(at))
    tally('reason', station, reason)
  end
  busy(station, i == 1 and lot.start or A.ends[i - 1], at)
end
if good > tonumber(call('HGET', P .. 'line:' .. station, 'printed') or 0) then
  call('HSET', P .. 'line:' .. station, 'printed', string.format('%.0f', good))
end
local stock = P .. 'stock:' .. station
call('HINCRBY', stock, 'reserved', -#lot.cards)
call('HINCRBY', stock, 'used', #lot.cards - spoiled)
call('HINCRBY', stock, 'spoiled', spoiled)
note_lag(finish)
end_lot(lot, finish)
wake(station, wakes)
event('printed', { lot = lot.name, station = station, cards = lot.cards, reasons = A.reasons, start = lot.start, ends = A.ends })
return reply({ wakes = wakes })

-- A print lot is done: each card is printed, or its blank is spoiled and the card ready again.
-- A: lot, reasons (one a card: '' = printed, else why it was spoiled), ends, rest_ms (of all), edges and wait_edges (of
-- buckets), from, printed, ready (statuses), printer (a real one's name, else '').  Reply: {wakes} or {fenced}.
local said = once()
if said then return said end
local lot = held_lot(A.lot)
if not lot then return reply({ fenced = true }) end
local station, spoiled, wakes, good = lot.station, 0, {}, 0
local finish = A.ends[#A.ends]

-- A lot that ends as planned changes no time of seats. For any other, the time up to here is counted first.
local planned = finish == lot.ends[#lot.ends]
for _, reason in ipairs(A.reasons) do planned = planned and reason == '' end
if not planned then lot.counted = count_seats(station) end

for i, card in ipairs(lot.cards) do
  local at, reason, from = A.ends[i], A.reasons[i], i == 1 and lot.start or A.ends[i - 1]
  local c = call('HMGET', P .. 'card:' .. card, 'd', 'c', 'e')
  if reason == '' then
    move(card, A.from, A.printed, at, station)
    tally('printed', station, hour(at))
    good = at
    measure('wait', station, at - c[3], A.wait_edges)
    if tonumber(c[1]) < at then tally('late', station, hour(at)) end
  else
    spoiled = spoiled + 1
    move(card, A.from, A.ready, at, reason)
    join(station, station, card, c[2], c[3], finish)
    tally('spoiled', station, hour(at))
    tally('reason', station, reason)
    add('totals', 'spoiled|' .. station .. '|' .. reason, 1)
    add('totals', 'retry|' .. station .. '|spoiled', 1)
  end
  measure('duration', station, at - from, A.edges)
  busy(station, from, at)
end
if good > tonumber(call('HGET', P .. 'line:' .. station, 'printed') or 0) then
  call('HSET', P .. 'line:' .. station, 'printed', string.format('%.0f', good))
end
-- The lot's name begins with the owner of the printers; the number behind makes it unique.
local owner = string.sub(lot.name, 1, -33)
add('totals', 'logged_good|' .. station .. '|' .. owner, #lot.cards - spoiled)
add('totals', 'logged_spoiled|' .. station .. '|' .. owner, spoiled)
if A.printer ~= '' then
  add('totals', 'printer_good|' .. station .. '|' .. A.printer, #lot.cards - spoiled)
  add('totals', 'printer_spoiled|' .. station .. '|' .. A.printer, spoiled)
end
local stock = P .. 'stock:' .. station
call('HINCRBY', stock, 'reserved', -#lot.cards)
call('HINCRBY', stock, 'used', #lot.cards - spoiled)
call('HINCRBY', stock, 'spoiled', spoiled)
note_lag(finish)
end_lot(lot, finish, finish - lot.start - A.rest_ms, A.rest_ms)
wake(station, wakes)
event('printed', { lot = lot.name, station = station, cards = lot.cards, reasons = A.reasons, start = lot.start, ends = A.ends, printer = A.printer ~= '' and A.printer or nil })
return reply({ wakes = wakes })

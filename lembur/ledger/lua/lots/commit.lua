-- A print lot is done: each card is printed, or its blank is spoiled and the card ready again.
-- A: lot, reasons (one a card: why it was spoiled, '' = printed; absent: all are printed), ends (one a card, as text, in JSON),
-- rest_ms (of all), from, printed, ready (statuses), printer (a real one's name, else ''), blanks (serials, one a card, '' = unknown;
-- absent: none), next_most (as in answer).
-- Reply: {wakes, next, reused: [[card, serial, the other card]] (absent: none)} or {fenced}.
local lot = held_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local station, wakes, reasons = lot.station, {}, A.reasons or {}
-- Mostly the ends are those that were planned.
local ends = A.ends == lot.end_list and lot.ends or cjson.decode(A.ends)
local finish = tonumber(ends[#ends])
-- A lot that ends as planned changes no time of seats. For any other, the time up to here is counted first.
if A.reasons or finish ~= planned_end(lot) then lot.counted = count_seat_time(station) end

take_cards(lot)
local cards, records, from = lot.cards, lot.records, lot.start
local marks, whys, times, waits, out, printed, late, n, reused, match = {}, {}, {}, {}, {}, {}, {}, 0, nil, string.match
for i = 1, #cards do
  local due, recorded = match(records[i], '^%d+|(%-?%d+)|(%-?%d+)')
  local at, reason = ends[i] + 0, reasons[i]
  if not reason or reason == '' then
    n = n + 1
    marks[i], printed[n], waits[n], out[n] = MARK[A.printed], at, at - recorded, cards[i]
    if due + 0 < at then late[#late + 1] = at end
  else
    marks[i], whys[i] = MARK[A.ready], reason
    join_queue(station, station, cards[i], match(records[i], '^%d+'), recorded, finish)
    count_spoiled(station, at, reason)
    add(K.counters, 'retry|' .. station .. '|spoiled', 1)
  end
  times[i], from = at - from, at
end
end_cards(lot, marks, ends, whys)
for i, serial in ipairs(A.blanks or {}) do
  if serial ~= '' then
    RECORDS[cards[i]] = CHANGED[2 * i]
    local other = note_blank(cards[i], serial, whys[i] and 'spoiled' or 'used', ends[i])
    if other then
      reused = reused or {}
      reused[#reused + 1] = { cards[i], serial, other }
    end
  end
end
local spoiled = #cards - n
mark_uncollected(out, 1)
count_hours('printed', station, printed)
add(K.counts, A.printed, #out)
add(K.counts, A.ready, spoiled)
count_hours('late', station, late)
fill_buckets('duration', station, times)
fill_buckets('wait', station, waits)
count_busy(station, lot.start, finish)
local good = printed[#printed] or 0
if good > tonumber(fields_of(K.station .. station).printed or 0) then set(K.station .. station, 'printed', text(good)) end
-- The lot's name begins with the owner of the printers; the number behind makes it unique.
local owner = string.sub(lot.name, 1, -33)
add(K.counters, 'logged_good|' .. station .. '|' .. owner, #out)
add(K.counters, 'logged_spoiled|' .. station .. '|' .. owner, spoiled)
if A.printer ~= '' then
  add(K.counters, 'printer_good|' .. station .. '|' .. A.printer, #out)
  add(K.counters, 'printer_spoiled|' .. station .. '|' .. A.printer, spoiled)
end
local stock = K.stock .. station
raise(stock, 'reserved', -#cards)
raise(stock, 'used', #out)
raise(stock, 'spoiled', spoiled)
note_lag(finish)
end_lot(lot, finish, finish - lot.start - A.rest_ms, A.rest_ms)
wake(station, wakes)
log_event('printed', {
  lot = lot.name, station = station, reasons = A.reasons, start = lot.start, printer = A.printer ~= '' and A.printer or nil,
}, { cards = lot.card_list, ends = A.ends })
return keep_reply({ next = offer_next(station, wakes), wakes = wakes, reused = reused })

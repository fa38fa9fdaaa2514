-- A print lot is done: each card is printed, or its blank is spoiled and the card ready again.
-- A: lot, reasons (one a card: '' = printed, else why it was spoiled), ends (one a card, as text, in JSON), rest_ms (of all), edges and wait_edges (of
-- buckets), from, printed, ready (statuses), printer (a real one's name, else ''), blanks (serials, one a card, '' = unknown; absent: none).
-- Reply: {wakes, reused: [[card, serial, the other card]] (absent: none)} or {fenced}.
local lot = held_lot(A.lot)
if not lot then return keep_reply({ fenced = true }) end
local station, spoiled, wakes, ends = lot.station, 0, {}, reported_ends(lot)
local finish = tonumber(ends[#ends])

-- A lot that ends as planned changes no time of seats. For any other, the time up to here is counted first.
local planned = finish == planned_end(lot)
for _, reason in ipairs(A.reasons) do
  if reason ~= '' then planned = false end
end
if not planned then lot.counted = count_seat_time(station) end

take_cards(lot)
local times, waits, out, printed, late, from, match, reused = {}, {}, {}, {}, {}, lot.start, string.match, nil
for i, card in ipairs(lot.cards) do
  local class, due, recorded = match(lot.records[i], '^(%d+)|(%-?%d+)|(%-?%d+)')
  local at, reason = tonumber(ends[i]), A.reasons[i]
  if reason == '' then
    end_card(lot, i, A.printed, ends[i])
    if tonumber(due) < at then late[#late + 1] = at end
    local n = i - spoiled
    printed[n], waits[n], out[n] = at, at - recorded, card
  else
    end_card(lot, i, A.ready, ends[i], reason)
    spoiled = spoiled + 1
    join_queue(station, station, card, class, recorded, finish)
    count_spoiled(station, at, reason)
    add(K.counters, 'retry|' .. station .. '|spoiled', 1)
  end
  local serial = A.blanks and A.blanks[i] or ''
  if serial ~= '' then
    RECORDS[card] = CHANGED[#CHANGED]
    local other = note_blank(card, serial, reason == '' and 'used' or 'spoiled', at)
    if other then
      reused = reused or {}
      reused[#reused + 1] = { card, serial, other }
    end
  end
  times[i], from = at - from, at
end
mark_uncollected(out, 1)
count_hours('printed', station, printed)
add(K.counts, A.printed, #out)
add(K.counts, A.ready, spoiled)
count_hours('late', station, late)
fill_buckets('duration', station, times, A.edges)
fill_buckets('wait', station, waits, A.wait_edges)
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
raise(stock, 'reserved', -#lot.cards)
raise(stock, 'used', #out)
raise(stock, 'spoiled', spoiled)
note_lag(finish)
end_lot(lot, finish, finish - lot.start - A.rest_ms, A.rest_ms)
wake(station, wakes)
log_event('printed', {
  lot = lot.name, station = station, reasons = A.reasons, start = lot.start, printer = A.printer ~= '' and A.printer or nil,
}, { cards = lot.card_list, ends = A.ends })
return keep_reply({ wakes = wakes, reused = reused })

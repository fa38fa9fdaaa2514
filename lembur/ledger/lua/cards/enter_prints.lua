-- Enter prints that only a printer's log knows, of a card that waits for a person, as after an older ledger was restored.
-- A: card, from (its status), prints [{moves [[to, at, why]], at, outcome (good | spoiled | unknown), reason, owner, printer,
-- blank ('' = unknown)}], ready, unconfirmed (statuses).
-- Reply: {wakes, reused: [[card, serial, the other card]]} or {refused: the card's status}.
local card, wakes, reused = read_card(), {}, {}
if card.status ~= A.from then return cjson.encode({ refused = card.status or '' }) end
local station, stock, status, found = card.station, K.stock .. card.station, card.status, { good = 0, spoiled = 0, unknown = 0 }
count_seat_time(station)

local function count(print)
  local kind = print.outcome
  if print.printer ~= '' then add(K.counters, 'printer_' .. kind .. '|' .. station .. '|' .. print.printer, 1) end
  if kind == 'good' then
    count_hourly('printed', station, hour(print.at))
    fill_buckets('wait', station, { math.max(0, print.at - card.recorded) })
    if card.due < print.at then count_hourly('late', station, hour(print.at)) end
  else
    count_spoiled(station, print.at, print.reason)
    add(K.counters, 'retry|' .. station .. '|spoiled', 1)
  end
end

for _, print in ipairs(A.prints) do
  -- The end of a card that waits for a person is a finding, and no print that a machine has logged.
  local is_finding, kind = status == A.unconfirmed, print.outcome
  for _, m in ipairs(print.moves) do
    move(A.card, status, m[1], m[2], m[3])
    status = m[1]
  end
  found[kind] = found[kind] + 1
  if kind ~= 'unknown' then
    if not is_finding then add(K.counters, 'logged_' .. kind .. '|' .. station .. '|' .. print.owner, 1) end
    count(print)
    local other = print.blank ~= '' and note_blank(A.card, print.blank, kind == 'good' and 'used' or 'spoiled', print.at)
    if other then reused[#reused + 1] = { A.card, print.blank, other } end
  end
end

-- The blank of a card that waited for a person is reserved already. A blank that is not on the shelf came with a delivery that
-- this ledger does not know.
local shelf, held = fields_of(stock), A.from == A.unconfirmed and 1 or 0
local taken, blank, ribbon = #A.prints - held, tonumber(shelf.blank), tonumber(shelf.ribbon)
raise(stock, 'received', math.max(0, taken - blank))
raise(stock, 'blank', -math.min(taken, blank))
raise(stock, 'ribbon', -math.min(taken, ribbon))
raise(stock, 'used', found.good)
raise(stock, 'spoiled', found.spoiled)
raise(stock, 'reserved', found.unknown - held)
if held == 1 then call('ZREM', K.unconfirmed, A.card) end
if found.good > 0 then mark_uncollected({ A.card }, 1) end
if status == A.unconfirmed then call('ZADD', K.unconfirmed, NOW, A.card) end
if status == A.ready then
  join_queue(station, station, A.card, card.class, card.recorded, NOW)
  wake(station, wakes)
end
log_event('entered', { card = A.card, good = found.good, spoiled = found.spoiled, unknown = found.unknown })
return keep_reply({ wakes = wakes, reused = reused })

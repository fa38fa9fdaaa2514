-- A person looked at the printer and settles a card without a print result: it came out, its blank is spoiled, or the
-- blank is untouched. A second person corrects a wrong finding while nothing else has happened to the card; the card's
-- history keeps both.
-- A: card, finding (printed | spoiled | untouched), by, unconfirmed, printed, ready (statuses).
-- Reply: {wakes}, {refused: the card's status, '' for an unknown card}, {settled: {finding, by}} when this person or
-- finding cannot correct it, or {short: true} when the blank that lay untouched is gone.
local card, wakes = read_card(), {}
local station, stock = card.station, K.stock .. (card.station or '')

-- The finding to correct, when it is the latest entry of the card's history.
local function earlier()
  local by_a_person = '|' .. CODE[A.unconfirmed] .. '[^|]*|%l(%-?%d+) (%a+), found by ([^|]*)$'
  local at, finding, by = string.match(RECORDS[A.card] or '', by_a_person)
  if card.in_hand or not at then return nil end
  return { finding = finding, by = string.gsub(string.gsub(by, '%%7C', '|'), '%%25', '%%'), at = tonumber(at) }
end

-- Undo an earlier finding: the card is without a result again, and its blank reserved. Counters only rise, so what was
-- counted is kept as withdrawn.
local function take_back(was)
  move(A.card, card.status, A.unconfirmed, NOW, 'corrected by ' .. A.by)
  raise(stock, 'reserved', 1)
  if was.finding == 'printed' then
    raise(stock, 'used', -1)
    mark_uncollected({ A.card }, 0)
    add(K.counters, 'withdrawn|' .. station .. '|printed', 1)
    count_hourly('printed', station, hour(was.at), -1)
    if card.due < was.at then count_hourly('late', station, hour(was.at), -1) end
    return
  end
  leave_queue(card, station)
  if was.finding == 'spoiled' then
    raise(stock, 'spoiled', -1)
    add(K.counters, 'withdrawn|' .. station .. '|spoiled', 1)
    count_hourly('spoiled', station, hour(was.at), -1)
    count_hourly('reason', station, 'unconfirmed', -1)
  else
    raise(stock, 'blank', -1)
    raise(stock, 'ribbon', -1)
  end
end

local function settle()
  raise(stock, 'reserved', -1)
  local why = A.finding .. ', found by ' .. A.by
  if A.finding == 'printed' then
    move(A.card, A.unconfirmed, A.printed, NOW, why)
    raise(stock, 'used', 1)
    mark_uncollected({ A.card }, 1)
    count_hourly('printed', station, hour(NOW))
    fill_buckets('wait', station, { NOW - card.recorded })
    if card.due < NOW then count_hourly('late', station, hour(NOW)) end
    return
  end
  move(A.card, A.unconfirmed, A.ready, NOW, why)
  join_queue(station, station, A.card, card.class, card.recorded, NOW)
  add(K.counters, 'retry|' .. station .. '|unconfirmed', 1)
  if A.finding == 'spoiled' then
    raise(stock, 'spoiled', 1)
    count_spoiled(station, NOW, 'unconfirmed')
  else
    shelve(station, NOW, 1, 1)
  end
  wake(station, wakes)
end

local was = card.status ~= A.unconfirmed and earlier() or nil
if card.status ~= A.unconfirmed then
  if not was then return cjson.encode({ refused = card.status or '' }) end
  if string.lower(was.by) == string.lower(A.by) or was.finding == A.finding then
    return cjson.encode({ settled = { was.finding, was.by } })
  end
  local shelf = fields_of(stock)
  if was.finding == 'untouched' and math.min(tonumber(shelf.blank), tonumber(shelf.ribbon)) < 1 then
    return cjson.encode({ short = true })
  end
end
count_seat_time(station)
if was then take_back(was) else call('ZREM', K.unconfirmed, A.card) end
settle()
log_action(was and 'correct' or 'confirm', { card = A.card, finding = A.finding, corrects = was and was.finding or nil })
log_event('confirmed', { card = A.card, finding = A.finding })
return keep_reply({ wakes = wakes })

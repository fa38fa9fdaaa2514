-- Verdicts of the centre on any cards, in any order: each moves its card, and the cursor behind them moves with them.
-- A: rows ([[card, attempt, verdict]]), after and cursor (of the feed that they are from; absent: the reply to an asking),
-- verdicts (all that there are), from, ready, to, shelf (statuses), why, tries (of a card).
-- Reply: {wakes, cursor, strays (rows that changed nothing)}.
if A.cursor then
  local cursor = read('GET', K.centre_cursor) or ''
  -- Another reader was quicker. What it heard stands already.
  if cursor ~= A.after then return keep_reply({ wakes = {}, cursor = cursor, strays = 0 }) end
  call('SET', K.centre_cursor, A.cursor)
end
local known, cards = {}, {}
for _, verdict in ipairs(A.verdicts) do known[verdict] = true end
for i, row in ipairs(A.rows) do cards[i] = row[1] end
read_records(cards)
local asked, attempts = read_all(K.asked, cards, 'ZMSCORE'), read_all(K.attempts, cards)
local counted, heard, ready, times, wakes, failed = {}, {}, {}, {}, {}, 0

local function shelve_failed(card, at)
  call('HDEL', K.tries, card)
  move(card, A.from, A.shelf, at, A.why)
  add(K.counters, 'shelved|' .. CENTRE, 1)
end

-- A verdict that nobody knows is a failure of the centre, as an answer that cannot be read is.
local function take_unknown(card, station, at)
  failed = failed + 1
  call('HINCRBY', K.attempts, card, 1)
  if call('HINCRBY', K.tries, card, 1) >= A.tries then
    shelve_failed(card, at)
    return call('ZREM', K.at_centre .. station, card)
  end
  local class, _, recorded = read_head(RECORDS[card])
  move(card, A.from, A.to, at, A.why)
  join_queue(CENTRE, station, card, class, recorded, at)
end

local function take_known(card, station, verdict, at)
  move(card, A.from, verdict, at)
  count_hourly('answered', verdict, hour(at))
  add(K.counters, 'verdict|' .. verdict, 1)
  call('ZREM', K.at_centre .. station, card)
  call('HDEL', K.tries, card)
  if verdict ~= A.ready then
    -- Asked anew after a person has looked, it is another attempt.
    return call('HINCRBY', K.attempts, card, 1)
  end
  call('HDEL', K.attempts, card)
  local class, _, recorded = read_head(RECORDS[card])
  join_queue(station, station, card, class, recorded, at)
  count_hourly('ready', station, hour(at))
  ready[station] = true
end

for i, row in ipairs(A.rows) do
  local card, attempt, verdict = row[1], row[2], row[3]
  local is_now = RECORDS[card] and attempt == 1 + (attempts[i] or 0)
  local station = is_now and select(4, read_head(RECORDS[card]))
  if is_now and asked[i] and call('ZREM', K.asked, card) == 1 then
    if not counted[station] then counted[station] = count_seat_time(station) end
    local since = tonumber(asked[i])
    local at = leaving_time(since)
    RECORDS[card] = RECORDS[card] .. entry(CODE[A.from], asked[i])
    heard[#heard + 1], times[#times + 1] = card, at - since
    if known[verdict] then take_known(card, station, verdict, at) else take_unknown(card, station, at) end
  elseif is_now and string.match(RECORDS[card], '.*|(%l)') == CODE[A.to] and not is_queued(card, station) then
    -- Its line has asked, and not yet noted it.
    call('HSET', K.early_verdicts, card, attempt .. '|' .. verdict)
  end
end
local strays = #A.rows - #heard
if heard[1] then
  call_in_parts('ZREM', K.ask_again, heard)
  add(K.gauges, 'in_hand|' .. CENTRE, -#heard)
  fill_buckets('duration', CENTRE, times)
  if failed > 0 then add(K.counters, 'retry|' .. CENTRE .. '|' .. A.why, failed) end
  for station in pairs(ready) do wake(station, wakes) end
  wake_blocked(wakes)
  wake(CENTRE, wakes)
  log_event('heard', { cards = heard })
end
return keep_reply({ wakes = wakes, cursor = A.cursor or '', strays = strays })

-- Needed by the scripts that end a lot.  A: from (status of its cards).

-- The lot as it was claimed; nil when its seat lost it, so a late worker changes nothing. `card_list` and `end_list` are JSON.
local function held_lot(name)
  local row = read('HGET', K.lots, name)
  if not row then return nil end
  local station, start, at = string.match(row, '^([^|]*)|([^|]*)|()')
  local bar = string.find(row, '|', at, true)
  local cards, ends = string.sub(row, at, bar - 1), string.sub(row, bar + 1)
  return {
    name = name, station = station, start = tonumber(start), began = start,
    cards = cjson.decode(cards), ends = cjson.decode(ends), card_list = cards, end_list = ends,
  }
end

-- The cards leave the lot.
local function take_cards(lot)
  lot.records = read_all(K.cards, lot.cards)
  add(K.counts, A.from, -#lot.cards)
end

-- The cards leave the lot for other statuses. Only now their records get the moment at which this stage began, as it was
-- planned: a card begins at the end of the one before it. `marks` and `moments` (texts) have one a card, `whys` where there is one.
local function end_cards(lot, marks, moments, whys)
  local cards, records, planned, stage, began, changed = lot.cards, lot.records, lot.ends, MARK[A.from], lot.began, CHANGED
  for i = 1, #cards do
    local record = records[i] .. stage .. began .. marks[i] .. moments[i]
    changed[2 * i - 1], changed[2 * i], began = cards[i], whys[i] and record .. reason_text(whys[i]) or record, planned[i]
  end
end

-- The centre failed a card: it is sent again, or waits for a person when that was tried often enough. Return its new status.
-- A: cards (they may be the cause), anew (asked again it is another attempt), tries (of a card), to, shelf (statuses).
local function send_again(card, record, at)
  local class, _, recorded, station = read_head(record)
  if A.anew then call('HINCRBY', K.attempts, card, 1) end
  if A.cards and call('HINCRBY', K.tries, card, 1) >= A.tries then
    count_seat_time(station)
    call('HDEL', K.tries, card)
    call('ZREM', K.at_centre .. station, card)
    add(K.counters, 'shelved|' .. CENTRE, 1)
    return A.shelf
  end
  join_queue(CENTRE, station, card, class, recorded, at)
  return A.to
end

-- All cards of a lot alike: one value for each card.
local ALIKE = { __index = function(list) return list.value end }
local function alike(value) return setmetatable({ value = value }, ALIKE) end

-- The whole lot leaves for one status at one moment, for one reason.
local function end_all_cards(lot, to, at, why)
  end_cards(lot, alike(MARK[to]), alike(text(at)), alike(why))
  add(K.counts, to, #lot.cards)
end

-- Take blanks and ribbon off the shelf for n cards, or put them back (n below zero).
local function reserve(station, n)
  local stock = K.stock .. station
  raise(stock, 'blank', -n)
  raise(stock, 'ribbon', -n)
  raise(stock, 'reserved', n)
end

-- The lot that ends now; the time of its station's seats up to here is counted first.
local function ending_lot(name)
  local lot = held_lot(name)
  if not lot then return nil end
  lot.counted = count_seat_time(lot.station)
  take_cards(lot)
  return lot
end

-- The planned end of a lot.
local function planned_end(lot) return tonumber(lot.ends[#lot.ends]) end

-- Free the seat from `finish` on, which may differ from the plan. `worked` and `rest` are milliseconds of work and rest; the
-- other time of the lot is lost by a fault of the printer or its worker.
local function end_lot(lot, finish, worked, rest)
  if lot.station ~= CENTRE then
    local taken = math.max(finish, lot.counted or 0) - lot.start
    add(K.counters, 'busy|' .. lot.station, worked or 0)
    add(K.counters, 'lost|' .. lot.station .. '|rest', rest or 0)
    add(K.counters, 'lost|' .. lot.station .. '|fault', taken - (worked or 0) - (rest or 0))
  end
  add(K.gauges, 'in_hand|' .. lot.station, -#lot.cards)
  call('ZREM', K.in_flight .. lot.station, lot.name)
  call('ZREM', K.lease .. lot.station, lot.name)
  call('HDEL', K.lots, lot.name)
  if finish ~= planned_end(lot) then call('ZADD', K.seats .. lot.station, 'XX', finish, lot.name) end
end

-- The moment at which an unfinished lot leaves its seat: not before now, because no other lot had the seat until then, and
-- because no card may start in an hour that is over. At full speed a fault costs no time: the earliest moment.
local function leaving_time(earliest)
  return SPEED == 0 and earliest or math.max(earliest, NOW)
end

-- The time of a seat, or of a line to the centre, counts in the hours it was spent in.
local function count_busy(station, from, to)
  while from < to and to < NEVER do
    local edge = math.min(to, (math.floor(from / 3600000) + 1) * 3600000)
    count_hourly('busy_ms', station, hour(from), edge - from)
    from = edge
  end
end

-- A printer spoiled a blank.
local function count_spoiled(station, at, reason)
  count_hourly('spoiled', station, hour(at))
  count_hourly('reason', station, reason)
  add(K.counters, 'spoiled|' .. station .. '|' .. reason, 1)
end

-- Times go into their buckets; the edges are seconds, rising.
local function fill_buckets(what, station, times)
  local sum, n, bucket, low, high = 0, 0, nil, NEVER, 0
  for i = 1, #times do
    local ms = times[i]
    -- Most times of a lot are in the bucket of the one before.
    if ms <= low or ms > high then
      if n > 0 then add(K.counters, what .. '|' .. station .. '|' .. bucket, n) end
      n, bucket, low, high = 0, 'inf', -1, NEVER
      for _, edge in ipairs(EDGES[what]) do
        if ms <= edge * 1000 then bucket, high = edge, edge * 1000 break end
        low = edge * 1000
      end
    end
    n, sum = n + 1, sum + ms
  end
  if n > 0 then add(K.counters, what .. '|' .. station .. '|' .. bucket, n) end
  add(K.counters, what .. '_ms|' .. station, sum)
end

-- Count the lag of the real processes behind the model, in real milliseconds. At full speed the clock follows the work.
local function note_lag(finish)
  if SPEED == 0 then
    if finish > tonumber(fields_of(K.clock).virtual) then set(K.clock, 'virtual', text(finish)) end
    return
  end
  local late, bucket = (NOW - finish) / SPEED, 'inf'
  for _, edge in ipairs(EDGES.lag) do
    if late <= edge then bucket = edge break end
  end
  add(K.lag, bucket, 1)
end

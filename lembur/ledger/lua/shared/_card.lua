-- Needed by the scripts in which a person handles one card.  A: card.

local function read_card()
  read_records({ A.card })
  local record = RECORDS[A.card]
  if not record then return {} end
  local class, due, recorded, station = read_head(record)
  local status = STATUS[string.match(record, '.*|(%l)')]
  local in_hand = IN_HAND[status] and not is_queued(A.card, station)
  return {
    status = in_hand and IN_HAND[status] or status, in_hand = in_hand, station = station, due = tonumber(due), class = class, recorded = tonumber(recorded),
  }
end

local function may_start(card)
  for _, status in ipairs(A.allowed) do
    if status == card.status then return true end
  end
  return false
end

-- A first issue waits for the centre, every other card for its station.
local function queue_of(card, status) return status == A.fresh and CENTRE or card.station end

-- Take a waiting card out of its queue. Return the time it becomes ready, nil when it is ready.
local function leave_queue(card, queue)
  local ready = read('ZSCORE', K.scheduled .. queue, A.card)
  call('ZREM', K.ready .. queue, A.card)
  call('ZREM', K.scheduled .. queue, A.card)
  call('ZREM', (queue == CENTRE and K.at_centre or K.waiting_since) .. card.station, A.card)
  add(K.gauges, 'waiting|' .. queue .. '|' .. card.class, -1)
  return ready
end

local function reason_by() return A.reason .. ' (' .. A.by .. ')' end

-- Needed by the scripts in which a person handles one card. Needs: _rule.  A: card.
local KEY = P .. 'card:' .. A.card

local function read_card()
  local c = call('HMGET', KEY, 's', 'q', 'd', 'b', 'c', 'e', 'r', 'f')
  return {
    status = c[1], station = c[2], due = tonumber(c[3]), held_from = c[4], class = c[5], recorded = c[6],
    ready = tonumber(c[7]) or 0, found = c[8] or '',
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
local function leave(card, queue)
  local ready = call('ZSCORE', P .. 'soon:' .. queue, A.card)
  call('ZREM', P .. 'wait:' .. queue, A.card)
  call('ZREM', P .. 'soon:' .. queue, A.card)
  call('ZREM', P .. (queue == CENTRE and 'away:' or 'age:') .. card.station, A.card)
  add('levels', 'waiting|' .. queue .. '|' .. card.class, -1)
  return ready
end

local function reason_by() return A.reason .. ' (' .. A.by .. ')' end

-- Put in front of every script: the clock, the request token, and the rule by which seats start cards.
-- Replies are JSON. ARGV: prefix, request token ('' = none), arguments as JSON. K has the names of keys, as keys.py has them.
local TOKEN, A = ARGV[2], cjson.decode(ARGV[3])
local NEVER, CENTRE = 9e15, 'centre'
local call = redis.call

local function real_ms()
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- The clock of a demonstration is kept by its feed: at the real moment `until` it stands still, if nobody keeps it longer.
local C = call('HMGET', K.clock, 'virtual', 'real', 'speed', 'exact', 'ends', 'until', 'keeper')
local SPEED, EXACT, ENDS = tonumber(C[3] or 1), C[4] == '1', tonumber(C[5] or NEVER)
local KEPT_UNTIL, KEEPER = tonumber(C[6] or NEVER), C[7] or ''
local STANDS = SPEED > 0 and real_ms() > KEPT_UNTIL
local NOW = C[1] and tonumber(C[1]) + math.floor((math.min(real_ms(), KEPT_UNTIL) - tonumber(C[2])) * SPEED) or 0
-- The latest moment at which a card may start. Nothing starts before the clock was set, or while it stands. At full speed time
-- follows the work, so nothing waits for the clock.
local LIMIT = C[1] and not STANDS and math.min(SPEED == 0 and NEVER or NOW, ENDS) or -1

-- The reply to an earlier delivery of this request; false for a new one.
local function stored_reply()
  if TOKEN == '' then return false end
  local reply = call('GET', K.reply .. TOKEN)
  -- Written anew: WAITAOF waits for what its own connection wrote, and who repeats may come on another one.
  if reply then call('EXPIRE', K.reply .. TOKEN, 120) end
  return reply
end

-- Numbers of a hash that change; added up, and written once, when the script answers, after the other WRITES.
local SUMS, WRITES = {}, {}
local function add(hash, field, n)
  local sums = SUMS[hash] or {}
  SUMS[hash], sums[field] = sums, (sums[field] or 0) + n
end

-- Write what changed, and return the reply as text.
local function write_reply(answer)
  for _, write in ipairs(WRITES) do write() end
  for hash, sums in pairs(SUMS) do
    for field, n in pairs(sums) do
      if n ~= 0 then call('HINCRBY', hash, field, n) end
    end
  end
  return cjson.encode(answer)
end

-- The same, and keep the reply for a repeated request.
local function keep_reply(answer)
  local text = write_reply(answer)
  if TOKEN ~= '' then call('SET', K.reply .. TOKEN, text, 'EX', 120) end
  return text
end

local function log_event(kind, fields)
  call('XADD', K.events, 'MAXLEN', '~', 100000, '*', 'kind', kind, 'at', NOW, 'data', cjson.encode(fields))
end

local function score_at(key, first, last, reverse)
  local found = reverse and call('ZREVRANGE', key, first, last, 'WITHSCORES') or call('ZRANGE', key, first, last, 'WITHSCORES')
  return found[2] and tonumber(found[2])
end

-- Seats open at t, and when that changes next.
local function open_seats(station, t)
  local now = call('ZREVRANGEBYSCORE', K.open_seats .. station, t, '-inf', 'LIMIT', 0, 1)
  local after = call('ZRANGEBYSCORE', K.open_seats .. station, '(' .. string.format('%.0f', t), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return now[1] and tonumber(string.match(now[1], '|(%d+)$')) or 0, after[2] and tonumber(after[2]) or NEVER
end

-- The rule: the first moment from t on at which fewer cards are in service than seats are open, and the end of that stretch.
local function first_free(station, t)
  while true do
    local seats, stretch = open_seats(station, t)
    if seats > 0 then
      local u = math.max(t, score_at(K.seats .. station, seats - 1, seats - 1, true) or 0)
      if u < stretch then return u, stretch end
    end
    if stretch >= NEVER then return NEVER, NEVER end
    t = stretch
  end
end

local function count_hourly(what, station, part, n)
  add(K.hourly_counts, what .. '|' .. station .. '|' .. part, n or 1)
end

local HOURS = {}
local function hour(t)
  local n = math.floor(t / 3600000)
  HOURS[n] = HOURS[n] or string.format('%.0f', n)
  return HOURS[n]
end

-- Wake this station at a moment of virtual time, or earlier.
local function set_timer(station, at)
  if at < NEVER then call('ZADD', K.wake_timers, 'LT', at, station) end
end

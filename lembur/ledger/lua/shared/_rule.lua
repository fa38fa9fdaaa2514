-- The first part of the library: what every call begins and ends with, and the rule by which seats start cards.
-- The server loads all scripts once, as functions of one library. The names up to `begin` belong to one call: it sets them anew.
-- A: the arguments.  K: the names of keys, as keys.py has them.  TOKEN: of the request, '' = none.
local call, A, K, TOKEN
local REAL, SPEED, EXACT, ENDS, KEPT_UNTIL, KEEPER, STANDS, NOW, LIMIT
-- RECORDS: cards that were read.  CHANGED: those to write, as card, record, card, record.  QUEUES: the same by key, as score, card.
-- SUMS: by hash and field, numbers to add. All are written once, when the script answers.
local RECORDS, CHANGED, QUEUES, SUMS
local NEVER, CENTRE = 9e15, 'centre'

-- The names of an office's keys are made once.
local NAMES = {}
local function name_keys(prefix)
  local names = NAMES[prefix]
  if not names then
    names = {}
    for name, stem in pairs(STEMS) do names[name] = prefix .. stem end
    NAMES[prefix] = names
  end
  return names
end

local function begin(prefix, token, arguments)
  call, K, TOKEN, A = redis.call, name_keys(prefix), token, cjson.decode(arguments)
  RECORDS, CHANGED, QUEUES, SUMS = {}, {}, {}, {}
  local time = call('TIME')
  REAL = time[1] * 1000 + math.floor(time[2] / 1000)
  -- The clock of a demonstration is kept by its feed: at the real moment `until` it stands still, if nobody keeps it longer.
  local c = call('HMGET', K.clock, 'virtual', 'real', 'speed', 'exact', 'ends', 'until', 'keeper')
  SPEED, EXACT, ENDS = tonumber(c[3] or 1), c[4] == '1', tonumber(c[5] or NEVER)
  KEPT_UNTIL, KEEPER = tonumber(c[6] or NEVER), c[7] or ''
  STANDS = SPEED > 0 and REAL > KEPT_UNTIL
  NOW = c[1] and tonumber(c[1]) + math.floor((math.min(REAL, KEPT_UNTIL) - tonumber(c[2])) * SPEED) or 0
  -- The latest moment at which a card may start. Nothing starts before the clock was set, or while it stands. At full speed
  -- time follows the work, so nothing waits for the clock.
  LIMIT = c[1] and not STANDS and math.min(SPEED == 0 and NEVER or NOW, ENDS) or -1
end

-- Run a script, but repeat the reply to an earlier delivery of the same request.
local function run(work, given)
  begin(given[1], given[2], given[3])
  local reply = TOKEN ~= '' and call('GET', K.reply .. TOKEN)
  if not reply then return work() end
  -- Written anew: WAITAOF waits for what its own connection wrote, and who repeats may come on another one.
  call('EXPIRE', K.reply .. TOKEN, 120)
  return reply
end

-- A verb is a function that may write, and one in which the server refuses any write.
local function register(verb, work)
  local name = 'lembur_' .. verb .. '_' .. VERSION
  local function serve(_, given) return run(work, given) end
  redis.register_function(name, serve)
  redis.register_function({ function_name = name .. '_ro', callback = serve, flags = { 'no-writes' } })
end

-- A moment as text: whole, and as it is where it was text already.
local function text(at) return type(at) == 'string' and at or string.format('%.0f', at) end

local function add(hash, field, n)
  local sums = SUMS[hash] or {}
  SUMS[hash], sums[field] = sums, (sums[field] or 0) + n
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
  local after = call('ZRANGEBYSCORE', K.open_seats .. station, '(' .. text(t), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
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

-- Hours since 1970, as a number, and as text.
local function hour_of(at) return (at - at % 3600000) / 3600000 end
local function hour(at) return text(hour_of(at)) end

local function tally(found, what) found[what] = (found[what] or 0) + 1 end

-- Add counts by hour, and return their sum.
local function count_hours(what, station, hours)
  local sum = 0
  for part, n in pairs(hours) do
    count_hourly(what, station, text(part), n)
    sum = sum + n
  end
  return sum
end

-- Wake this station at a moment of virtual time, or earlier.
local function set_timer(station, at)
  if at < NEVER then call('ZADD', K.wake_timers, 'LT', at, station) end
end

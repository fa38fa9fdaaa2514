-- The first part of the library: what every call begins and ends with, and the rule by which seats start cards.
-- The server loads all scripts once, as functions of one library. The names up to `begin` belong to one call: it sets them anew.
-- A: the arguments.  K: the names of keys, as keys.py has them.  TOKEN: of the request, '' = none.
local A, K, TOKEN
local REAL, SPEED, EXACT, ENDS, KEPT_UNTIL, KEEPER, STANDS, NOW, LIMIT
-- RECORDS: cards that were read.  CHANGED: those to write, as card, record, card, record.  QUEUES: the same by key, as score, card.
-- SUMS: by hash and field, numbers to add. WRITTEN: fields of small hashes. All are written once, when the script answers.
local RECORDS, CHANGED, QUEUES, SUMS, WRITTEN
-- What was read of a key, and is not read again: ROWS has small hashes, SEEN the answers of a queue.
local ROWS, SEEN
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

-- A command that changes nothing: redis.call, which a library has only while one of its scripts runs.
local read

-- A command that changes a key. What was read of the key before is read anew.
local function call(command, key, ...)
  SEEN[key] = nil
  return read(command, key, ...)
end

-- The answer of a key to a question that a script may ask again.
local function ask_once(key, question, command, ...)
  local seen = SEEN[key] or {}
  if seen[question] == nil then seen[question] = read(command, key, ...) end
  SEEN[key] = seen
  return seen[question]
end

-- The first member of a queue and its score; nil when it is empty.
local function first_of(queue)
  local found = ask_once(queue, 'first', 'ZRANGE', 0, 0, 'WITHSCORES')
  return found[1], found[2] and tonumber(found[2])
end

local function first_score(queue) return select(2, first_of(queue)) end

local function size(queue) return ask_once(queue, 'size', 'ZCARD') end

-- A small hash: field -> text, or the number it was set to.
local function fields_of(key)
  local found = ROWS[key]
  if not found then
    local row = read('HGETALL', key)
    found = {}
    for i = 1, #row, 2 do found[row[i]] = row[i + 1] end
    ROWS[key] = found
  end
  return found
end

local function set(key, field, value)
  fields_of(key)[field] = value
  WRITTEN[key] = WRITTEN[key] or {}
  WRITTEN[key][field] = value
end

local function raise(key, field, n)
  if n ~= 0 then set(key, field, (fields_of(key)[field] or 0) + n) end
end

local function begin(prefix, token, arguments)
  K, TOKEN, A = name_keys(prefix), token, cjson.decode(arguments)
  RECORDS, CHANGED, QUEUES, SUMS, WRITTEN = {}, {}, {}, {}, {}
  ROWS, SEEN, read = {}, {}, redis.call
  local time = read('TIME')
  REAL = time[1] * 1000 + math.floor(time[2] / 1000)
  -- The clock of a demonstration is kept by its feed: at the real moment `until` it stands still, if nobody keeps it longer.
  local c = fields_of(K.clock)
  SPEED, EXACT, ENDS = tonumber(c.speed or 1), c.exact == '1', tonumber(c.ends or NEVER)
  KEPT_UNTIL, KEEPER = tonumber(c['until'] or NEVER), c.keeper or ''
  STANDS = SPEED > 0 and REAL >= KEPT_UNTIL
  NOW = c.virtual and tonumber(c.virtual) + math.floor((math.min(REAL, KEPT_UNTIL) - c.real) * SPEED) or 0
  -- The latest moment at which a card may start. Nothing starts before the clock was set, or while it stands. At full speed
  -- time follows the work, so nothing waits for the clock.
  LIMIT = c.virtual and not STANDS and math.min(SPEED == 0 and NEVER or NOW, ENDS) or -1
end

-- Run a script, but repeat the reply to an earlier delivery of the same request.
local function run(work, given)
  begin(given[1], given[2], given[3])
  A.ends = given[4] or A.ends
  local reply = TOKEN ~= '' and read('GET', K.reply .. TOKEN)
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
local function text(at) return type(at) == 'string' and at or string.format('%d', at) end

local function add(hash, field, n)
  local sums = SUMS[hash] or {}
  SUMS[hash], sums[field] = sums, (sums[field] or 0) + n
end

-- A table as JSON, and with it `lists` (by name; optional), which are JSON already.
local function encode(fields, lists)
  local found = cjson.encode(fields)
  for name, list in pairs(lists or {}) do found = string.sub(found, 1, -2) .. ',"' .. name .. '":' .. list .. '}' end
  return found
end

local function log_event(kind, fields, lists)
  call('XADD', K.events, 'MAXLEN', '~', 100000, '*', 'kind', kind, 'at', NOW, 'data', encode(fields, lists))
end

-- Seats open at t, and when that changes next. Most questions are about one stretch, so the station's line keeps the latest.
local function open_seats(station, t)
  local line = K.station .. station
  local from, upto, seats = string.match(fields_of(line).stretch or '', '^([^|]*)|([^|]*)|(.*)$')
  if not from or t < from + 0 or t >= upto + 0 then
    local now = read('ZREVRANGEBYSCORE', K.open_seats .. station, t, '-inf', 'LIMIT', 0, 1)
    local after = read('ZRANGEBYSCORE', K.open_seats .. station, '(' .. text(t), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    from, seats = string.match(now[1] or '', '^(.*)|(%d+)$')
    upto, seats = after[2] or text(NEVER), seats or '0'
    set(line, 'stretch', (from or text(-NEVER)) .. '|' .. upto .. '|' .. seats)
  end
  return seats + 0, upto + 0
end

-- The rule: the first moment from t on at which fewer cards are in service than seats are open, and the end of that stretch.
local function first_free(station, t)
  while true do
    local seats, stretch = open_seats(station, t)
    if seats > 0 then
      local ends = ask_once(K.seats .. station, seats, 'ZREVRANGE', seats - 1, seats - 1, 'WITHSCORES')
      local u = math.max(t, tonumber(ends[2] or 0))
      if u < stretch then return u, stretch end
    end
    if stretch >= NEVER then return NEVER, NEVER end
    t = stretch
  end
end

local function count_hourly(what, station, part, n)
  add(K.hourly_counts, what .. '|' .. station .. '|' .. part, n or 1)
end

-- The hour of a moment, in hours since 1970, as text.
local function hour(at) return text((at - at % 3600000) / 3600000) end

-- Count moments by hour: hour -> number.
local function by_hour(moments)
  local found, first, upto = {}, 1, moments[1] and moments[1] - moments[1] % 3600000 + 3600000
  for i = 2, #moments + 1 do
    local at = moments[i] or NEVER
    -- Most moments are in the hour of the one before.
    if at >= upto or at < upto - 3600000 then
      local name = hour(upto - 3600000)
      found[name], first, upto = (found[name] or 0) + i - first, i, at - at % 3600000 + 3600000
    end
  end
  return found
end

local function count_hours(what, station, moments)
  for at, n in pairs(by_hour(moments)) do count_hourly(what, station, at, n) end
end

-- Wake this station at a moment of virtual time, or earlier.
local function set_timer(station, at)
  if at < NEVER then call('ZADD', K.wake_timers, 'LT', at, station) end
end

-- Records, moves and queues of cards, and how a script answers.
-- A record is one text: class|due|recorded|station|kelurahan|stream|mask, then |<code><time> for each entry of its history, with
-- a blank and the reason where there is one. In these texts %7C is a bar and %25 a percent sign.
-- Lua hands at most some 8,000 values to a command.
local MOST_VALUES = 6000

local function call_in_parts(command, key, values)
  for first = 1, #values, MOST_VALUES do
    call(command, key, unpack(values, first, math.min(first + MOST_VALUES - 1, #values)))
  end
end

local function read_all(key, fields, command)
  local found, n = {}, #fields
  for first = 1, n, MOST_VALUES do
    local part = read(command or 'HMGET', key, unpack(fields, first, math.min(first + MOST_VALUES - 1, n)))
    if n <= MOST_VALUES then return part end
    for i = 1, #part do found[first + i - 1] = part[i] end
  end
  return found
end

local function read_records(cards)
  local found = read_all(K.cards, cards)
  for i = 1, #cards do RECORDS[cards[i]] = found[i] or nil end
end

-- Class, due time and moment of recording as text, and the station.
local function read_head(record) return string.match(record, '^(%d+)|(%-?%d+)|(%-?%d+)|([^|]*)') end

local function change_record(card, record)
  local n = #CHANGED
  RECORDS[card], CHANGED[n + 1], CHANGED[n + 2] = record, card, record
end

local function reason_text(why)
  return ' ' .. string.gsub(string.gsub(why, '%%', '%%25'), '|', '%%7C')
end

-- One entry of a history.
local function entry(code, at, why) return '|' .. code .. text(at) .. (why and reason_text(why) or '') end

local function add_history(card, code, at, why)
  change_record(card, RECORDS[card] .. entry(code, at, why))
end

-- A status moved: the card's history, and the counts.
local function move(card, from, to, at, why)
  add_history(card, CODE[to], at, why)
  if from then add(K.counts, from, -1) end
  add(K.counts, to, 1)
end

local function put(values, score, card)
  local n = #values
  values[n + 1], values[n + 2] = score, card
end

-- Cards join a queue at one moment.
local function queue_all(key, at, cards)
  local values = {}
  for _, card in ipairs(cards) do put(values, text(at), card) end
  call_in_parts('ZADD', key, values)
end

-- One bit a card: 1 from the moment it came out until its person has it, or it is reprinted. Neighbours are written together.
local function mark_uncollected(cards, bit)
  local values, i = {}, 1
  while cards[i] do
    local first, length = cards[i] + 0, 1
    while length < 32 and cards[i + length] and cards[i + length] + 0 == first + length do length = length + 1 end
    put(values, 'SET', 'u' .. length)
    put(values, first, bit * (2 ^ length - 1))
    i = i + length
  end
  call_in_parts('BITFIELD', K.uncollected, values)
end

-- What joins a queue: score, card, score, card.
local function queue_at(key)
  QUEUES[key] = QUEUES[key] or {}
  return QUEUES[key]
end

-- A card joins the queue of the centre or of its station at the time it is ready; `recorded` is the moment from which its owner
-- waits. A card at the centre counts for the station that will print it, until it is answered.
local function join_queue(queue, station, card, class, recorded, ready)
  put(queue_at(K.scheduled .. queue), ready, card)
  put(queue_at((queue == CENTRE and K.at_centre or K.waiting_since) .. station), recorded, card)
  add(K.gauges, 'waiting|' .. queue .. '|' .. class, 1)
end

-- Write the queues: before anything reads their sizes again, and when the script answers.
local function write_queues()
  for key, values in pairs(QUEUES) do call_in_parts('ZADD', key, values) end
  QUEUES = {}
end

-- Add to a large hash: many fields by one reading and one writing.
local function write_sums(key, sums)
  local fields, values = {}, {}
  for field, n in pairs(sums) do
    if n ~= 0 then fields[#fields + 1] = field end
  end
  if #fields <= 2 then
    for _, field in ipairs(fields) do call('HINCRBY', key, field, sums[field]) end
    return
  end
  local before = read_all(key, fields)
  for i, field in ipairs(fields) do put(values, field, (before[i] or 0) + sums[field]) end
  call_in_parts('HSET', key, values)
end

-- Write what changed, and return the reply as text.
local function write_reply(answer, lists)
  write_queues()
  call_in_parts('HSET', K.cards, CHANGED)
  for key, sums in pairs(SUMS) do write_sums(key, sums) end
  for key, fields in pairs(WRITTEN) do
    local values = {}
    for field, value in pairs(fields) do put(values, field, value) end
    call('HSET', key, unpack(values))
  end
  return encode(answer, lists)
end

-- The same, and keep the reply for a repeated request.
local function keep_reply(answer, lists)
  local reply = write_reply(answer, lists)
  if TOKEN ~= '' then call('SET', K.reply .. TOKEN, reply, 'EX', 120) end
  return reply
end

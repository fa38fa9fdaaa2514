-- Needed by the scripts that read or change cards: records, moves and queues. All are written once, when the script answers.
-- A record is one text: class|due|recorded|station|kelurahan|stream|mask, then |<code><time> for each entry of its history, with
-- a blank and the reason where there is one. In these texts %7C is a bar and %25 a percent sign.
local RECORDS, CHANGED, QUEUES = {}, {}, {}
-- Lua hands at most some 8,000 values to a command.
local MOST_VALUES = 6000

local function call_in_parts(command, key, values)
  for first = 1, #values, MOST_VALUES do
    call(command, key, unpack(values, first, math.min(first + MOST_VALUES - 1, #values)))
  end
end

local function read_all(key, fields)
  local found = {}
  for first = 1, #fields, MOST_VALUES do
    local part = call('HMGET', key, unpack(fields, first, math.min(first + MOST_VALUES - 1, #fields)))
    for i = 1, #part do found[first + i - 1] = part[i] end
  end
  return found
end

local function read_records(cards)
  local found = read_all(K.cards, cards)
  for i = 1, #cards do RECORDS[cards[i]] = found[i] or nil end
end

-- Class, due time and moment of recording as text, and the station.
local function read_head(card)
  return string.match(RECORDS[card], '^(%d+)|(%-?%d+)|(%-?%d+)|([^|]*)')
end

local function add_history(card, code, at, why)
  local reason = why and ' ' .. string.gsub(string.gsub(why, '%%', '%%25'), '|', '%%7C') or ''
  RECORDS[card] = RECORDS[card] .. '|' .. code .. string.format('%.0f', at) .. reason
  CHANGED[card] = true
end

-- A status moved: the card's history, and the counts.
local function move(card, from, to, at, why)
  add_history(card, CODE[to], at, why)
  if from then add(K.counts, from, -1) end
  add(K.counts, to, 1)
end

-- One bit a card: 1 from the moment it came out until its person has it, or it is reprinted.
local function mark_uncollected(cards, bit)
  local values = {}
  for _, card in ipairs(cards) do
    for _, value in ipairs({ 'SET', 'u1', tonumber(card), bit }) do values[#values + 1] = value end
  end
  call_in_parts('BITFIELD', K.uncollected, values)
end

local function put(key, score, card)
  local values = QUEUES[key] or {}
  values[#values + 1], values[#values + 2] = score, card
  QUEUES[key] = values
end

-- A card joins the queue of a place at the time it is ready; `recorded` is the moment from which its owner waits.
-- A card at the centre counts for the station that will print it, until it is answered.
local function join_queue(place, station, card, class, recorded, ready)
  put(K.scheduled .. place, ready, card)
  put((place == CENTRE and K.at_centre or K.waiting_since) .. station, recorded, card)
  add(K.gauges, 'waiting|' .. place .. '|' .. class, 1)
end

-- Write the queues: before anything reads their sizes again, and when the script answers.
local function write_queues()
  for key, values in pairs(QUEUES) do call_in_parts('ZADD', key, values) end
  QUEUES = {}
end

local function write_records()
  local values = {}
  for card in pairs(CHANGED) do values[#values + 1], values[#values + 2] = card, RECORDS[card] end
  call_in_parts('HSET', K.cards, values)
end

WRITES[1], WRITES[2] = write_queues, write_records

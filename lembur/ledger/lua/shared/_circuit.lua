-- Needed by the scripts that ask the centre or get its answer: the circuit breaker.
-- closed (or no key): ask freely. open: do not ask before `until`. half_open: `lines` lots at once, one more with every answer.

-- The moment before which the centre is not asked, and the number of lots that may be there.
local function centre_limits()
  local c = call('HMGET', K.circuit, 'state', 'until', 'lines')
  return tonumber(c[2] or 0), c[1] == 'half_open' and tonumber(c[3]) or NEVER
end

local function change_state(state, at, lines)
  call('HSET', K.circuit, 'state', state, 'since', text(at), 'lines', lines)
  log_event('circuit', { state = state })
end

-- The first lot after the pause is the probe.
local function begin_probe(at)
  if call('HGET', K.circuit, 'state') == 'open' then change_state('half_open', at, 1) end
end

-- A lot that was sent before the end of the pause shows nothing about the centre after it.
local function is_evidence(c, lot)
  return c[1] ~= 'open' and lot.start >= tonumber(c[2] or 0)
end

local function learn_answer(lot, at)
  local c = call('HMGET', K.circuit, 'state', 'until', 'failures', 'lines')
  if not c[1] or not is_evidence(c, lot) then return end
  if c[3] ~= '0' then call('HSET', K.circuit, 'failures', 0) end
  if c[1] == 'closed' then return end
  local lines = tonumber(c[4]) + 1
  if lines < tonumber(call('HGET', K.station .. CENTRE, 'printers')) then
    call('HSET', K.circuit, 'lines', lines)
  else
    change_state('closed', at, lines)
  end
end

-- A: in_a_row (failures that open a closed circuit), pause_ms, longest_ms.
local function learn_failure(lot, at)
  local c = call('HMGET', K.circuit, 'state', 'until', 'pause')
  if not is_evidence(c, lot) then return end
  local failures = call('HINCRBY', K.circuit, 'failures', 1)
  if c[1] ~= 'half_open' and failures < A.in_a_row then
    call('HSETNX', K.circuit, 'state', 'closed')
    return
  end
  local pause = c[1] == 'half_open' and math.min(2 * tonumber(c[3]), A.longest_ms) or A.pause_ms
  call('HSET', K.circuit, 'until', text(at + pause), 'pause', pause)
  change_state('open', at, 1)
  set_timer(CENTRE, at + pause)
end

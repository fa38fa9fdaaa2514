-- Needed by the scripts that ask the centre or get its answer: the circuit breaker.
-- closed (or no key): ask freely. open: do not ask before `until`. half_open: `lines` lots at once, one more with every answer.

-- The moment before which the centre is not asked, and the number of lots that may be there.
local function centre_limits()
  local c = fields_of(K.circuit)
  return tonumber(c['until'] or 0), c.state == 'half_open' and tonumber(c.lines) or NEVER
end

local function change_state(state, at, lines)
  set(K.circuit, 'state', state)
  set(K.circuit, 'since', text(at))
  set(K.circuit, 'lines', lines)
  log_event('circuit', { state = state })
end

-- The first lot after the pause is the probe.
local function begin_probe(at)
  if fields_of(K.circuit).state == 'open' then change_state('half_open', at, 1) end
end

-- A lot that was sent before the end of the pause shows nothing about the centre after it.
local function is_evidence(c, lot)
  return c.state ~= 'open' and lot.start >= tonumber(c['until'] or 0)
end

local function learn_answer(lot, at)
  local c = fields_of(K.circuit)
  if not c.state or not is_evidence(c, lot) then return end
  if tonumber(c.failures) ~= 0 then set(K.circuit, 'failures', 0) end
  if c.state == 'closed' then return end
  local lines = c.lines + 1
  if lines < tonumber(fields_of(K.station .. CENTRE).printers) then
    set(K.circuit, 'lines', lines)
  else
    change_state('closed', at, lines)
  end
end

-- A: in_a_row (failures that open a closed circuit), pause_ms, longest_ms.
local function learn_failure(lot, at)
  local c = fields_of(K.circuit)
  if not is_evidence(c, lot) then return end
  raise(K.circuit, 'failures', 1)
  if c.state ~= 'half_open' and c.failures < A.in_a_row then
    if not c.state then set(K.circuit, 'state', 'closed') end
    return
  end
  local pause = c.state == 'half_open' and math.min(2 * c.pause, A.longest_ms) or A.pause_ms
  set(K.circuit, 'until', text(at + pause))
  set(K.circuit, 'pause', pause)
  change_state('open', at, 1)
  set_timer(CENTRE, at + pause)
end

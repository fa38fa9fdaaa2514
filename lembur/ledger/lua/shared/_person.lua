-- Needed by the scripts in which a person acts.
-- A: by and reason (never empty), reference (a number that is used once; optional).

-- Keep the action for ever, in the one log of people.
local function log_action(what, fields)
  fields.what, fields.by, fields.reason, fields.at, fields.real = what, A.by, A.reason, NOW, REAL
  local row = cjson.encode(fields)
  call('RPUSH', K.actions, row)
  if A.reference then call('HSET', K.references, A.reference, row) end
end

-- Answer a person's act: the action is kept, and announced with the same fields.
local function end_action(what, fields, wakes)
  log_event(what, fields)
  log_action(what, fields)
  return keep_reply({ wakes = wakes })
end

-- The reply when the reference was used before: the action that used it.
local function refuse_reference()
  local row = A.reference and read('HGET', K.references, A.reference)
  return row and cjson.encode({ used = cjson.decode(row) }) or nil
end

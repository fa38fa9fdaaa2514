-- Needed by the scripts in which a person acts.
-- A: by and reason (never empty), reference (a number that is used once; optional).

-- Keep the action for ever, in the one log of people.
local function log_action(what, fields)
  fields.what, fields.by, fields.reason, fields.at, fields.real = what, A.by, A.reason, NOW, REAL
  local row = cjson.encode(fields)
  call('RPUSH', K.actions, row)
  if A.reference then call('HSET', K.references, A.reference, row) end
end

-- The reply when the reference was used before: the action that used it.
local function refuse_reference()
  local row = A.reference and call('HGET', K.references, A.reference)
  return row and cjson.encode({ used = cjson.decode(row) }) or nil
end

-- A person brings a card back from the archive.
-- A: card, record (its text), uncollected (1 or 0), by, reason.  Reply: {restored} - false when it is here.
if call('HSETNX', K.cards, A.card, A.record) == 0 then return cjson.encode({ restored = false }) end
call('INCRBY', K.archived, -1)
mark_uncollected({ A.card }, A.uncollected)
log_action('restore', { card = A.card })
return keep_reply({ restored = true })

-- Let cards leave the ledger that a file of the archive has. A card whose record has changed since it was read stays.
-- A: cards, records (one a card, as the file has it).  Reply: {archived: number of cards that left}.
read_records(A.cards)
local left = {}
for i, card in ipairs(A.cards) do
  if RECORDS[card] == A.records[i] then left[#left + 1] = card end
end
call_in_parts('HDEL', K.cards, left)
call('INCRBY', K.archived, #left)
mark_uncollected(left, 0)
return keep_reply({ archived = #left })

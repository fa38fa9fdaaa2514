-- Take cards that the centre was asked about long ago, so that they are asked again now.
-- A: before (virtual ms), most.  Reply: [[card, attempt]].
local cards, found = read('ZRANGEBYSCORE', K.ask_again, '-inf', A.before, 'LIMIT', 0, A.most), {}
for _, card in ipairs(cards) do
  call('ZADD', K.ask_again, text(NOW), card)
  found[#found + 1] = { card, 1 + tonumber(read('HGET', K.attempts, card) or 0) }
end
return #found > 0 and keep_reply(found) or '[]'

-- Read cards that came out and that nobody has collected, by number. One bit a card shows them, so no other card is read.
-- A: after (card number), most.  Reply: [[card, record]].
local cards, rows = {}, {}
local bits, byte = read('GETRANGE', K.uncollected, math.floor((A.after + 1) / 8), -1), 1
local base = math.floor((A.after + 1) / 8) * 8
while #cards < A.most do
  byte = string.find(bits, '[^%z]', byte)
  if not byte then break end
  local value = string.byte(bits, byte)
  for bit = 0, 7 do
    local number = base + (byte - 1) * 8 + bit
    if math.floor(value / 2 ^ (7 - bit)) % 2 == 1 and number > A.after and #cards < A.most then
      cards[#cards + 1] = string.format('%08d', number)
    end
  end
  byte = byte + 1
end
read_records(cards)
for i, card in ipairs(cards) do rows[i] = { card, RECORDS[card] } end
return #rows > 0 and cjson.encode(rows) or '[]'

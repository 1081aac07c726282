-- A decoder of JSON in nothing but Lua, and a filter that decodes both bodies of a request with it.

local find, sub, byte = string.find, string.sub, string.byte
local value

local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function text(source, at)
  local first, last = find(source, '^[^"\\]*"', at + 1)
  if first then
    return sub(source, first, last - 1), last + 1
  end
  local pieces, position = {}, at + 1
  while true do
    first, last = find(source, '^[^"\\]*', position)
    pieces[#pieces + 1] = sub(source, first, last)
    local next = sub(source, last + 1, last + 1)
    if next == '"' then
      return table.concat(pieces), last + 2
    end
    local escape = sub(source, last + 2, last + 2)
    pieces[#pieces + 1] = escapes[escape] or escape
    position = last + 3
  end
end

local function list(source, at)
  local items, count = {}, 0
  at = find(source, "%S", at + 1)
  if byte(source, at) == 93 then
    return items, at + 1
  end
  while true do
    count = count + 1
    items[count], at = value(source, at)
    at = find(source, "%S", at)
    if byte(source, at) == 93 then
      return items, at + 1
    end
    at = at + 1
  end
end

local function object(source, at)
  local fields, key = {}, nil
  at = find(source, "%S", at + 1)
  if byte(source, at) == 125 then
    return fields, at + 1
  end
  while true do
    key, at = text(source, find(source, '"', at, true))
    at = find(source, ":", at, true) + 1
    fields[key], at = value(source, at)
    at = find(source, "%S", at)
    if byte(source, at) == 125 then
      return fields, at + 1
    end
    at = at + 1
  end
end

function value(source, at)
  at = find(source, "%S", at)
  local first = byte(source, at)
  if first == 34 then
    return text(source, at)
  elseif first == 91 then
    return list(source, at)
  elseif first == 123 then
    return object(source, at)
  elseif first == 116 then
    return true, at + 4
  elseif first == 102 then
    return false, at + 5
  elseif first == 110 then
    return nil, at + 4
  end
  local _, last = find(source, "^[-+.%deE]+", at)
  return tonumber(sub(source, at, last)), last + 1
end

local function decode(handle)
  local body = handle:body()
  if body then
    return (value(body:getBytes(0, body:length()), 1))
  end
end

function envoy_on_request(handle)
  local request = decode(handle)
  assert(#request.inputs[1].data == 20)
end

function envoy_on_response(handle)
  local response = decode(handle)
  assert(response.outputs[1].data[1] == "yes")
end

// What Redis runs as one step. The keys:
//
//   {prefix}:id:ID      hash: prediction, at, name, features, label (its name), waiting (labels, one a line)
//   {prefix}:counts     hash: what became of all predictions and labels
//   {prefix}:days       set of days since 1970
//   {prefix}:day:DAY    hash: predictions, labelled, right, lag:BUCKET
//   {prefix}:rows:DAY   hash of judged predictions by id, as JSON: [prediction, label, "lag"]
//
// Numbers of seconds stay text, for Lua would write them with fewer digits.

const SHARED = `
local entry, prefix, id = KEYS[1], ARGV[1], ARGV[2]
local at, day = ARGV[3], ARGV[4]
local retention, keep, keep_day, capacity = tonumber(ARGV[5]), ARGV[6], ARGV[7], tonumber(ARGV[8])
local bounds = ARGV[9]

local function count(name, by)
  redis.call('HINCRBY', prefix .. 'counts', name, by)
end

local function count_day(of, name)
  redis.call('HINCRBY', prefix .. 'day:' .. of, name, 1)
end

-- A label, as JSON and by its name, of a prediction that is known.
local function judge(label_at, label, label_name)
  local known = redis.call('HMGET', entry, 'label', 'at', 'prediction', 'name', 'day')
  if known[1] then
    local outcome = known[1] == label_name and 'duplicate' or 'contradicting'
    count(outcome, 1)
    return outcome
  end
  local lag = tonumber(label_at) - tonumber(known[2])
  if lag > retention then
    count('late', 1)
    return 'late'
  end
  if lag < 0 then lag = 0 end
  redis.call('HSET', entry, 'label', label_name)
  count('joined', 1)
  local of = known[5]
  count_day(of, 'labelled')
  if known[4] == label_name then count_day(of, 'right') end
  local bucket = 0
  for bound in string.gmatch(bounds, '%S+') do
    if lag <= tonumber(bound) then break end
    bucket = bucket + 1
  end
  count_day(of, string.format('lag:%d', bucket))
  local rows = prefix .. 'rows:' .. of
  if redis.call('HLEN', rows) < capacity then
    redis.call('HSET', rows, id, '[' .. known[3] .. ',' .. label .. ',"' .. string.format('%.6f', lag) .. '"]')
    redis.call('EXPIRE', rows, keep_day)
  else
    count('over_capacity', 1)
  end
  return 'joined'
end
`;

/** Its own arguments: the prediction, its features, its name. */
export const ADD_PREDICTION = `${SHARED}
local before = redis.call('HMGET', entry, 'at', 'waiting')
if before[1] then
  count('repeated', 1)
  return 'repeated'
end
redis.call('HSET', entry, 'prediction', ARGV[10], 'features', ARGV[11], 'name', ARGV[12], 'at', at, 'day', day)
redis.call('EXPIRE', entry, keep)
count('predictions', 1)
count_day(day, 'predictions')
redis.call('EXPIRE', prefix .. 'day:' .. day, keep_day)
redis.call('SADD', prefix .. 'days', day)
if not before[2] then return 'stored' end
redis.call('HDEL', entry, 'waiting')
local first
for label_at, label, label_name in string.gmatch(before[2], '([^\\t]*)\\t([^\\t]*)\\t([^\\t]*)\\n') do
  local outcome = judge(label_at, label, cjson.decode(label_name))
  count('unknown', -1)
  first = first or outcome
end
return first == 'late' and 'late' or 'joined'
`;

/** Its own arguments: the label as JSON, its name. */
export const ADD_LABEL = `${SHARED}
local before = redis.call('HMGET', entry, 'at', 'waiting')
if before[1] then return judge(at, ARGV[10], ARGV[11]) end
count('unknown', 1)
-- JSON has no tab and no end of a line of its own.
local waiting = before[2] or ''
local _, lines = string.gsub(waiting, '\\n', '')
if lines < 8 then
  local line = at .. '\\t' .. ARGV[10] .. '\\t' .. cjson.encode(ARGV[11]) .. '\\n'
  redis.call('HSET', entry, 'waiting', waiting .. line)
  redis.call('EXPIRE', entry, keep)
end
return 'unknown'
`;

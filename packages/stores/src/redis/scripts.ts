/** KEYS: entry, access, size, created. ARGV: member, now, '' or 'NX'. Runs in one transaction with the SET. */
export const NOTE_ENTRY = `
local function add(index, score)
  if ARGV[3] == 'NX' then redis.call('ZADD', index, 'NX', score, ARGV[1]) else redis.call('ZADD', index, score, ARGV[1]) end
end
add(KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[3], redis.call('STRLEN', KEYS[1]), ARGV[1])
add(KEYS[4], ARGV[2])
return 1`;

/** KEYS: lease. ARGV: token, ms. */
export const RENEW = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`;

/** KEYS: lease. ARGV: token. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

package redis

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Calls counts the calls of apps in sliding windows of sixty minutes, exactly,
// over all processes of a site: a call is counted by one step of one server
// before it is let in. What was called in one minute of the clock leaves the window
// together, when none of it can be younger than sixty minutes.
type Calls struct{ P *Pool }

// KEYS: the windows. ARGV: the minute (Unix time by 60), the second in it, then
// how many calls each window allows. Gives three numbers of each: calls in it,
// calls refused since one was let in, seconds until one is. A call counts in all
// windows, or in none and as refused in those that are full.
//
// A window is a hash: m is the last minute it knows of, n the calls in it, r the
// refused ones, and 0 to 60 the calls of one minute, by the minute's remainder.
var scriptCalls = newScript(`#!lua
local minute, second = tonumber(ARGV[1]), tonumber(ARGV[2])
local seen, full = {}, false
for i, k in ipairs(KEYS) do
	local v = redis.call('HMGET', k, 'm', 'n', 'r')
	local m, n, r = tonumber(v[1] or minute), tonumber(v[2] or 0), tonumber(v[3] or 0)
	if minute - m > 60 then
		redis.call('DEL', k)
		m, n, r = minute, 0, 0
	end
	local gone = {}
	for j = m + 1, minute do gone[#gone + 1] = tostring(j % 61) end
	if #gone > 0 then
		for _, c in ipairs(redis.call('HMGET', k, unpack(gone))) do n = n - tonumber(c or 0) end
		redis.call('HDEL', k, unpack(gone))
	end
	m = math.max(m, minute)
	seen[i] = {m, n, r}
	if n >= tonumber(ARGV[2 + i]) then full = true end
end
local out = {}
for i, k in ipairs(KEYS) do
	local m, n, r = unpack(seen[i])
	local max, wait = tonumber(ARGV[2 + i]), 0
	if not full then
		n, r = n + 1, 0
		redis.call('HINCRBY', k, tostring(m % 61), 1)
	elseif n >= max then
		r = r + 1
		local fields = {}
		for j = m - 60, m do fields[#fields + 1] = tostring(j % 61) end
		local rest = n
		for j, c in ipairs(redis.call('HMGET', k, unpack(fields))) do
			rest = rest - tonumber(c or 0)
			if rest < max then
				wait = (m - 60 + j - 1 + 61 - minute) * 60 - second
				break
			end
		end
	end
	redis.call('HSET', k, 'm', m, 'n', n, 'r', r)
	redis.call('EXPIRE', k, 3720)
	out[3*i-2], out[3*i-1], out[3*i] = n, r, wait
end
return out
`)

var errShortAnswer = errors.New("the answer is too short")

// Take counts one call in each window, or in none if one of them is full. All of
// them are on the server of place: take the same one for the same keys always. It
// errs if the server cannot be asked, and then the call may be counted or not.
func (s Calls) Take(ctx context.Context, place string, limits []tintype.CallLimit, now time.Time) ([]tintype.CallCount, error) {
	unix := now.Unix()
	keys := make([]string, len(limits))
	args := []string{strconv.FormatInt(unix/60, 10), strconv.FormatInt(unix%60, 10)}
	for i, l := range limits {
		keys[i] = "window:" + l.Key
		args = append(args, strconv.Itoa(l.Max))
	}
	n := s.P.atKey("window:" + place)
	answer, err := n.eval(ctx, scriptCalls, keys, args).AsIntSlice()
	if err != nil {
		return nil, n.wrap("calls", err)
	}
	out := make([]tintype.CallCount, len(limits))
	for i := range out {
		if len(answer) < 3*i+3 {
			return nil, n.wrap("calls", errShortAnswer)
		}
		out[i] = tintype.CallCount{Used: int(answer[3*i]), Refused: int(answer[3*i+1]), Wait: int(answer[3*i+2])}
	}
	return out, nil
}

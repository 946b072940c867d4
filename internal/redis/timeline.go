package redis

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// Timelines keeps the timelines of one kind. It implements timeline.Store.
//
// A timeline is a list of IDs in descending order whose last entry is always
// noID, so that one that is built is there even if it is empty. Redis keeps the
// numbers in binary: ten bytes an entry (TestTimelineMemory).
//
// While the server of an owner is down, Range is answered by its replica, if
// there is one, and all else is Unavailable. What a server loses is absent, to
// be built again by whoever wants it. Append may give owners whose timelines it
// did not add to, or leave out some that it did, if a connection broke
// meanwhile: nobody knows then what was done before.
type Timelines struct {
	P    *Pool
	Kind timeline.Kind

	// Keep is how long after it was built a timeline is kept, at least, read
	// or not; 0 for 30 days. So those of users who do not come back go away.
	Keep time.Duration
}

const (
	noID     = "0"
	keepFor  = 30 * 24 * time.Hour
	mostIDs  = timeline.Max + timeline.Max/4 // a timeline of more is trimmed to timeline.Max
	appendTo = 500                           // timelines that one run of a script adds to; others wait that long
	pipeline = 16                            // runs that are sent before the first answer is read
)

// luaBelow compares IDs in decimal: Lua's numbers are doubles, and too short for them.
const luaBelow = `
local function below(a, b)
	if #a ~= #b then return #a < #b end
	return a < b
end
`

// ARGV: the ID, timeline.Max, mostIDs. It gives a '1' for each key that was added to, else '0'.
var scriptAppend = newRepeatable("#!lua\n" + luaBelow + `
local id, keep, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local call = redis.call
local added = {}
for i, key in ipairs(KEYS) do
	added[i] = '0'
	local head = call('LINDEX', key, 0)
	local n = 0
	if head and head ~= id then
		if below(head, id) then
			n = call('LPUSH', key, id)
			added[i] = '1'
		else
			-- It comes late: search the newest that is not newer. The last entry never is.
			local from, to = 1, call('LLEN', key) - 1
			while from < to do
				local middle = math.floor((from + to) / 2)
				if below(id, call('LINDEX', key, middle)) then from = middle + 1 else to = middle end
			end
			local at = call('LINDEX', key, from)
			if at ~= id then
				n = call('LINSERT', key, 'BEFORE', at, id)
				added[i] = '1'
			end
		end
	end
	if n > most + 1 then
		call('LTRIM', key, 0, keep - 1)
		call('RPUSH', key, '0')
	end
end
return table.concat(added)
`)

// ARGV: the ID.
var scriptRemove = newRepeatable(`#!lua
for _, key in ipairs(KEYS) do redis.call('LREM', key, 1, ARGV[1]) end
`)

// ARGV: "add" or "take", timeline.Max, mostIDs, then the IDs, descending.
var scriptMerge = newRepeatable("#!lua\n" + luaBelow + `
local key, keep, most = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local have = redis.call('LRANGE', key, 0, -1)
if #have == 0 then return end
local out = {}
if ARGV[1] == 'take' then
	local gone = {}
	for i = 4, #ARGV do gone[ARGV[i]] = true end
	for _, id in ipairs(have) do
		if not gone[id] then out[#out + 1] = id end
	end
else
	local j = 4
	for _, id in ipairs(have) do
		while ARGV[j] and below(id, ARGV[j]) do
			out[#out + 1] = ARGV[j]
			j = j + 1
		end
		if ARGV[j] == id then j = j + 1 end
		out[#out + 1] = id
	end
end
if #out == #have then return end
local n = #out
if n > most + 1 then
	out[keep + 1] = '0'
	n = keep + 1
end
-- Behind what is there, which then goes: so the key stays, and its time to live with it.
for i = 1, n, 1000 do redis.call('RPUSH', key, unpack(out, i, math.min(i + 999, n))) end
redis.call('LTRIM', key, #have, -1)
`)

// ARGV: milliseconds to live, then the entries, descending, and noID.
var scriptReplace = newRepeatable(`#!lua
local key = KEYS[1]
redis.call('DEL', key)
for i = 2, #ARGV, 1000 do redis.call('RPUSH', key, unpack(ARGV, i, math.min(i + 999, #ARGV))) end
redis.call('PEXPIRE', key, ARGV[1])
`)

// ARGV: the ID that is above those wanted, and how many. It gives false for a
// timeline that is absent.
var scriptBelow = newRepeatable("#!lua flags=no-writes\n" + luaBelow + `
local key, max, count = KEYS[1], ARGV[1], tonumber(ARGV[2])
local from, to = 0, redis.call('LLEN', key)
if to == 0 then return false end
while from < to do
	local middle = math.floor((from + to) / 2)
	if below(redis.call('LINDEX', key, middle), max) then to = middle else from = middle + 1 end
end
return redis.call('LRANGE', key, from, from + count - 1)
`)

// keyLen is the length of a key of a timeline.
const keyLen = 3 + 8

func (s Timelines) appendKey(b []byte, owner tintype.ID) []byte {
	return binary.BigEndian.AppendUint64(append(b, 't', '0'+byte(s.Kind), ':'), uint64(owner))
}

func (s Timelines) key(owner tintype.ID) string { return string(s.appendKey(nil, owner)) }

// keys makes the keys of owners, all in one piece of memory.
func (s Timelines) keys(owners []tintype.ID) []string {
	b := make([]byte, 0, keyLen*len(owners))
	for _, o := range owners {
		b = s.appendKey(b, o)
	}
	all := string(b)
	keys := make([]string, len(owners))
	for i := range keys {
		keys[i] = all[i*keyLen : (i+1)*keyLen]
	}
	return keys
}

var (
	argMax  = strconv.Itoa(timeline.Max)
	argMost = strconv.Itoa(mostIDs)
)

// Append implements timeline.Store.
func (s Timelines) Append(ctx context.Context, owners []tintype.ID, id tintype.ID) ([]tintype.ID, error) {
	added := make([]tintype.ID, 0, len(owners))
	var mu sync.Mutex
	args := []string{id.String(), argMax, argMost}
	err := s.runs(ctx, "timeline.append", owners, scriptAppend, args, func(part []tintype.ID, flags string) {
		mu.Lock()
		defer mu.Unlock()
		for i, o := range part {
			if flags == "" || flags[i] == '1' {
				added = append(added, o)
			}
		}
	})
	return added, err
}

// Remove implements timeline.Store.
func (s Timelines) Remove(ctx context.Context, owners []tintype.ID, id tintype.ID) error {
	return s.runs(ctx, "timeline.remove", owners, scriptRemove, []string{id.String()}, nil)
}

// runs runs a script over the timelines of owners, in pipelines, on all servers
// at the same time. done is told what each run gave, and "" for one of which it
// is not known whether it ran.
func (s Timelines) runs(ctx context.Context, op string, owners []tintype.ID, sc script, args []string, done func(part []tintype.ID, result string)) error {
	return each(s.P.byNode(owners), func(sh share) error {
		var calls []call
		var parts [][]tintype.ID
		run := func() error {
			var errs []error
			for i, r := range sh.evalMany(ctx, sc, calls) {
				err := r.Error()
				if rueidis.IsRedisNil(err) {
					err = nil
				}
				errs = append(errs, sh.wrap(op, err))
				switch {
				case done == nil:
				case err == nil:
					text, err := r.ToString()
					if err == nil && len(text) != len(parts[i]) {
						err = tintype.Errorf(tintype.Internal, "the script answered for %d of %d timelines", len(text), len(parts[i]))
					}
					if err != nil {
						errs = append(errs, sh.wrap(op, err))
						continue
					}
					done(parts[i], text)
				case isDown(err) && !errors.Is(err, errDown):
					done(parts[i], "")
				}
			}
			calls, parts = calls[:0], parts[:0]
			return errors.Join(errs...)
		}
		for part := range slices.Chunk(sh.ids, appendTo) {
			calls, parts = append(calls, call{keys: s.keys(part), args: args}), append(parts, part)
			if len(calls) == pipeline {
				if err := run(); err != nil {
					return err
				}
			}
		}
		return run()
	})
}

// Merge implements timeline.Store.
func (s Timelines) Merge(ctx context.Context, owner tintype.ID, ids []tintype.ID, remove bool) error {
	if len(ids) == 0 {
		return nil
	}
	what := "add"
	if remove {
		what = "take"
	}
	args := appendDescending([]string{what, argMax, argMost}, ids)
	return s.one(ctx, "timeline.merge", owner, scriptMerge, args)
}

// Replace implements timeline.Store.
func (s Timelines) Replace(ctx context.Context, owner tintype.ID, ids []tintype.ID) error {
	keep := cmp.Or(s.Keep, keepFor)
	// Not all that were built at the same time go at the same time.
	keep += time.Duration(hashID(owner) % uint64(keep/4+1))
	args := appendDescending([]string{strconv.FormatInt(keep.Milliseconds(), 10)}, ids)
	args = append(args[:min(len(args), 1+timeline.Max)], noID)
	return s.one(ctx, "timeline.replace", owner, scriptReplace, args)
}

// one runs a script, which gives nothing, on owner's timeline.
func (s Timelines) one(ctx context.Context, op string, owner tintype.ID, sc script, args []string) error {
	n := s.P.at(owner)
	err := n.eval(ctx, sc, []string{s.key(owner)}, args).Error()
	if rueidis.IsRedisNil(err) {
		return nil
	}
	return n.wrap(op, err)
}

// appendDescending appends ids to args, newest first and each once.
func appendDescending(args []string, ids []tintype.ID) []string {
	down := func(a, b tintype.ID) int { return cmp.Compare(b, a) }
	if !slices.IsSortedFunc(ids, down) {
		ids = slices.Clone(ids)
		slices.SortFunc(ids, down)
	}
	args = slices.Grow(args, len(ids)+1)
	for i, id := range ids {
		if id > 0 && (i == 0 || id != ids[i-1]) {
			args = append(args, id.String())
		}
	}
	return args
}

// Range implements timeline.Store.
func (s Timelines) Range(ctx context.Context, owner tintype.ID, page tintype.Page) ([]tintype.ID, bool, error) {
	n, key := s.P.at(owner), s.key(owner)
	count := max(0, min(page.Count, timeline.Max))
	var r rueidis.RedisResult
	if page.Max == 0 {
		// One entry at least, for whether there are any.
		r = n.read(ctx, n.b().Lrange().Key(key).Start(0).Stop(int64(max(count, 1)-1)).Build())
	} else {
		r = n.evalRead(ctx, scriptBelow, []string{key}, []string{page.Max.String(), strconv.Itoa(count)})
	}
	got, err := r.AsIntSlice()
	if rueidis.IsRedisNil(err) || err == nil && page.Max == 0 && len(got) == 0 {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, n.wrap("timeline.range", err)
	}
	ids := make([]tintype.ID, 0, len(got))
	for _, v := range got[:min(len(got), count)] {
		if tintype.ID(v) <= page.Min { // noID is never above it
			break
		}
		ids = append(ids, tintype.ID(v))
	}
	return ids, true, nil
}

// Forget implements timeline.Store.
func (s Timelines) Forget(ctx context.Context, owners []tintype.ID) error {
	return each(s.P.byNode(owners), func(sh share) error {
		for part := range slices.Chunk(sh.ids, appendTo) {
			// Freed in the background: these may be many.
			if err := sh.do(ctx, sh.b().Unlink().Key(s.keys(part)...).Build().ToRetryable()).Error(); err != nil {
				return sh.wrap("timeline.forget", err)
			}
		}
		return nil
	})
}

package scenarios

import (
	"sort"
	"strconv"
	"strings"

	"zabsim/scenarios/recipes"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// The checks of the configuration centre.
const (
	configWhole    = "config-all-or-nothing"
	writerProgress = "config-writer-progress"
	readerProgress = "config-reader-progress"
	cacheTrue      = "cache-shows-what-was"
	cacheWhole     = "cache-all-or-nothing"
	cacheForward   = "cache-never-goes-back"
	cacheConverges = "cache-converges"
)

// configTruth is a configuration through time.
type configTruth struct {
	value map[string]map[zxid.Zxid]string            // by path and mzxid
	group map[string]map[zxid.Zxid]map[string]string // by group and zxid: its values then
	now   map[string]map[string]string               // by group: its values at the end
	last  host.Time                                  // of the last change
}

// config replays what was committed below root.
func (x *recipeRun) config(root string) *configTruth {
	c := &configTruth{map[string]map[zxid.Zxid]string{}, map[string]map[zxid.Zxid]map[string]string{}, map[string]map[string]string{}, 0}
	touched := map[string]bool{}
	var at zxid.Zxid
	settle := func() {
		for group := range touched {
			if c.group[group] == nil {
				c.group[group] = map[zxid.Zxid]map[string]string{}
			}
			values := map[string]string{}
			for k, v := range c.now[group] {
				values[k] = v
			}
			c.group[group][at] = values
		}
		clear(touched)
	}
	x.each(func(t *txn.Txn) {
		rest, ok := strings.CutPrefix(t.Path, root+"/")
		if !ok || !t.Op.IsCreate() && t.Op != txn.OpSetData && t.Op != txn.OpDelete {
			return
		}
		if t.Zxid != at {
			settle()
			at = t.Zxid
		}
		name, key, isValue := strings.Cut(rest, "/")
		group := root + "/" + name
		touched[group] = true
		c.last = x.run.CommittedAt(t.Zxid)
		if c.now[group] == nil {
			c.now[group] = map[string]string{}
		}
		switch {
		case !isValue:
		case t.Op == txn.OpDelete:
			delete(c.now[group], key)
		default:
			c.now[group][key] = t.Data
			if c.value[t.Path] == nil {
				c.value[t.Path] = map[zxid.Zxid]string{}
			}
			c.value[t.Path][t.Zxid] = t.Data
		}
	})
	settle()
	return c
}

// zxids returns when a group changed.
func (c *configTruth) zxids(group string) []zxid.Zxid {
	var list []zxid.Zxid
	for z := range c.group[group] {
		list = append(list, z)
	}
	sort.Slice(list, func(i, k int) bool { return list[i] < list[k] })
	return list
}

func judgeConfigWriter(x *recipeRun) []Check {
	whole := &verdict{name: configWhole}
	for _, root := range x.roots() {
		truth := x.config(root)
		for _, a := range x.lines {
			if a.text("root") != root {
				continue
			}
			group := root + "/" + a.text("group")
			last := -1
			for _, z := range truth.zxids(group) {
				values := truth.group[group][z]
				if len(values) == 0 {
					continue
				}
				n, err := strconv.Atoi(values["a"])
				switch {
				case values["a"] != values["b"] || err != nil:
					whole.complain("%s has a=%q and b=%q at %s", group, values["a"], values["b"], z)
				case n != last && n != last+1:
					whole.complain("%s goes from %d to %d at %s", group, last, n, z)
				}
				last = n
			}
			if last < 1 {
				x.missed = append(x.missed, "a change of "+group)
			}
		}
	}
	progress := &verdict{name: writerProgress, kind: NoProgress}
	x.progress(progress)
	return []Check{whole.check(), progress.check()}
}

func judgeConfigReader(x *recipeRun) []Check {
	real, whole := &verdict{name: cacheTrue}, &verdict{name: cacheWhole}
	forward, converges := &verdict{name: cacheForward}, &verdict{name: cacheConverges}
	for _, root := range x.roots() {
		truth := x.config(root)
		newest := map[string]zxid.Zxid{} // by client and group
		final := map[int][]recipes.ConfigEntry{}
		ended := map[int]host.Time{}
		for i := range x.run.Notes {
			n := &x.run.Notes[i]
			if !x.mine(n.Client, root) {
				continue
			}
			switch n.Word {
			case "cache", "cache final":
				e, ok := recipes.ParseCacheNote(n.Detail)
				if got, was := truth.value[e.Path][zxid.Zxid(e.Zxid)]; !ok || !was || got != e.Value {
					real.complain("c%d shows %s, which never was", n.Client, n.Detail)
				}
				if n.Word == "cache final" {
					final[n.Client] = append(final[n.Client], e)
				}
			case "cache group":
				group, z, values := parseGroupNote(n.Detail)
				if want, was := truth.group[group][z]; !was || !equalValues(want, values) {
					whole.complain("c%d shows %s, but at %s the group was %v", n.Client, n.Detail, z, want)
				}
				key := strconv.Itoa(n.Client) + group
				if z <= newest[key] {
					forward.complain("c%d shows %s at %s after it has shown %s", n.Client, group, z, newest[key])
				}
				newest[key] = z
			case "cache group gone":
				delete(newest, strconv.Itoa(n.Client)+n.Detail)
			case "done":
				ended[n.Client] = n.At
			}
		}
		x.converges(root, truth, final, ended, converges)
	}
	progress := &verdict{name: readerProgress, kind: NoProgress}
	x.progress(progress)
	return []Check{real.check(), whole.check(), forward.check(), converges.check(), progress.check()}
}

// converges compares what caches show at their end with what is true, if it has been
// true for a while.
func (x *recipeRun) converges(root string, truth *configTruth, final map[int][]recipes.ConfigEntry, ended map[int]host.Time, v *verdict) {
	values := 0
	for _, group := range truth.now {
		values += len(group)
	}
	for _, a := range x.lines {
		c := a.line.Client
		at, ok := ended[c]
		switch {
		case a.text("root") != root || !ok:
			continue
		case values == 0 || truth.last.Add(quiet) > at || x.lastFault().Add(quiet) > at:
			x.missed = append(x.missed, "a quiet time before the end of c"+strconv.Itoa(c))
			continue
		case len(final[c]) != values:
			v.complain("in the end c%d shows %d values below %s, there are %d", c, len(final[c]), root, values)
		}
		for _, e := range final[c] {
			i := strings.LastIndexByte(e.Path, '/')
			if got := truth.now[e.Path[:i]][e.Path[i+1:]]; got != e.Value {
				v.complain("in the end c%d shows %s=%s, it is %s", c, e.Path, e.Value, got)
			}
		}
	}
}

// lastFault returns when the last fault ended.
func (x *recipeRun) lastFault() (last host.Time) {
	for _, f := range x.run.Intervals() {
		last = max(last, f.Until)
	}
	return last
}

func equalValues(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if got, ok := b[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// parseGroupNote reads `/config/g 4294967301 a="1" b="1"`.
func parseGroupNote(detail string) (group string, z zxid.Zxid, values map[string]string) {
	group, rest, _ := strings.Cut(detail, " ")
	number, rest, _ := strings.Cut(rest, " ")
	values = map[string]string{}
	for rest != "" {
		key, behind, ok := strings.Cut(rest, "=")
		quoted, err := strconv.QuotedPrefix(behind)
		if !ok || err != nil {
			return group, 0, nil
		}
		values[key], _ = strconv.Unquote(quoted)
		rest = strings.TrimPrefix(behind[len(quoted):], " ")
	}
	return group, zxidOf(number), values
}

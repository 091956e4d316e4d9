package sim

import (
	"slices"

	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// commitTime says that everything up to a zxid was committed at a time.
type commitTime struct {
	zxid zxid.Zxid
	at   host.Time
}

func (r *Runner) noteCommit(z zxid.Zxid) {
	if n := len(r.commits); len(r.World.setup.Recipes) > 0 && (n == 0 || r.commits[n-1].zxid < z) {
		r.commits = append(r.commits, commitTime{z, r.now})
	}
}

// CommittedAt returns when a transaction of Truth was committed.
func (r *Runner) CommittedAt(z zxid.Zxid) host.Time {
	i, _ := slices.BinarySearchFunc(r.commits, z, func(c commitTime, z zxid.Zxid) int { return compareZxids(c.zxid, z) })
	if i == len(r.commits) {
		return r.now
	}
	return r.commits[i].at
}

// Truth returns what the ensemble has committed, in order: what happened, whoever
// was told. It knows the transactions of runs with recipes only.
func (r *Runner) Truth() []*txn.Txn {
	list := slices.Clone(r.proposed)
	slices.SortStableFunc(list, func(a, b *txn.Txn) int { return compareZxids(a.Zxid, b.Zxid) })
	var truth []*txn.Txn
	at := 0
	for i := range r.View.Ghost.Proposals {
		p := &r.View.Ghost.Proposals[i]
		if p.Marks&invariant.Committed == 0 && p.Marks&invariant.Delivered == 0 {
			continue
		}
		for at < len(list) && list[at].Zxid < p.Zxid {
			at++
		}
		for k := at; k < len(list) && list[k].Zxid == p.Zxid; k++ {
			if zab.ChainNext(p.Prev, list[k]) == p.Chain {
				truth = append(truth, list[k])
				break
			}
		}
	}
	return truth
}

func compareZxids(a, b zxid.Zxid) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

package sim

import (
	"zabsim/internal/fp"
	"zabsim/zab/host"
)

type foldTmp struct{ h fp.Hash }

func (f *foldTmp) Add(at host.Time, choice, detail uint64) fp.Hash {
	f.h = f.h.Word(uint64(at)).Word(choice ^ detail<<1)
	return f.h
}
func (f *foldTmp) Hash() fp.Hash { return f.h }

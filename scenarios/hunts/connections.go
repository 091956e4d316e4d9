package hunts

import (
	"zabsim/internal/conform"
	"zabsim/internal/keyed"
	"zabsim/zab/bug"
)

// walks is the hunt of a bug that shows when clients come, come back and go at random.
func walks(b bug.Switch, local bool) Hunt {
	how := "clients that come and go, 3 servers"
	if local {
		how += ", local sessions"
	}
	return Hunt{Switch: b, Own: &Own{
		What: "clients", How: how, Unit: "walk", Budget: 1000,
		Find: func(bugs bug.Set, budget int) (check, detail string, n int) {
			for n = 1; n <= budget; n++ {
				d := draws{stream: keyed.New(uint64(n)).Stream("clients")}
				check, detail = conform.Walk(bugs, local, func(n int) int { return d.Int(0, n-1, "") })
				if check != "" {
					return check, detail, n
				}
			}
			return "", "", budget
		},
	}}
}

package faults

import (
	"fmt"
	"slices"

	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// anyClient is the word for a client that the seed draws.
const anyClient = "any-client"

// checkClient is the check of a fault that takes a client and nothing else.
func checkClient(p *plan.Plan, f *plan.Fault) error {
	switch {
	case p.Clients == 0:
		return fmt.Errorf("%s hits a client, and this plan has none", f.Name)
	case len(f.Args) == 0:
		return fmt.Errorf("%s needs a client: %s or %s", f.Name, clientsOf(p), anyClient)
	case len(f.Args) > 1:
		return fmt.Errorf("%s takes no %q", f.Name, f.Args[1])
	}
	word := f.Args[0]
	if _, ok := sim.ParseServer(word); ok || slices.Contains(targetWords, word) || word == "observer" {
		return fmt.Errorf("%q means a server, and %s hits a client: %s or %s is wanted", word, f.Name, clientsOf(p), anyClient)
	}
	if _, ok := sim.ParseClient(word); !ok && word != anyClient {
		return fmt.Errorf("%q is no client%s; %s or %s is wanted", word, nearest.Hint(word, []string{anyClient}), clientsOf(p), anyClient)
	}
	return checkNumbered(p, word)
}

// checkNumbered checks that a plan has the client that a word names, if it names one.
// The client of the second act is none of the plan's.
func checkNumbered(p *plan.Plan, word string) error {
	c, ok := sim.ParseClient(word)
	switch {
	case !ok || c <= p.Clients:
		return nil
	case p.Clients == 0:
		return fmt.Errorf("there is no client %s; this plan has none", word)
	}
	return fmt.Errorf("there is no client %s; the plan has %s", word, clientsOf(p))
}

// checkDecidedClient checks what a decision says about a client.
func checkDecidedClient(p *plan.Plan, word string) error {
	if _, ok := sim.ParseClient(word); !ok && word != "none" {
		return fmt.Errorf("%q is no client; c1 would be one", word)
	}
	return checkNumbered(p, word)
}

// clientsOf names the clients of a plan: c1 to c3.
func clientsOf(p *plan.Plan) string {
	if p.Clients == 1 {
		return "c1"
	}
	return fmt.Sprintf("c1 to c%d", p.Clients)
}

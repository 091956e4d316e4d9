package scenarios

// pending returns the scenarios that wait for a fault or a way of servers that is
// not built yet. A test keeps them valid, and says which of them could be in All.
func pending() []Scenario { return []Scenario{laggingFollower()} }

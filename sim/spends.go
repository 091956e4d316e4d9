package sim

// Spends tells whether a choice, which must be possible, is paid from the budget of
// a search: whether something goes wrong, or is repaired, and nobody does what the
// protocol has them do.
func (w *World) Spends(c Choice) bool {
	before := w.Budget
	w.spend(c)
	spent := w.Budget != before
	w.Budget = before
	return spent
}

package conform

import (
	"fmt"

	"zabsim/internal/conform/trace"
	"zabsim/zab/txn"
)

// onlyStandalone says why a trace makes no sense on an ensemble, or "".
func onlyStandalone(t *trace.Trace) string {
	for i := range t.Steps {
		st := &t.Steps[i]
		switch {
		case st.Op.Name == "restart":
			return fmt.Sprintf("step %d restarts the one server there is", st.Index)
		case st.Reply.Err == trace.ServerDown:
			return fmt.Sprintf("the one server has ended before step %d", st.Index)
		case st.Op.Name == "multi" && st.Reply.Err == txn.MarshallingError.String() && len(st.Txns) == 0:
			return fmt.Sprintf("step %d sends a multi that can't be read: it uses a zxid up and makes no transaction, and only a server alone answers", st.Index)
		case st.Op.Name == "waitGone":
			return fmt.Sprintf("step %d waits for the server's own container timer", st.Index)
		}
	}
	return ""
}

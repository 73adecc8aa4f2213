package workflow

import (
	"encoding/json"
	"testing"
)

// TestRetriesOfAQuotaLastForTheLongestTimeout counts with the mean of full jitter. More attempts
// would not fit into the history of an execution, beside the status checks.
func TestRetriesOfAQuotaLastForTheLongestTimeout(t *testing.T) {
	var d definition
	must(json.Unmarshal([]byte(app.definition(app.machines["job"])), &d))
	const week, history = 7 * 24 * 3600, 25_000
	for attempts, want := range map[float64]bool{
		0:      true, // as deployed
		1_000:  false,
		20_000: false, // too many events
	} {
		quota := d.state("Start")["Retry"].([]any)[0].(object)
		if attempts == 0 {
			attempts = quota["MaxAttempts"].(float64)
		}
		seconds, delay := 0.0, quota["IntervalSeconds"].(float64)
		for range int(attempts) {
			seconds += delay / 2
			delay = min(delay*quota["BackoffRate"].(float64), quota["MaxDelaySeconds"].(float64))
		}
		if fits := seconds >= week && 3*attempts+500*15 < history; fits != want {
			t.Errorf("%v attempts: %.1f days, %v events", attempts, seconds/24/3600, 3*attempts)
		}
	}
}

package workflow

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

type object = map[string]any

// call is a request of a state machine.
type call struct {
	action string // Textract.StartDocumentAnalysis, DynamoDB_20120810.UpdateItem, …
	body   object
	at     time.Time
}

// fault changes what calls do.
type fault struct {
	action   string            // the beginning
	when     func(object) bool // nil for all
	times    int               // how often; 0 for always
	delay    time.Duration     // before the call
	code     string            // of the error, in place of an answer
	lost     bool              // the answer of a call that was made
	answer   object            // in place of Textract's own
	happened int
}

// gateway takes all calls of state machines: it answers those to Textract, and passes on the
// others.
type gateway struct {
	textract *textract
	moto     *httputil.ReverseProxy
	sleep    func(time.Duration)
	now      func() time.Time
	latency  time.Duration // of each call

	mu     sync.Mutex
	calls  []call
	faults []*fault
}

func (g *gateway) connect(moto string) error {
	target, err := url.Parse(moto)
	if err != nil {
		return err
	}
	g.moto = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	return nil
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has gone
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	action := r.Header.Get("X-Amz-Target")
	if action == "" { // S3
		g.moto.ServeHTTP(w, r)
		return
	}
	var body object
	if err := json.Unmarshal(text, &body); err != nil {
		answer(w, http.StatusBadRequest, object{"__type": "SerializationException", "message": err.Error()})
		return
	}
	f := g.record(action, body)
	if f.delay+g.latency > 0 {
		g.sleep(f.delay + g.latency)
	}
	if f.code != "" && !f.lost {
		answer(w, http.StatusBadRequest, object{"__type": f.code, "message": "as the test wants it"})
		return
	}
	if f.lost {
		w = &lostAnswer{w}
	}
	switch operation, ok := strings.CutPrefix(action, "Textract."); {
	case f.answer != nil:
		answer(w, http.StatusOK, f.answer)
	case ok:
		status, result := g.textract.handle(operation, body)
		answer(w, status, result)
	default:
		g.moto.ServeHTTP(w, r)
	}
}

// lostAnswer breaks the connection in place of an answer.
type lostAnswer struct{ http.ResponseWriter }

func (w *lostAnswer) WriteHeader(int) { panic(http.ErrAbortHandler) }

func answer(w http.ResponseWriter, status int, body object) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Requestid", "00000000-0000-0000-0000-000000000000")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (g *gateway) record(action string, body object) fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, call{action, body, g.now()})
	for _, f := range g.faults {
		if strings.HasPrefix(action, f.action) && (f.times == 0 || f.happened < f.times) && (f.when == nil || f.when(body)) {
			f.happened++
			return *f
		}
	}
	return fault{}
}

// during adds a fault.
func (g *gateway) during(f fault) *fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = append(g.faults, &f)
	return &f
}

func (g *gateway) remove(f *fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = slices.DeleteFunc(g.faults, func(each *fault) bool { return each == f })
}

// reset forgets faults and calls.
func (g *gateway) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults, g.calls = nil, nil
}

// callsOf are the calls of an action since the last reset.
func (g *gateway) callsOf(action string) []call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(g.calls), func(c call) bool { return !strings.HasPrefix(c.action, action) })
}

package doctor_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	questionsOfKind = 1500
	completions     = 4
)

// TestJudge compares doctor's judge of policies with another evaluator: it never says yes where
// that says no, and never no where that says yes, whatever the condition keys are of which the
// judge knows nothing.
func TestJudge(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv("SEED"); text != "" {
		seed = must(strconv.ParseUint(text, 10, 64))(t)
	}
	t.Logf("SEED=%d", seed)
	names := slices.Sorted(maps.Keys(kinds))
	var questions []question
	var requests []request
	for i, name := range names {
		for n := range questionsOfKind {
			g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(i*questionsOfKind+n))), plain: n%2 == 0}
			q := kinds[name](g)
			q.kind, q.plain = name, g.plain
			original := ""
			if n%4 == 1 {
				q, original = unresolved(t, q)
			}
			questions = append(questions, q)
			for range completions {
				r := g.completed(q, !strings.HasPrefix(q.Principal, "arn:"))
				if original != "" {
					r = replaced(t, r, placeholder, g.pick(original, original+"2", "another"))
				}
				requests = append(requests, r)
			}
		}
	}
	answers := judged(t, questions)
	evaluations := evaluated(t, requests)

	counts := map[string]map[string]int{}
	wrong := 0
	for i, q := range questions {
		answer := answers[i]
		if counts[q.kind] == nil {
			counts[q.kind] = map[string]int{}
		}
		counts[q.kind][answer]++
		if q.plain && answer == "unsure" {
			t.Errorf("%s: the judge is unsure, and has all that it needs\n%s", q.kind, marshal(t, q))
		}
		for j := range completions {
			request, evaluation := requests[i*completions+j], evaluations[i*completions+j]
			allowed := evaluation == "Allowed"
			contradicts := answer == "yes" && !allowed || (answer == "no" || answer == "denied") && allowed ||
				answer == "denied" && evaluation != "ExplicitlyDenied"
			if contradicts {
				if wrong++; wrong <= 5 {
					t.Errorf("%s: the judge says %s, the evaluator %s\n%s", q.kind, answer, evaluation, marshal(t, request))
				}
				break
			}
		}
	}
	for _, name := range names {
		t.Logf("%s: %v", name, counts[name])
		// Each answer has to occur, or nothing is compared.
		for _, answer := range []string{"yes", "no", "denied", "unsure"} {
			if counts[name][answer] < questionsOfKind/100 {
				t.Errorf("%s: only %d of %d answers are %s", name, counts[name][answer], questionsOfKind, answer)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d answers are wrong", wrong, len(questions))
	}
}

// placeholder is a name that a template does not have.
const placeholder = "${Name}"

// unresolved makes the name of the resource one that is not known, wherever the question has it. It
// returns that name, or "" where the resource has none.
func unresolved(t *testing.T, q question) (question, string) {
	t.Helper()
	name := q.Resource[strings.LastIndexAny(q.Resource, ":/*")+1:]
	if name == "" {
		return q, ""
	}
	kind, plain := q.kind, q.plain
	q = replaced(t, q, name, placeholder)
	q.kind, q.plain = kind, plain
	return q, name
}

func replaced[T any](t *testing.T, value T, from, to string) T {
	t.Helper()
	var changed T
	if err := json.Unmarshal(bytes.ReplaceAll(marshal(t, value), []byte(from), []byte(to)), &changed); err != nil {
		t.Fatal(err)
	}
	return changed
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// judged asks the judge, which is internal to the command's module, through a command of that
// module.
func judged(t *testing.T, questions []question) []string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "judge")
	build := exec.Command("go", "build", "-o", program, "./internal/policy/judge")
	build.Dir = filepath.Join("..", "..", "cmd", "textract-async")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the judge: %v\n%s", err, out)
	}
	var lines [][]byte
	for _, q := range questions {
		lines = append(lines, marshal(t, q))
	}
	return exchange(t, exec.Command(program), lines)
}

// evaluated asks the simulator of the permission proof.
func evaluated(t *testing.T, requests []request) []string {
	t.Helper()
	var lines [][]byte
	for some := range slices.Chunk(requests, 100) {
		lines = append(lines, marshal(t, map[string]any{"simulate": some}))
	}
	var answers []string
	for _, line := range exchange(t, exec.Command("node", "../proof/simulator.mjs"), lines) {
		var replies []struct{ Answer, Error string }
		if err := json.Unmarshal([]byte(line), &replies); err != nil {
			t.Fatal(err)
		}
		for _, reply := range replies {
			if reply.Error != "" {
				t.Fatalf("the evaluator cannot answer: %s\n%s", reply.Error, marshal(t, requests[len(answers)]))
			}
			answers = append(answers, reply.Answer)
		}
	}
	return answers
}

// exchange writes the lines to a program, and returns as many lines of its output.
func exchange(t *testing.T, program *exec.Cmd, lines [][]byte) []string {
	t.Helper()
	program.Stdin = bytes.NewReader(append(bytes.Join(lines, []byte("\n")), '\n'))
	program.Stderr = os.Stderr
	out, err := program.Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	var replies []string
	scanner := bufio.NewScanner(bytes.NewReader(out))
	for scanner.Scan() {
		replies = append(replies, scanner.Text())
	}
	if len(replies) != len(lines) {
		t.Fatalf("%s: %d answers to %d questions", program, len(replies), len(lines))
	}
	return replies
}

package proof

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

// simulator evaluates policies in one Node process, which runs simulator.mjs.
type simulator struct {
	process *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Reader
	answers map[[sha256.Size]byte]bool // by the hash of the request: with the policies in it, all of them would fill the memory
}

// request is a question for the simulator; the field names are those of simulator.mjs.
type request struct {
	Principal      string      `json:"principal"`
	Action         string      `json:"action"`
	Resource       string      `json:"resource"`
	Account        string      `json:"account"`
	Context        context     `json:"context"`
	Identity       []*Document `json:"identity"`
	ResourcePolicy *Document   `json:"resourcePolicy,omitempty"`
}

// serviceAction is an action of a service with, by resource, the context keys of the service that a
// request of it can have.
type serviceAction struct {
	Action    string              `json:"action"`
	Resources map[string][]string `json:"resources"`
}

// startSimulator runs the script with the first node of the PATH.
func startSimulator() (*simulator, error) {
	process := exec.Command("node", "simulator.mjs")
	process.Stderr = os.Stderr
	input, inErr := process.StdinPipe()
	output, outErr := process.StdoutPipe()
	if err := errors.Join(inErr, outErr, process.Start()); err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	return &simulator{process, input, bufio.NewReader(output), map[[sha256.Size]byte]bool{}}, nil
}

func (s *simulator) close() error { return errors.Join(s.input.Close(), s.process.Wait()) }

// batch is how many requests are evaluated at once.
const batch = 256

// allowed answers all requests, in their order. One that was answered before is not evaluated
// again.
func (s *simulator) allowed(requests []request) ([]bool, error) {
	keys := make([][sha256.Size]byte, len(requests))
	var fresh []int
	for i, r := range requests {
		text, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		keys[i] = sha256.Sum256(text)
		if _, known := s.answers[keys[i]]; !known {
			fresh = append(fresh, i)
		}
	}
	for part := range slices.Chunk(fresh, batch) {
		asked := make([]request, len(part))
		for i, index := range part {
			asked[i] = requests[index]
		}
		var answers []struct{ Answer, Error string }
		if err := s.exchange(map[string]any{"simulate": asked}, &answers); err != nil {
			return nil, err
		}
		for i, a := range answers {
			switch a.Answer {
			case "Allowed", "ImplicitlyDenied", "ExplicitlyDenied":
				s.answers[keys[part[i]]] = a.Answer == "Allowed"
			default:
				text, _ := json.Marshal(asked[i])
				return nil, fmt.Errorf("the simulator cannot answer %s: %s%s", text, a.Answer, a.Error)
			}
		}
	}
	answers := make([]bool, len(keys))
	for i, key := range keys {
		answers[i] = s.answers[key]
	}
	return answers, nil
}

// actions lists the actions of a service, with those of the resources that they can name.
func (s *simulator) actions(service string, resources []string) (actions []serviceAction, err error) {
	return actions, s.exchange(map[string]any{"service": service, "resources": resources}, &actions)
}

// exchange sends a line and reads a line.
func (s *simulator) exchange(question, answer any) error {
	line, err := json.Marshal(question)
	if err != nil {
		return err
	}
	if _, err := s.input.Write(append(line, '\n')); err != nil {
		return err
	}
	text, err := s.output.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("reading the simulator: %w", err)
	}
	return json.Unmarshal(text, answer)
}

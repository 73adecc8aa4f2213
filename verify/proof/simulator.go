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
)

// Simulator evaluates policies in one Node process that lives as long as the proof.
type Simulator struct {
	process *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Reader
	answers map[[sha256.Size]byte]bool
	asked   int
}

// request is what the simulator is asked; the field names are those of simulator.mjs.
type request struct {
	Ask       string            `json:"ask"`
	Principal string            `json:"principal"`
	Action    string            `json:"action"`
	Resource  string            `json:"resource"`
	Account   string            `json:"account"`
	Context   map[string]string `json:"context"`
	Identity  []*Document       `json:"identity"`
	Policy    *Document         `json:"policy,omitempty"`
}

type reply struct {
	Answer  string          `json:"answer"`
	Actions []ServiceAction `json:"actions"`
	Error   string          `json:"error"`
}

// ServiceAction is an action of a service, with the context keys of its own that a request of it can carry, by resource.
type ServiceAction struct {
	Action    string              `json:"action"`
	Resources map[string][]string `json:"resources"`
}

// StartSimulator runs the script with the first node of the PATH.
func StartSimulator(script string) (*Simulator, error) {
	process := exec.Command("node", script)
	process.Stderr = os.Stderr
	input, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("starting the simulator %s: %w", script, err)
	}
	return &Simulator{
		process: process, input: input, output: bufio.NewReaderSize(output, 1<<16), answers: map[[sha256.Size]byte]bool{},
	}, nil
}

// Close ends the process.
func (s *Simulator) Close() error {
	return errors.Join(s.input.Close(), s.process.Wait())
}

// Asked is the number of requests that were evaluated; a request that was answered before is not evaluated again.
func (s *Simulator) Asked() int { return s.asked }

// allowed answers all requests at once, in their order.
func (s *Simulator) allowed(requests []request) ([]bool, error) {
	// A request is remembered by its hash: with the policies in it, hundreds of thousands would fill the memory.
	keys := make([][sha256.Size]byte, len(requests))
	var fresh []string
	waiting := map[[sha256.Size]byte]bool{}
	for i, r := range requests {
		r.Ask = "simulate"
		line, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		keys[i] = sha256.Sum256(line)
		if _, known := s.answers[keys[i]]; !known && !waiting[keys[i]] {
			waiting[keys[i]] = true
			fresh = append(fresh, string(line))
		}
	}
	if err := s.evaluate(fresh); err != nil {
		return nil, err
	}
	answers := make([]bool, len(keys))
	for i, key := range keys {
		answers[i] = s.answers[key]
	}
	return answers, nil
}

func (s *Simulator) evaluate(lines []string) error {
	return s.exchange(lines, func(line string, r reply) error {
		key := sha256.Sum256([]byte(line))
		switch r.Answer {
		case "Allowed":
			s.answers[key] = true
		case "ImplicitlyDenied", "ExplicitlyDenied":
			s.answers[key] = false
		default:
			return fmt.Errorf("the simulator answered %q to %s", r.Answer, line)
		}
		s.asked++
		return nil
	})
}

// actions lists the actions of a service with those of the resources that they can name.
func (s *Simulator) actions(service string, resources []string) ([]ServiceAction, error) {
	line, err := json.Marshal(map[string]any{"ask": "actions", "service": service, "resources": resources})
	if err != nil {
		return nil, err
	}
	var actions []ServiceAction
	err = s.exchange([]string{string(line)}, func(_ string, r reply) error {
		actions = r.Actions
		return nil
	})
	return actions, err
}

// exchange writes while it reads, so that neither side waits for a full pipe.
func (s *Simulator) exchange(lines []string, take func(line string, r reply) error) error {
	written := make(chan error, 1)
	go func() {
		buffer := bufio.NewWriter(s.input)
		for _, line := range lines {
			// An error sticks to the buffer, and Flush returns it.
			_, _ = buffer.WriteString(line + "\n")
		}
		written <- buffer.Flush()
	}()
	// The answers after a failure are read too: they belong to these lines, and not to those of the next exchange.
	var failure error
	for _, line := range lines {
		text, err := s.output.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("reading the simulator: %w", err)
		}
		if err := receive(line, text, take); err != nil && failure == nil {
			failure = err
		}
	}
	return errors.Join(failure, <-written)
}

func receive(line string, text []byte, take func(line string, r reply) error) error {
	var r reply
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("the simulator wrote %q: %w", text, err)
	}
	if r.Error != "" {
		return fmt.Errorf("the simulator cannot answer %s: %s", line, r.Error)
	}
	return take(line, r)
}

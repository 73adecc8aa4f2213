package workflow

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// server is a running moto_states.py.
type server struct{ moto, control, log string }

// startServer returns when the server takes requests. It ends when its stdin is closed, so also if
// this process dies.
func startServer(dir, endpoint string) (s *server, stop func(), err error) {
	s = &server{log: filepath.Join(dir, "moto.log")}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, nil, err
	}
	process := exec.Command(cmp.Or(os.Getenv("PYTHON"), "python3"), "-u", "moto_states.py", endpoint, "jsonata.mjs")
	process.Stderr = log
	stdin, inErr := process.StdinPipe()
	stdout, outErr := process.StdoutPipe()
	if err := errors.Join(inErr, outErr, process.Start()); err != nil {
		return nil, nil, fmt.Errorf("moto runs in Python: install Python 3, or set PYTHON: %w", err)
	}
	stop = func() {
		_ = stdin.Close()
		killer := time.AfterFunc(5*time.Second, func() { _ = process.Process.Kill() })
		defer killer.Stop()
		_ = process.Wait()
		_ = log.Close()
	}
	lines := bufio.NewReader(stdout)
	for _, address := range []*string{&s.moto, &s.control} {
		line, err := lines.ReadString('\n')
		if err != nil {
			stop()
			text, _ := os.ReadFile(s.log)
			return nil, nil, fmt.Errorf("moto does not start: %s", text)
		}
		*address = strings.TrimSpace(line)
	}
	return s, stop, nil
}

// ask asks what class Control of moto_states.py lists.
func (s *server) ask(what string, question, answer any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	response, err := http.Post(s.control+"/"+what, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

// Package batch runs the real command over Moto, a local AWS API: 50 documents, with the process
// killed once on the way.
package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const documents = 50

// startMoto returns the address of a server that ends with the test.
func startMoto(t *testing.T) string {
	t.Helper()
	blocks := filepath.Join(t.TempDir(), "blocks.json")
	text := `[{"BlockType": "PAGE", "Id": "1", "Page": 1, "Relationships": [{"Type": "CHILD", "Ids": ["2"]}]},
		{"BlockType": "LINE", "Id": "2", "Page": 1, "Text": "Dear Sir,", "Confidence": 99}]`
	if err := os.WriteFile(blocks, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	server := exec.CommandContext(t.Context(), python, "-u", filepath.Join("..", "local", "moto_server.py"), blocks)
	stdin, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	server.Stderr = &stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // which ends it
		_ = server.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("moto did not start: %v: %s", err, stderr.String())
	}
	return strings.TrimSpace(line)
}

// startCounter counts Start calls by their client request tokens, which Moto does not keep, on
// their way to Moto.
type startCounter struct {
	mu     sync.Mutex
	tokens map[string]int
}

func (c *startCounter) proxy(t *testing.T, address string) string {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	next := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("X-Amz-Target"), ".Start") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return // the process was killed
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			var request struct{ ClientRequestToken string }
			if json.Unmarshal(body, &request) == nil {
				c.mu.Lock()
				c.tokens[request.ClientRequestToken]++
				c.mu.Unlock()
			}
		}
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func putDocuments(t *testing.T, address string) {
	t.Helper()
	client := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(address), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("documents")}); err != nil {
		t.Fatal(err)
	}
	put := func(key, content string) {
		_, err := client.PutObject(
			t.Context(),
			&s3.PutObjectInput{Bucket: aws.String("documents"), Key: aws.String(key), Body: strings.NewReader(content)},
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range documents {
		put(fmt.Sprintf("in/letter %02d.pdf", i), fmt.Sprint("%PDF-1.7 ", i))
	}
	put("in/notes.txt", "no document")
}

// events counts the journal's complete lines of an event.
func events(out, event string) int {
	text, err := os.ReadFile(filepath.Join(out, ".textract-async-batch.jsonl"))
	if err != nil {
		return 0 // not begun
	}
	return strings.Count(string(text), `{"event":"`+event+`"`)
}

func TestFiftyDocumentsKilledOnce(t *testing.T) {
	command := filepath.Join(t.TempDir(), "textract-async")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", command, ".")
	build.Dir = filepath.Join("..", "..", "cmd", "textract-async")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	moto := startMoto(t)
	putDocuments(t, moto)
	counter := &startCounter{tokens: make(map[string]int)}
	endpoint := counter.proxy(t, moto)
	out := filepath.Join(t.TempDir(), "read")
	newRun := func() (*exec.Cmd, *bytes.Buffer) {
		run := exec.CommandContext(t.Context(), command, "batch", "--out", out, "s3://documents/in/")
		run.Env = append(
			os.Environ(), "AWS_ENDPOINT_URL="+endpoint, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local",
			"AWS_SECRET_ACCESS_KEY=local", "AWS_CONFIG_FILE="+os.DevNull,
			"AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		)
		stderr := new(bytes.Buffer)
		run.Stdout, run.Stderr = stderr, stderr
		return run, stderr
	}

	first, output := newRun()
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); events(out, "done") < documents/3; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = first.Process.Kill()
			_ = first.Wait()
			t.Fatalf("%d documents are done: %s", events(out, "done"), output)
		}
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err == nil {
		t.Fatal("the process had ended before it was killed")
	}
	doneBefore, startedBefore := events(out, "done"), events(out, "started")

	second, output := newRun()
	if err := second.Run(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if want := fmt.Sprintf("%d done, 0 failed", documents-doneBefore); !strings.Contains(output.String(), want) {
		t.Errorf("the second run said %s, want it to contain %q", output, want)
	}
	texts, err := filepath.Glob(filepath.Join(out, "*", "text.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range texts {
		if text, err := os.ReadFile(name); err != nil || string(text) != "Dear Sir,\n" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	repeated := 0
	for _, times := range counter.tokens {
		if times > 1 {
			repeated++
		}
	}
	// What was started, but not in the journal yet, is started again by the same token, which
	// Textract answers with the same job.
	if len(texts) != documents || events(out, "done") != documents || len(counter.tokens) != documents || repeated > 16 {
		t.Errorf("%d results, %d done, %d tokens, %d of them sent again", len(texts), events(out, "done"), len(counter.tokens), repeated)
	}
	t.Logf("killed with %d started and %d done; %d were sent again by the same token", startedBefore, doneBefore, repeated)
}

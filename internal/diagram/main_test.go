package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

func TestPicturesAreCurrent(t *testing.T) {
	for _, p := range pictures {
		t.Run(p.file, func(t *testing.T) {
			want, err := p.render(root)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(root, images, p.file))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("%s is out of date; go run ./internal/diagram draws it again", p.file)
			}
		})
	}
}

func TestPicturesAreReadable(t *testing.T) {
	for _, p := range pictures {
		svg, err := p.render(root)
		if err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", p.file, err)
			}
		}
		for _, part := range []string{"prefers-color-scheme: dark", `<rect class="ground"`, "<title", "<desc"} {
			if !strings.Contains(svg, part) {
				t.Errorf("%s has no %s", p.file, part)
			}
		}
	}
}

// TestPictureShowsEveryResource removes one resource at a time and checks that its parts leave the picture.
func TestPictureShowsEveryResource(t *testing.T) {
	for _, row := range []struct {
		resource string // how its logical id begins
		gone     []string
	}{
		{"Documents7", []string{"Documents"}},
		{"Results2", []string{"Results"}},
		{"DocumentsPolicy", nil},
		{"CallerBA", []string{"Caller", "Start…, Get…", "receives,"}},
		{"CallerDefaultPolicy", []string{"Start…, Get…", "receives,", "passes"}},
		{"TextractAsyncServiceRole6", []string{"Service role", "Amazon Textract", "assumes", "publishes"}},
		{"TextractAsyncServiceRoleDefaultPolicy", []string{"publishes"}},
		{"TextractAsyncTopicA", []string{">Topic<", "delivers", "undeliverable", "the construct"}},
		{"TextractAsyncQueueB", []string{">Queue<", "delivers", "after 5"}},
		{"TextractAsyncDeadLetterQueue6", []string{"Dead-letter queue", "after 5", "undeliverable"}},
		{"TextractAsyncSubscription", []string{"delivers", "undeliverable"}},
		{"TextractAsyncEncryptionKey", []string{">Key<", "rotated"}},
	} {
		t.Run(row.resource, func(t *testing.T) {
			whole := sampleTemplate(t)
			before := mustDraw(t, drawArchitecture, whole)
			remove(t, whole, row.resource)
			after := mustDraw(t, drawArchitecture, whole)
			for _, text := range row.gone {
				if !strings.Contains(before, text) {
					t.Errorf("%q is not in the whole picture", text)
				}
				if strings.Contains(after, text) {
					t.Errorf("%q is still there", text)
				}
			}
			if row.gone == nil && strings.Count(after, "TLS only") != strings.Count(before, "TLS only")-1 {
				t.Error("the bucket still denies plain HTTP")
			}
		})
	}
}

func TestSecondTopicIsAnError(t *testing.T) {
	whole := sampleTemplate(t)
	whole.Resources["Second"] = resource{Type: "AWS::SNS::Topic"}
	if _, err := drawArchitecture(whole); err == nil || !strings.Contains(err.Error(), "second Topic") {
		t.Errorf("got %v, want an error that names the second topic", err)
	}
}

func TestDashboardFollowsItsBody(t *testing.T) {
	body := `{"widgets":[{"type":"metric","width":6,"height":6,"x":0,"y":1,"properties":{"title":"Only & alone",` +
		`"metrics":[["AWS/SQS","Age","QueueName","q",{"label":"Oldest"}]]}}]}`
	svg := mustDraw(t, drawDashboard, dashboardTemplate(body))
	for _, text := range []string{"Only &amp; alone", "Oldest"} {
		if !strings.Contains(svg, text) {
			t.Errorf("%q is not in the picture", text)
		}
	}
	if strings.Contains(svg, "Alarms") || strings.Contains(svg, "Requests") {
		t.Error("the picture shows more than the body")
	}
}

func TestInvalidDashboards(t *testing.T) {
	for reason, broken := range map[string]template{
		"no dashboard":   {},
		"no text":        dashboardTemplate(nil),
		"no JSON":        dashboardTemplate("{"),
		"unknown widget": dashboardTemplate(`{"widgets":[{"type":"map"}]}`),
	} {
		if _, err := drawDashboard(broken); err == nil {
			t.Errorf("%s: no error", reason)
		}
	}
}

func dashboardTemplate(body any) template {
	return template{Resources: map[string]resource{
		"Dashboard": {Type: "AWS::CloudWatch::Dashboard", Properties: map[string]any{"DashboardBody": body}},
	}}
}

func sampleTemplate(t *testing.T) template {
	t.Helper()
	whole, err := readTemplate(filepath.Join(root, templates, "TextractAsyncSample.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

func mustDraw(t *testing.T, draw func(template) (string, error), from template) string {
	t.Helper()
	svg, err := draw(from)
	if err != nil {
		t.Fatal(err)
	}
	return svg
}

func remove(t *testing.T, from template, prefix string) {
	t.Helper()
	for id := range from.Resources {
		if strings.HasPrefix(id, prefix) {
			delete(from.Resources, id)
			return
		}
	}
	t.Fatalf("no resource %s", prefix)
}

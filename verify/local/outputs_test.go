package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func complete() outputs {
	all := outputs{callerRole: "arn:aws:iam::123456789012:role/caller"}
	for _, name := range alwaysThere {
		all[name] = "value of " + name
	}
	return all
}

func TestParseOutputs(t *testing.T) {
	text, err := json.Marshal(map[string]outputs{stackName: complete(), "Other": {}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := parseOutputs(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(complete(), found); diff != "" {
		t.Errorf("outputs differ (-written +read):\n%s", diff)
	}
}

func TestParseOutputsNamesWhatIsMissing(t *testing.T) {
	for _, name := range alwaysThere {
		absent, empty := complete(), complete()
		delete(absent, name)
		empty[name] = ""
		for _, given := range []outputs{absent, empty} {
			text, err := json.Marshal(map[string]outputs{stackName: maps.Clone(given)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parseOutputs(text); err == nil || !strings.Contains(err.Error(), "output "+name+" ") {
				t.Errorf("without %s the error is %v", name, err)
			}
		}
	}
	for _, text := range []string{"", "{}", "[]", `{"TextractAsyncSample": 1}`, `{"Other": {}}`} {
		if _, err := parseOutputs([]byte(text)); err == nil {
			t.Errorf("%q is no error", text)
		}
	}
}

func TestParseTypes(t *testing.T) {
	found, err := parseTypes([]byte(`{"Resources": {"A": {"Type": "AWS::SNS::Topic"}, "M": {"Type": "AWS::CDK::Metadata"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"A": "AWS::SNS::Topic"}, found); diff != "" {
		t.Errorf("types differ (-expected +found):\n%s", diff)
	}
	for _, text := range []string{"", "{}", `{"Resources": {"M": {"Type": "AWS::CDK::Metadata"}}}`} {
		if _, err := parseTypes([]byte(text)); err == nil {
			t.Errorf("%q is no error", text)
		}
	}
}

func TestAdded(t *testing.T) {
	before, after := []string{"a", "b"}, []string{"b", "c", "a", "d"}
	if diff := cmp.Diff([]string{"c", "d"}, added(before, after)); diff != "" {
		t.Errorf("added differs (-expected +found):\n%s", diff)
	}
	if got := added(after, before); len(got) != 0 {
		t.Errorf("added is %q, not nothing", got)
	}
}

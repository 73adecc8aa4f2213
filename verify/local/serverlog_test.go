package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, log string) *serverLog {
	t.Helper()
	l := watch(strings.NewReader(log))
	<-l.done
	return l
}

func TestServerLogFindings(t *testing.T) {
	const request = `INFO werkzeug 127.0.0.1 - - [01/Jan/2030 00:00:00] "POST / HTTP/1.1" 200 -`
	for _, test := range []struct {
		name, log string
		findings  []string
	}{
		{"empty", "", nil},
		{"requests", request + "\n" + request + "\n", nil},
		{"metadata", "WARNING moto No Moto CloudFormation support for AWS::CDK::Metadata\n", nil},
		{
			"skipped", request + "\nWARNING moto No Moto CloudFormation support for AWS::SNS::Subscription\n" + request,
			[]string{"WARNING moto No Moto CloudFormation support for AWS::SNS::Subscription"},
		},
		{
			"a type that begins like one that is left out", "WARNING moto No Moto CloudFormation support for AWS::CDK::MetadataTable\n",
			[]string{"WARNING moto No Moto CloudFormation support for AWS::CDK::MetadataTable"},
		},
		{"repeated", "ERROR werkzeug broken\nERROR werkzeug broken\n", []string{"ERROR werkzeug broken"}},
		{"last line without an end", "CRITICAL root stop", []string{"CRITICAL root stop"}},
		{"another warning", "WARNING moto attribute Arn of Topic\n", []string{"WARNING moto attribute Arn of Topic"}},
		{"level inside a line", "INFO moto no ERROR\n  WARNING not at the beginning\n", []string{"WARNING not at the beginning"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := read(t, test.log)
			if diff := cmp.Diff(test.findings, l.findings); diff != "" {
				t.Errorf("findings differ (-expected +found):\n%s", diff)
			}
			if err := l.check(); (err != nil) != (len(test.findings) > 0) {
				t.Errorf("check returns %v", err)
			}
		})
	}
}

func TestServerLogTail(t *testing.T) {
	var log strings.Builder
	for i := range 3 * lastLines {
		fmt.Fprintln(&log, "INFO line", i)
	}
	tail := read(t, log.String()).tail()
	if len(tail) != lastLines || tail[lastLines-1] != fmt.Sprint("INFO line ", 3*lastLines-1) {
		t.Errorf("tail is %q", tail)
	}
}

// Package fakestack is a fake of CloudFormation and STS, which the command calls in addition to the
// services of textracttest.
package fakestack

import (
	"encoding/xml"
	"net/http"
	"sync"
	"time"

	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// AWS is textracttest's fake with stacks and roles.
type AWS struct {
	*textracttest.AWS
	// Account is that of the caller.
	Account string

	mu      sync.Mutex
	stacks  map[string]map[string]string
	assumed []string
}

// New returns a fake with nothing in it.
func New() *AWS {
	return &AWS{AWS: textracttest.New(), Account: "123456789012", stacks: make(map[string]map[string]string)}
}

// AddStack adds a stack with outputs.
func (a *AWS) AddStack(name string, outputs map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stacks[name] = outputs
}

// ServeHTTP answers a call of any of the services. CloudFormation and STS speak the query protocol.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/" || r.Header.Get("X-Amz-Target") != "":
		a.AWS.ServeHTTP(w, r)
	case r.FormValue("Action") == "GetCallerIdentity":
		a.serveCallerIdentity(w)
	case r.FormValue("Action") == "AssumeRole":
		a.serveAssumeRole(w, r)
	case r.FormValue("Action") == "DescribeStacks":
		a.serveDescribeStacks(w, r)
	default:
		answerError(w, "InvalidAction", "The fake has no action "+r.FormValue("Action")+".")
	}
}

type stackOutput struct{ OutputKey, OutputValue string }

type describeStacks struct {
	XMLName xml.Name      `xml:"DescribeStacksResponse"`
	Name    string        `xml:"DescribeStacksResult>Stacks>member>StackName"`
	Created string        `xml:"DescribeStacksResult>Stacks>member>CreationTime"`
	Status  string        `xml:"DescribeStacksResult>Stacks>member>StackStatus"`
	Outputs []stackOutput `xml:"DescribeStacksResult>Stacks>member>Outputs>member"`
}

// AssumedRoles returns the ARNs of the roles that were assumed.
func (a *AWS) AssumedRoles() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.assumed...)
}

func (a *AWS) serveCallerIdentity(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	answerXML(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"GetCallerIdentityResponse"`
		ARN     string   `xml:"GetCallerIdentityResult>Arn"`
		UserID  string   `xml:"GetCallerIdentityResult>UserId"`
		Account string   `xml:"GetCallerIdentityResult>Account"`
	}{ARN: "arn:aws:iam::" + a.Account + ":user/fake", UserID: "AIDAFAKE", Account: a.Account})
}

func (a *AWS) serveAssumeRole(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	a.mu.Lock()
	a.assumed = append(a.assumed, r.FormValue("RoleArn"))
	a.mu.Unlock()
	answerXML(w, http.StatusOK, struct {
		XMLName    xml.Name `xml:"AssumeRoleResponse"`
		Key        string   `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
		Secret     string   `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
		Token      string   `xml:"AssumeRoleResult>Credentials>SessionToken"`
		Expiration string   `xml:"AssumeRoleResult>Credentials>Expiration"`
	}{Key: "assumed", Secret: "assumed", Token: "assumed", Expiration: time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
}

func (a *AWS) serveDescribeStacks(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	name := r.FormValue("StackName")
	a.mu.Lock()
	outputs, found := a.stacks[name]
	a.mu.Unlock()
	if !found {
		answerError(w, "ValidationError", "Stack with id "+name+" does not exist")
		return
	}
	answer := describeStacks{Name: name, Created: "2026-01-02T03:04:05Z", Status: "CREATE_COMPLETE"}
	for key, value := range outputs {
		answer.Outputs = append(answer.Outputs, stackOutput{key, value})
	}
	answerXML(w, http.StatusOK, answer)
}

func answerError(w http.ResponseWriter, code, message string) {
	w.Header().Set("Content-Type", "text/xml")
	answerXML(w, http.StatusBadRequest, struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Code    string   `xml:"Error>Code"`
		Message string   `xml:"Error>Message"`
	}{Code: code, Message: message})
}

func answerXML(w http.ResponseWriter, status int, answer any) {
	w.WriteHeader(status)
	if err := xml.NewEncoder(w).Encode(answer); err != nil {
		return // the caller went away
	}
}

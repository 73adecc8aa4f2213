package textracttest

import (
	"context"
	"encoding/xml"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

type credentials struct{}

// Retrieve implements aws.CredentialsProvider.
func (credentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "fake", SecretAccessKey: "fake"}, nil
}

type stackOutput struct{ OutputKey, OutputValue string }

type describeStacks struct {
	XMLName xml.Name      `xml:"DescribeStacksResponse"`
	Name    string        `xml:"DescribeStacksResult>Stacks>member>StackName"`
	Created string        `xml:"DescribeStacksResult>Stacks>member>CreationTime"`
	Status  string        `xml:"DescribeStacksResult>Stacks>member>StackStatus"`
	Outputs []stackOutput `xml:"DescribeStacksResult>Stacks>member>Outputs>member"`
}

// serveQuery answers the services that speak the query protocol: CloudFormation and STS.
func (a *AWS) serveQuery(w http.ResponseWriter, r *http.Request) {
	action := r.FormValue("Action")
	switch {
	case a.failed(w, r, action):
	case action == "AssumeRole":
		a.serveAssumeRole(w, r)
	default:
		a.serveDescribeStacks(w, r)
	}
}

// AssumedRoles returns the ARNs of the roles that were assumed.
func (a *AWS) AssumedRoles() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.assumed...)
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
		answerXML(w, http.StatusBadRequest, struct {
			XMLName xml.Name `xml:"ErrorResponse"`
			Code    string   `xml:"Error>Code"`
			Message string   `xml:"Error>Message"`
		}{Code: "ValidationError", Message: "Stack with id " + name + " does not exist"})
		return
	}
	answer := describeStacks{Name: name, Created: "2026-01-02T03:04:05Z", Status: "CREATE_COMPLETE"}
	for key, value := range outputs {
		answer.Outputs = append(answer.Outputs, stackOutput{key, value})
	}
	answerXML(w, http.StatusOK, answer)
}

func answerXML(w http.ResponseWriter, status int, answer any) {
	w.WriteHeader(status)
	if err := xml.NewEncoder(w).Encode(answer); err != nil {
		return // the caller went away
	}
}

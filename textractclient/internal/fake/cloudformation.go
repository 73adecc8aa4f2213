package fake

import (
	"context"
	"encoding/xml"
	"net/http"

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

func (a *AWS) serveCloudFormation(w http.ResponseWriter, r *http.Request) {
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

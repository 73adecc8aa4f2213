package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// callerUser is the user that the changed variant gives the permissions to.
const callerUser = "textract-caller"

// changed is the context of the changed variant.
var changed = []string{"--context=callerUser=" + callerUser, "--context=monitoring=true"}

// rehearsal is one run of all steps, with what later steps need of earlier ones.
type rehearsal struct {
	root, temp string

	document string // the PDF's file
	server   *server
	cli      *cli
	client   *client
	account  *account
	user     aws.Credentials
	before   []string // the inventory before the first deploy
	latest   deployment
}

// step is one step. It tells what it did in lines of the form "label: detail".
type step struct {
	title string
	do    func(context.Context) error
}

func (r *rehearsal) steps() []step {
	return []step{
		{"start Moto, a local AWS API", r.start},
		{"build textract-async", r.build},
		{"cdk bootstrap, and a user as step 1 of the guide has it", r.prepare},
		{"cdk deploy", r.deploy},
		{"textract-async run, as the caller's role", r.readAsRole},
		{"cdk deploy again: no changes", r.deployAgain},
		{"cdk deploy " + strings.Join(changed, " ") + ": an update", r.update},
		{"textract-async run, as the user", r.readAsUser},
		{"empty the buckets, cdk destroy", r.destroy},
		{"nothing is left", r.nothingLeft},
	}
}

// take takes a step, and reads the server's log after it.
func (r *rehearsal) take(ctx context.Context, s step) error {
	err := s.do(ctx)
	if r.server == nil || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, r.server.log.check())
}

func (r *rehearsal) end() {
	if r.server != nil {
		r.server.stop()
	}
}

func tell(format string, args ...any) { fmt.Printf("        "+format+"\n", args...) }

func (r *rehearsal) start(ctx context.Context) error {
	if err := checkTools(r.root); err != nil {
		return err
	}
	blocks, err := sample.blocksJSON()
	if err != nil {
		return err
	}
	blocksFile := filepath.Join(r.temp, "blocks.json")
	r.document = filepath.Join(r.temp, "delivery-note.pdf")
	if err := errors.Join(os.WriteFile(blocksFile, blocks, 0o600), os.WriteFile(r.document, sample.pdf(), 0o600)); err != nil {
		return err
	}
	if r.server, err = startServer(ctx, r.root, blocksFile); err != nil {
		return err
	}
	r.account = newAccount(r.server.url)
	tell("%s", r.server.url)
	r.cli = &cli{r.root, r.temp, environment(r.root, r.temp, r.server.url)}
	return nil
}

func (r *rehearsal) build(ctx context.Context) (err error) {
	r.client, err = buildClient(ctx, r.root, r.temp, r.cli.env)
	return err
}

func (r *rehearsal) prepare(ctx context.Context) error {
	version, err := r.cli.version()
	if err != nil {
		return err
	}
	tell("CDK CLI %s", version)
	if err := r.cli.bootstrap(ctx); err != nil {
		return err
	}
	if r.user, err = r.account.user(ctx, callerUser); err != nil {
		return err
	}
	r.before, err = r.account.inventory(ctx)
	return err
}

func (r *rehearsal) deploy(ctx context.Context) (err error) {
	if r.latest, err = r.cli.deploy(ctx, "first"); err != nil {
		return err
	}
	if r.latest.outputs[callerRole] == "" {
		return fmt.Errorf("output %s is missing", callerRole)
	}
	for _, name := range slices.Sorted(maps.Keys(r.latest.outputs)) {
		tell("%s = %s", name, r.latest.outputs[name])
	}
	return r.checkStack(ctx, "CREATE_COMPLETE")
}

// checkStack checks that every resource of the latest template is there, and the wiring that one can look at.
func (r *rehearsal) checkStack(ctx context.Context, expected string) error {
	status, resources, err := r.account.stack(ctx, stackName)
	if err != nil {
		return err
	}
	if status != expected {
		return fmt.Errorf("stack is %s, not %s:\n%s", status, expected, r.latest.said)
	}
	made, wanted := entries(resources), entries(r.latest.types)
	if missing, others := added(made, wanted), added(wanted, made); len(missing)+len(others) > 0 {
		return fmt.Errorf("stack is %s without %q of its template, and with %q beyond it", status, missing, others)
	}
	subscribers, err := r.account.subscribers(ctx, r.latest.outputs["TopicArn"])
	if err != nil {
		return err
	}
	if queue := "sqs " + r.latest.outputs["QueueArn"]; !slices.Equal(subscribers, []string{queue}) {
		return fmt.Errorf("topic has the subscribers %q, not %q", subscribers, queue)
	}
	tell("%s with all %d resources of the template", status, len(resources))
	return nil
}

// entries returns the resources of a stack or template as one entry each.
func entries(types map[string]string) []string {
	var all []string
	for id, kind := range types {
		all = append(all, kind+" "+id)
	}
	slices.Sort(all)
	return all
}

func (r *rehearsal) readAsRole(ctx context.Context) error {
	if err := r.client.read(ctx, r.document, sample, nil, "--assume-caller"); err != nil {
		return err
	}
	return r.checkRun(ctx)
}

func (r *rehearsal) readAsUser(ctx context.Context) error {
	env := []string{"AWS_ACCESS_KEY_ID=" + r.user.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + r.user.SecretAccessKey}
	if err := r.client.read(ctx, r.document, sample, env, "--new-job"); err != nil {
		return err
	}
	return r.checkRun(ctx)
}

// checkRun checks the document in its bucket, and that its job's notification came through topic and queue, alone.
func (r *rehearsal) checkRun(ctx context.Context) error {
	objects, err := r.account.objects(ctx, r.latest.outputs["DocumentBucketName"])
	if err != nil {
		return err
	}
	uploads := slices.Collect(maps.Values(objects))
	if len(uploads) != 1 || !bytes.Equal(uploads[0], sample.pdf()) {
		return fmt.Errorf("the document bucket holds %d objects, not the document alone", len(uploads))
	}
	if err := r.account.takeNotification(ctx, r.latest.outputs["QueueUrl"]); err != nil {
		return err
	}
	messages, err := r.account.messages(ctx)
	if err != nil {
		return err
	}
	if messages != 0 {
		return fmt.Errorf("%d messages stayed in queue or dead letters", messages)
	}
	tell("%d pages of text, and a notification through topic and queue; Moto read nothing, it answers what it was given", len(sample))
	return nil
}

func (r *rehearsal) deployAgain(ctx context.Context) (err error) {
	first := r.latest
	if r.latest, err = r.cli.deploy(ctx, "again"); err != nil {
		return err
	}
	if !strings.Contains(r.latest.said, stackName+" (no changes)") {
		return fmt.Errorf("the CLI does not speak of no changes:\n%s", r.latest.said)
	}
	if !maps.Equal(first.outputs, r.latest.outputs) {
		return fmt.Errorf("the outputs changed from %v to %v", first.outputs, r.latest.outputs)
	}
	return r.checkStack(ctx, "CREATE_COMPLETE")
}

func (r *rehearsal) update(ctx context.Context) (err error) {
	if r.latest, err = r.cli.deploy(ctx, "changed", changed...); err != nil {
		return err
	}
	if role := r.latest.outputs[callerRole]; role != "" {
		return fmt.Errorf("output %s = %s is still there", callerRole, role)
	}
	policies, err := r.account.policiesOf(ctx, callerUser)
	if err != nil {
		return err
	}
	if len(policies) != 1 {
		return fmt.Errorf("user %s has the inline policies %q, not one", callerUser, policies)
	}
	tell("user %s has the inline policy %s, the caller's role is gone", callerUser, policies[0])
	return r.checkStack(ctx, "UPDATE_COMPLETE")
}

func (r *rehearsal) destroy(ctx context.Context) error {
	for _, name := range []string{"DocumentBucketName", "OutputBucketName"} {
		deleted, err := r.account.empty(ctx, r.latest.outputs[name])
		if err != nil {
			return err
		}
		tell("%s: objects deleted: %d", name, deleted)
	}
	return r.cli.destroy(ctx, "changed")
}

func (r *rehearsal) nothingLeft(ctx context.Context) error {
	after, err := r.account.inventory(ctx)
	if err != nil {
		return err
	}
	for _, entry := range added(r.before, after) {
		if !strings.HasPrefix(entry, pendingKey) {
			err = errors.Join(err, fmt.Errorf("still there: %s", entry))
		}
	}
	if gone := added(after, r.before); len(gone) > 0 {
		err = errors.Join(err, fmt.Errorf("not the sample's, but gone: %q", gone))
	}
	if err == nil {
		tell("no stack, queue, topic, subscription, bucket, key, role, policy, alarm or dashboard; the key is pending deletion")
	}
	return err
}

// Command live checks the open points of docs/deploy.md in an AWS account: it deploys the sample,
// checks one point after the other, deletes what it made, and prints a report. It runs at the top
// of the repository, by make live.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"
)

const (
	synthCommand = "synth" // the argument that makes this program the CDK app
	binary       = "build/textract-async"
)

const (
	exitOK          = 0
	exitFailed      = 1 // a check is not as expected, or the stack could not be deployed or deleted
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == synthCommand {
		synthesize()
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once, and leaves the stack.
	context.AfterFunc(ctx, stop)
	code, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "make live:", err)
	}
	os.Exit(code)
}

var errNotAsked = errors.New(`there is no terminal to ask on: to go on without a question, run make live ARGS=-yes`)

func run(ctx context.Context, args []string) (code int, err error) {
	flags := flag.NewFlagSet("make live", flag.ExitOnError)
	yes := flags.Bool("yes", false, "do not ask")
	clean := flags.Bool("clean", false, "only delete the stack that a killed run left behind")
	adapter := flags.String("adapter", "", "an adapter of the account, as `ID:VERSION`, whose pages are billed at their own price")
	_ = flags.Parse(args) // ends the process instead
	if flags.NArg() > 0 {
		return exitUsage, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if id, version, _ := strings.Cut(*adapter, ":"); *adapter != "" && (id == "" || version == "") {
		return exitUsage, fmt.Errorf("-adapter %q is not ID:VERSION", *adapter)
	}
	for _, file := range []string{cdkCLI, binary, invoiceFile} {
		if _, err := os.Stat(file); err != nil {
			return exitUsage, fmt.Errorf("run make live at the top of the repository: %w", err)
		}
	}
	a, err := openAccount(ctx, binary)
	if err != nil {
		return exitFailed, err
	}
	a.adapter = *adapter
	stack, err := a.stack(ctx)
	if err != nil {
		return exitFailed, err
	}
	assembly, err := os.MkdirTemp("", "textractasync-live-")
	if err != nil {
		return exitFailed, err
	}
	defer func() { _ = os.RemoveAll(assembly) }()

	switch {
	case *clean && stack == nil:
		a.log.Printf("There is no stack %s in %s.", stackName, a.config.Region)
		return exitOK, nil
	case *clean && !isOurs(stack):
		return exitFailed, fmt.Errorf("stack %s lacks the tag %s=%s of make live: it is not deleted", stackName, tagKey, tagValue)
	case !*clean && stack != nil:
		return exitFailed, fmt.Errorf(
			"stack %s exists: another run is under way, or one was killed, whose stack make live ARGS=-clean deletes",
			stackName,
		)
	}
	a.log.Print(plan(a, *clean))
	if !*yes {
		if !term.IsTerminal(int(os.Stdin.Fd())) {
			return exitUsage, errNotAsked
		}
		a.log.Print("Go on? Type yes, and return.")
		if !isYes(ctx, os.Stdin) {
			return exitUsage, errors.New("nothing was done")
		}
	}
	if err := a.synth(ctx, assembly); err != nil {
		return exitFailed, err
	}
	if *clean {
		if err := a.remove(ctx, assembly); err != nil {
			return exitFailed, err
		}
		return exitOK, nil
	}
	r := runChecks(ctx, a, assembly)
	if err := r.write(os.Stdout); err != nil {
		return exitFailed, err
	}
	switch {
	case ctx.Err() != nil:
		return exitInterrupted, nil
	case !r.isGood():
		return exitFailed, nil
	}
	return exitOK, nil
}

// plan says what is going to be done, and what it costs.
func plan(a *account, clean bool) string {
	where := fmt.Sprintf("stack %s in account %s, %s", stackName, a.id, a.config.Region)
	if clean {
		return "Deletes " + where + ", with all that its buckets have."
	}
	pages, usd := 0, 0.0
	for _, c := range allChecks {
		pages += c.pages
		usd += c.usd
	}
	return fmt.Sprintf(`Deploys %s, reads one page up to %d times, and deletes the stack with all that its buckets have.
At the list prices of us-east-1 that costs
at most %.2f USD for the pages. Three keys cost 1 USD a month each for the minutes that they exist.`,
		where, pages, usd)
}

// isYes takes nothing but yes for a yes.
func isYes(ctx context.Context, in io.Reader) bool {
	typed := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(in).ReadString('\n')
		typed <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return false
	case line := <-typed:
		return line == "yes"
	}
}

// runChecks deploys the stack, runs the checks and deletes the stack, whatever happens before.
func runChecks(ctx context.Context, a *account, assembly string) *report {
	r := &report{account: a, begin: time.Now()}
	fail := func(err error) {
		if err != nil {
			a.log.Println("make live:", err)
			r.failures = append(r.failures, err)
		}
	}
	defer func() {
		if ctx.Err() != nil {
			a.log.Println("make live: interrupted; the stack is deleted first, and stays there after a second interrupt")
		}
		removing, stop := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Minute)
		defer stop()
		fail(a.remove(removing, assembly))
	}()
	if err := a.deploy(ctx, assembly); err != nil {
		fail(err)
		return r
	}
	if _, err := a.assume(ctx, ""); err != nil { // no check would do without
		fail(fmt.Errorf("assume the caller's role: %w", err))
		return r
	}
	if a.isAWS {
		_ = sleep(ctx, 20*time.Second) // IAM applies the service roles with a delay, too
	}
	for _, c := range allChecks {
		if ctx.Err() != nil {
			fail(errors.New("interrupted"))
			return r
		}
		a.log.Printf("%s: %s", c.point, c.done)
		r.rows = append(r.rows, a.check(ctx, c))
		a.log.Printf("%s: %s", c.point, r.rows[len(r.rows)-1].result)
	}
	return r
}

// check runs a check. One that a local AWS API cannot judge is run all the same: its code is the
// same, and what it saw is reported.
func (a *account) check(ctx context.Context, c check) row {
	result, seen := c.run(ctx, a)
	switch {
	case ctx.Err() != nil:
		return row{c, notJudged, "interrupted", seen}
	case !a.isAWS && c.moto != "":
		return row{c, notJudged, c.moto, seen}
	}
	return row{c, result, "", seen}
}

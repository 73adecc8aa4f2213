package textractclient

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A pause receives while the handlers of held messages fail again: breaker and holder ask each
// other, and neither may wait for the other while it is locked.
func TestBreakerAndHolderDoNotBlockEachOther(t *testing.T) {
	const rounds = 100_000
	l := &listener{breaker: breaker{log: slog.New(slog.NewTextHandler(io.Discard, nil))}}
	l.holder.l, l.holder.held = l, make(map[*delivery]time.Time)
	message := sqstypes.Message{MessageId: aws.String("one")}
	failed := &delivery{message: message, failedAt: time.Now()}
	calls := []func(){
		func() { l.breaker.received([]sqstypes.Message{message}, l.holder.isFaulty) },
		func() { l.holder.suspect(failed) },
		func() { l.holder.next() },
		func() { l.freeRoom() },
		func() { l.breaker.failed(1) },
	}
	done := make(chan struct{})
	for _, call := range calls {
		go func() {
			for range rounds {
				call()
			}
			done <- struct{}{}
		}()
	}
	for range calls {
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("a call waits for a lock that is never released")
		}
	}
}

// within fails the test where a call waits for a lock that is never released.
func within(t *testing.T, call func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { call(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("a call waits for a lock that is never released")
	}
}

// logFunc is a logger of the user's that calls a function with each record.
type logFunc func(message string)

func (logFunc) Enabled(context.Context, slog.Level) bool { return true }

func (f logFunc) Handle(_ context.Context, r slog.Record) error { f(r.Message); return nil }

func (f logFunc) WithAttrs([]slog.Attr) slog.Handler { return f }

func (f logFunc) WithGroup(string) slog.Handler { return f }

// A logger that blocks, as with a pipe that nobody reads, must not block who asks the breaker.
func TestBreakerLogsWithoutItsLock(t *testing.T) {
	var l listener
	l.holder.l, l.holder.held = &l, make(map[*delivery]time.Time)
	var logged []string
	l.breaker.log = slog.New(logFunc(func(message string) {
		l.breaker.isOpen()
		l.freeRoom()
		l.holder.next()
		logged = append(logged, message)
	}))
	within(t, func() {
		for range breakerFailures + 1 {
			l.breaker.failed(1)
		}
		if !l.breaker.succeeded() || l.breaker.succeeded() {
			t.Error("a success does not end the pause, or ends two")
		}
	})
	if len(logged) != 2 {
		t.Errorf("logged %q, want the begin and the end of a pause", logged)
	}
}

// The goroutine that extends a message asks the holder: the holder may not wait for it.
func TestHolderDoesNotWaitForTheExtensionOfALostMessage(t *testing.T) {
	var l listener
	l.holder.l, l.holder.held = &l, make(map[*delivery]time.Time)
	d := newDelivery(t.Context(), sqstypes.Message{MessageId: aws.String("one")})
	l.holder.add(d)
	d.cancel(ErrMessageLost)
	d.extender.Go(func() {
		<-d.hidden
		l.holder.len()
	})
	within(t, func() { l.holder.next() })
	if held := l.holder.len(); held != 0 {
		t.Errorf("%d messages are held", held)
	}
}

// A message that is received when Listen ends, and no worker takes, is released.
func TestMessageThatNoWorkerTakesAtTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := &listener{
		Client: &Client{log: slog.New(slog.DiscardHandler)}, inHand: make(map[*delivery]struct{}),
		work: make(chan *delivery), changed: make(chan struct{}, 1),
	}
	released := make(chan struct{})
	l.queue.api = releases{released: released}
	d := newDelivery(ctx, sqstypes.Message{MessageId: aws.String("one")})
	l.takeAgain(d)
	cancel()
	within(t, func() {
		l.pass(ctx, d)
		l.holder.running.Wait()
		<-released
	})
	if len(l.inHand) != 0 {
		t.Errorf("%d messages in hand", len(l.inHand))
	}
}

// releases is SQS that notes a released message.
type releases struct {
	SQSAPI
	released chan struct{}
}

// ChangeMessageVisibility implements SQSAPI.
func (r releases) ChangeMessageVisibility(
	_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityOutput, error) {
	if in.VisibilityTimeout == 0 {
		close(r.released)
	}
	return &sqs.ChangeMessageVisibilityOutput{}, nil
}

package textractclient

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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

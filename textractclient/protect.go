package textractclient

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
)

// protect returns the panic of a function as an error, so that one bad document does not end the
// process with all other handlers.
func protect(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return f()
}

// safeHandler recovers from the panic of a logger.
type safeHandler struct{ slog.Handler }

func safeLogger(logger *slog.Logger) *slog.Logger {
	if logger == nil || logger.Handler() == nil { // a zero slog.Logger has no handler
		logger = slog.Default()
	}
	return slog.New(safeHandler{logger.Handler()})
}

// Enabled implements slog.Handler.
func (h safeHandler) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	if err := protect(func() error { enabled = h.Handler.Enabled(ctx, level); return nil }); err != nil {
		return false
	}
	return enabled
}

// Handle implements slog.Handler.
func (h safeHandler) Handle(ctx context.Context, record slog.Record) error {
	return protect(func() error { return h.Handler.Handle(ctx, record) })
}

// WithAttrs implements slog.Handler.
func (h safeHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func() slog.Handler { return h.Handler.WithAttrs(attrs) })
}

// WithGroup implements slog.Handler.
func (h safeHandler) WithGroup(name string) slog.Handler {
	return h.with(func() slog.Handler { return h.Handler.WithGroup(name) })
}

func (h safeHandler) with(extend func() slog.Handler) slog.Handler {
	extended := h
	if err := protect(func() error { extended.Handler = extend(); return nil }); err != nil {
		return h
	}
	return extended
}

package textractclient

import (
	"fmt"
	"strings"
)

// problems collects all that is wrong, so that a user fixes it at once.
type problems []string

func (p *problems) addf(wrong bool, format string, args ...any) {
	if wrong {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (p *problems) err() error {
	if len(*p) == 0 {
		return nil
	}
	return inputError(strings.Join(*p, "; "))
}

// inputError is ErrInvalidInput with a text of its own.
type inputError string

func (e inputError) Error() string { return string(e) }

func (e inputError) Is(target error) bool { return target == ErrInvalidInput }

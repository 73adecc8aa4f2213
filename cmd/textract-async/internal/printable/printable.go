// Package printable keeps what a terminal could take for a command out of the output: keys, tags
// and policies have any author.
package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Text replaces white space by spaces, and what is not printable by question marks.
func Text(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case r == '\n', r == '\t', r == '\u00a0':
			return ' '
		}
		return '?'
	}, text)
}

// JSON escapes what is not printable in JSON of one line or more. It stays the same JSON.
func JSON(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) || r == '\n' {
			escaped.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&escaped, `\u%04x`, unit)
		}
	}
	return escaped.String()
}

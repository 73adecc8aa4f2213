package textractclient

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

const (
	maxJobTag        = 64
	jobTagDigestSize = 16
)

var (
	jobTagPattern = regexp.MustCompile(`^[a-zA-Z0-9_.\-:]+$`)
	notInJobTag   = regexp.MustCompile(`[^a-zA-Z0-9_.\-:]+`)
)

// CheckJobTag returns an error that wraps ErrInvalidInput for a tag that Textract rejects: a tag
// has 1 to 64 characters, which are ASCII letters, digits, and "_", ".", "-", ":".
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentTextDetection.html
func CheckJobTag(tag string) error {
	if len(tag) > maxJobTag {
		return inputError(
			fmt.Sprintf("job tag %q has %d characters, at most %d are allowed: shorten it or use DeriveJobTag", tag, len(tag), maxJobTag),
		)
	}
	if !jobTagPattern.MatchString(tag) {
		return inputError(
			fmt.Sprintf("job tag %q has characters other than [a-zA-Z0-9_.-:], or none: replace them or use DeriveJobTag", tag),
		)
	}
	return nil
}

// DeriveJobTag returns a valid job tag for any string, such as the key of a document. A valid tag
// is returned as it is. Any other string keeps its valid characters, as far as they fit, and gets a
// part of its SHA-256 at the end, so that different strings have different tags.
func DeriveJobTag(s string) string {
	if CheckJobTag(s) == nil {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	digest := hex.EncodeToString(sum[:])[:jobTagDigestSize]
	kept := notInJobTag.ReplaceAllString(s, "-")
	if room := maxJobTag - len(digest) - 1; len(kept) > room {
		kept = kept[:room]
	}
	kept = strings.Trim(kept, "-")
	if kept == "" {
		return digest
	}
	return kept + "-" + digest
}

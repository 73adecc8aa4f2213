package validate

import "regexp"

// token matches how the CDK writes a value that it does not know yet: as a string, as the element of a list, or as a number
// that was turned into a string (core/lib/private/encoding.ts of aws-cdk-lib).
var token = regexp.MustCompile(`[$#]\{Token\[[a-zA-Z0-9:._-]+\]\}|-1\.[0-9]{10,16}e\+289`)

// Unresolved reports whether the string holds a CDK token, so that its value is unknown until deployment.
func Unresolved(s string) bool { return token.MatchString(s) }

// known reports whether the string has a value that can be compared.
func known(s string) bool { return s != "" && !Unresolved(s) }

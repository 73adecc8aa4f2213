package main

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/mod/semver"
)

// entry is what the changelog has about a version.
type entry struct {
	version string // 0.1.0
	date    string // 2026-01-31, or Unreleased
	notes   string // everything below the heading
}

var heading = regexp.MustCompile(`(?m)^## (\d\S*)(?: - (.*))?\n`)

// find returns the entry of a version, or the first of the changelog.
func find(changelog, version string) (entry, error) {
	for _, at := range heading.FindAllStringSubmatchIndex(changelog, -1) {
		e := entry{version: changelog[at[2]:at[3]]}
		if version != "" && version != e.version {
			continue
		}
		if at[4] >= 0 {
			e.date = changelog[at[4]:at[5]]
		}
		notes, _, _ := strings.Cut(changelog[at[1]:], "\n## ")
		e.notes = strings.TrimSpace(notes) + "\n"
		return e, e.check()
	}
	if version == "" {
		return entry{}, fmt.Errorf("CHANGELOG.md has no heading of a version, such as %q", "## 0.1.0 - Unreleased")
	}
	return entry{}, fmt.Errorf("CHANGELOG.md has no heading of version %s, such as %q", version, "## "+version+" - Unreleased")
}

func (e entry) check() error {
	switch v := "v" + e.version; {
	case semver.Canonical(v) != v:
		return fmt.Errorf("CHANGELOG.md: %q is no semantic version of three numbers, such as 0.1.0", e.version)
	case semver.Compare(v, "v2.0.0") >= 0:
		return fmt.Errorf("CHANGELOG.md: version %s needs module paths with %s", e.version, semver.Major(v))
	case e.notes == "\n":
		return fmt.Errorf("CHANGELOG.md: nothing below the heading of version %s", e.version)
	}
	return nil
}

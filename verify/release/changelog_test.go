package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	const changelog = "# Changelog\n\n## Unreleased\n\n- c\n\n## 0.2.0 - Unreleased\n\n### Added\n\n- b\n\n### Fixed\n\n- b\n\n## 0.1.0 - 2026-01-31\n\n- a\n"
	for version, want := range map[string]entry{
		"":      {"0.2.0", "Unreleased", "### Added\n\n- b\n\n### Fixed\n\n- b\n"},
		"0.2.0": {"0.2.0", "Unreleased", "### Added\n\n- b\n\n### Fixed\n\n- b\n"},
		"0.1.0": {"0.1.0", "2026-01-31", "- a\n"},
	} {
		got, err := find(changelog, version)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("version %q (-want +got):\n%s", version, diff)
		}
	}
	for name, row := range map[string]struct{ changelog, version, want string }{
		"no version yet":             {"## Unreleased\n", "", `no heading of a version`},
		"another version":            {changelog, "0.3.0", "no heading of version 0.3.0"},
		"v":                          {changelog, "v0.1.0", "no heading of version v0.1.0"},
		"two numbers":                {"## 0.1 - 2026-01-31\n\n- a\n", "", `"0.1" is no semantic version`},
		"another major version":      {"## 2.0.0 - 2026-01-31\n\n- a\n", "2.0.0", "needs module paths with v2"},
		"nothing below the heading":  {"## 0.2.0 - 2026-01-31\n\n## 0.1.0\n\n- a\n", "", "nothing below the heading of version 0.2.0"},
		"nothing at the file's end ": {"## 0.2.0 - 2026-01-31\n", "", "nothing below the heading of version 0.2.0"},
	} {
		if _, err := find(row.changelog, row.version); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q", name, err, row.want)
		}
	}
}

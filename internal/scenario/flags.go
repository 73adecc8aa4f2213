package scenario

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// FlagSet is a set of feature flags that a cdk.json may have.
type FlagSet struct {
	Name    string
	Context map[string]any
}

// FlagSets returns the two extremes: no feature flag, and all that the cdk.json in the root of the
// repository sets.
func FlagSets(root string) ([]FlagSet, error) {
	recommended, err := RecommendedFlags(root)
	if err != nil {
		return nil, err
	}
	return []FlagSet{{"flags-none", nil}, {"flags-recommended", recommended}}, nil
}

// RecommendedFlags reads the context of cdk.json.
func RecommendedFlags(root string) (map[string]any, error) {
	path := filepath.Join(root, "cdk.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var settings struct{ Context map[string]any }
	if err := json.Unmarshal(text, &settings); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return settings.Context, nil
}

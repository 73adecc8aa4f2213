package scenario

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// FlagSet is one of the two ends of what consumers have in their cdk.json.
type FlagSet struct {
	Name    string
	Context map[string]any
}

// FlagSets returns both, from the root of the repository: no feature flag, and those that the cdk.json of the sample app sets.
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

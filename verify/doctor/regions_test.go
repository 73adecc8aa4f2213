package doctor_test

import (
	"slices"
	"testing"

	"github.com/cdk-textract/textractasync/internal/validate"
	"github.com/cdk-textract/textractasync/textractclient"
)

// The construct, the client and doctor know the same Regions.
func TestConstructAndClientKnowTheSameRegions(t *testing.T) {
	construct, client := validate.KnownRegions(), textractclient.KnownRegions()
	slices.Sort(construct)
	slices.Sort(client)
	if !slices.Equal(construct, client) {
		t.Errorf("the construct knows %v\nthe client %v", construct, client)
	}
	for _, region := range construct {
		want, _ := validate.HasTextract(region)
		if has, known := textractclient.HasTextract(region); has != want || !known {
			t.Errorf("%s: the construct has %t, the client %t", region, want, has)
		}
	}
}

package textractclient_test

import (
	"slices"
	"testing"

	"github.com/cdk-textract/textractasync/textractclient"
)

func TestHasTextract(t *testing.T) {
	for _, test := range []struct {
		region     string
		has, known bool
	}{
		{"us-east-1", true, true},
		{"us-gov-west-1", true, true},
		{"us-isof-south-1", true, true},
		{"ap-northeast-1", false, true},
		{"cn-north-1", false, true},
		{"us-isob-east-1", false, true},
		{"eu-west-9", false, false},
		{"", false, false},
	} {
		if has, known := textractclient.HasTextract(test.region); has != test.has || known != test.known {
			t.Errorf("%q: has %t, known %t", test.region, has, known)
		}
	}
	regions := textractclient.KnownRegions()
	for _, region := range regions {
		if _, known := textractclient.HasTextract(region); !known {
			t.Errorf("%s is not known", region)
		}
	}
	slices.Sort(regions)
	if twice := len(slices.Compact(regions)); twice != len(textractclient.KnownRegions()) {
		t.Errorf("%d of %d regions are on the list once", twice, len(textractclient.KnownRegions()))
	}
}

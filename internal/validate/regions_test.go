package validate

import (
	"regexp"
	"slices"
	"testing"
)

// regionRegex of each partition in the endpoints.json of botocore.
var regionRegexes = map[string]string{
	"aws":        `^(us|eu|ap|sa|ca|me|af|il|mx)\-\w+\-\d+$`,
	"aws-cn":     `^cn\-\w+\-\d+$`,
	"aws-us-gov": `^us\-gov\-\w+\-\d+$`,
	"aws-iso":    `^us\-iso\-\w+\-\d+$`,
	"aws-iso-b":  `^us\-isob\-\w+\-\d+$`,
	"aws-iso-e":  `^eu\-isoe\-\w+\-\d+$`,
	"aws-iso-f":  `^us\-isof\-\w+\-\d+$`,
	"aws-eusc":   `^eusc\-(de)\-\w+\-\d+$`,
}

func TestHasTextract(t *testing.T) {
	for region, want := range map[string]struct{ has, known bool }{
		"us-east-1":       {true, true},
		"ap-south-1":      {true, true},
		"us-gov-west-1":   {true, true},
		"us-iso-east-1":   {true, true},
		"us-isof-south-1": {true, true},
		"us-iso-west-1":   {false, true},
		"eu-north-1":      {false, true},
		"cn-north-1":      {false, true},
		"eusc-de-east-1":  {false, true},
		"eu-north-9":      {false, false},
		"fips-us-east-1":  {false, false},
		"US-EAST-1":       {false, false},
		"":                {false, false},
		aToken:            {false, false},
	} {
		has, known := HasTextract(region)
		if has != want.has || known != want.known {
			t.Errorf("HasTextract(%q): got %t, %t, want %t, %t", region, has, known, want.has, want.known)
		}
	}
}

func TestRegionsAreOfTheirPartition(t *testing.T) {
	seen := map[string]bool{}
	var count int
	for _, p := range partitions {
		pattern := regexp.MustCompile(regionRegexes[p.name])
		for _, region := range slices.Concat(p.textract, p.others) {
			if !pattern.MatchString(region) || seen[region] {
				t.Errorf("%s: Region %q is misspelled or stands twice", p.name, region)
			}
			if got := PartitionOf(region); got != p.name {
				t.Errorf("%s: got partition %q, want %q", region, got, p.name)
			}
			seen[region] = true
		}
		count += len(p.textract)
	}
	if count != 19 || len(seen) != 46 {
		t.Errorf("got %d Regions with Textract of %d, want 19 of 46", count, len(seen))
	}
}

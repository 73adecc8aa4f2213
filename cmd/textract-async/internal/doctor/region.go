package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The Regions that had Textract, and those that had not, in May 2026 (botocore 1.43.11,
// endpoints.json).
var (
	textractRegions = []string{
		"ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
		"eu-central-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
		"us-gov-east-1", "us-gov-west-1", "us-iso-east-1", "us-isof-east-1", "us-isof-south-1",
	}
	otherRegions = []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-4",
		"ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-north-1", "eu-south-1", "il-central-1",
		"me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "cn-north-1", "cn-northwest-1", "us-iso-west-1", "us-isob-east-1",
		"us-isob-west-1", "eu-isoe-west-1", "eusc-de-east-1",
	}
)

func (d *inspection) checkRegion(context.Context) {
	c := Check{ID: "region", Result: OK, Found: d.Region + " has Textract"}
	switch {
	case slices.Contains(otherRegions, d.Region):
		c.Result, c.Found = Wrong, fmt.Sprintf(
			"%s had no Textract in May 2026; Regions that had it: %s",
			d.Region,
			strings.Join(textractRegions, ", "),
		)
	case !slices.Contains(textractRegions, d.Region):
		c.Result, c.Found = Warning, d.Region+" is newer than doctor's list of Regions, and may have no Textract"
	}
	d.add(c)
}

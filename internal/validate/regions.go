package validate

import "slices"

// partition lists the Regions that exist, with and without endpoints of Textract, as botocore
// 1.43.11 of May 2026 knows them (endpoints.json, without the pseudo-Regions "fips-…").
type partition struct {
	name     string
	textract []string
	others   []string
}

var partitions = []partition{
	{
		name: "aws",
		textract: []string{
			"ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
			"ca-central-1",
			"eu-central-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
			"us-east-1", "us-east-2", "us-west-1", "us-west-2",
		},
		others: []string{
			"af-south-1",
			"ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-3", "ap-south-2",
			"ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
			"ca-west-1",
			"eu-central-2", "eu-north-1", "eu-south-1",
			"il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1",
		},
	},
	{name: "aws-cn", others: []string{"cn-north-1", "cn-northwest-1"}},
	{name: "aws-us-gov", textract: []string{"us-gov-east-1", "us-gov-west-1"}},
	{name: "aws-iso", textract: []string{"us-iso-east-1"}, others: []string{"us-iso-west-1"}},
	{name: "aws-iso-b", others: []string{"us-isob-east-1", "us-isob-west-1"}},
	{name: "aws-iso-e", others: []string{"eu-isoe-west-1"}},
	{name: "aws-iso-f", textract: []string{"us-isof-east-1", "us-isof-south-1"}},
	{name: "aws-eusc", others: []string{"eusc-de-east-1"}},
}

// HasTextract reports whether a Region has Textract, and whether the Region is known at all: one
// that is newer than the list, unresolved or empty is not, and may have it or not.
func HasTextract(region string) (has, known bool) {
	for _, p := range partitions {
		switch {
		case slices.Contains(p.textract, region):
			return true, true
		case slices.Contains(p.others, region):
			return false, true
		}
	}
	return false, false
}

// KnownRegions returns the Regions that HasTextract knows.
func KnownRegions() []string {
	var regions []string
	for _, p := range partitions {
		regions = slices.Concat(regions, p.textract, p.others)
	}
	return regions
}

// PartitionOf is the partition of a Region, and empty for a Region that is not on the list.
func PartitionOf(region string) string {
	for _, p := range partitions {
		if slices.Contains(p.textract, region) || slices.Contains(p.others, region) {
			return p.name
		}
	}
	return ""
}

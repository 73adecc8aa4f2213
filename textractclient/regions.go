package textractclient

import (
	"slices"
	"strings"
)

// The Regions that had Textract, and those that had not, in May 2026 (botocore 1.43.11,
// endpoints.json). The construct has the same list.
var (
	regionsWithTextract = []string{
		"ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
		"eu-central-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
		"us-gov-east-1", "us-gov-west-1", "us-iso-east-1", "us-isof-east-1", "us-isof-south-1",
	}
	regionsWithoutTextract = []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-4",
		"ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-north-1", "eu-south-1", "il-central-1",
		"me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "cn-north-1", "cn-northwest-1", "us-iso-west-1", "us-isob-east-1",
		"us-isob-west-1", "eu-isoe-west-1", "eusc-de-east-1",
	}
)

// HasTextract reports whether a Region had Textract in May 2026, and whether it is known at all: a
// newer Region is not, and may have it or not.
func HasTextract(region string) (has, known bool) {
	has = slices.Contains(regionsWithTextract, region)
	return has, has || slices.Contains(regionsWithoutTextract, region)
}

// KnownRegions returns the Regions that HasTextract knows, in a new slice: first those that have
// Textract.
func KnownRegions() []string { return slices.Concat(regionsWithTextract, regionsWithoutTextract) }

// partitions are the partitions of Regions by their prefixes. Others are in the partition aws.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
var partitions = map[string]string{
	"us-gov-": "aws-us-gov", "cn-": "aws-cn", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e",
	"us-isof-": "aws-iso-f", "eusc-": "aws-eusc",
}

// PartitionOf returns the partition of a Region, such as "aws-us-gov".
func PartitionOf(region string) string {
	for prefix, partition := range partitions {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return "aws"
}

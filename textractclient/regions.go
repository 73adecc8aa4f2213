package textractclient

import (
	"strings"
)

// partitions are the partitions of Regions by their prefixes. Others are in the partition aws.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
var partitions = map[string]string{
	"us-gov-": "aws-us-gov", "cn-": "aws-cn", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e",
	"us-isof-": "aws-iso-f", "eusc-": "aws-eusc",
}

func partitionOf(region string) string {
	for prefix, partition := range partitions {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return "aws"
}

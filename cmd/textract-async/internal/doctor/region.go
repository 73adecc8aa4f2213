package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/textractclient"
)

func (d *inspection) checkRegion(context.Context) {
	c := Check{ID: "region", Result: OK, Found: d.Region + " has Textract"}
	has, known := textractclient.HasTextract(d.Region)
	switch {
	case !known:
		c.Result, c.Found = Warning, d.Region+" is newer than doctor's list of Regions, and may have no Textract"
	case !has:
		others := slices.DeleteFunc(textractclient.KnownRegions(), func(region string) bool {
			has, _ := textractclient.HasTextract(region)
			return !has
		})
		c.Result, c.Found = Wrong, fmt.Sprintf(
			"%s had no Textract in May 2026; Regions that had it: %s", d.Region, strings.Join(others, ", "),
		)
	}
	d.add(c)
}

package textractdoc

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// CheckBox is a check box or a radio button.
type CheckBox struct {
	// ID is the id of the block.
	ID       string
	Selected bool
	// Confidence is in percent.
	Confidence float32
	Geometry   Geometry
}

func selectionText(block *types.Block) string {
	if block.SelectionStatus == "" {
		return string(types.SelectionStatusNotSelected)
	}
	return string(block.SelectionStatus)
}

func newCheckBox(block *types.Block) CheckBox {
	return CheckBox{
		ID: aws.ToString(block.Id), Selected: block.SelectionStatus == types.SelectionStatusSelected,
		Confidence: aws.ToFloat32(block.Confidence), Geometry: newGeometry(block.Geometry),
	}
}

// sortCheckBoxes puts the check boxes into reading order: by the word that is nearest.
func sortCheckBoxes(page *Page) {
	place := make(map[string]float64, len(page.CheckBoxes))
	for i := range page.CheckBoxes {
		place[page.CheckBoxes[i].ID] = nearestWord(page, page.CheckBoxes[i].Geometry.center(), 0)
	}
	slices.SortStableFunc(page.CheckBoxes, func(x, y CheckBox) int {
		return cmp.Or(cmp.Compare(place[x.ID], place[y.ID]), cmp.Compare(x.ID, y.ID))
	})
}

func (c *CheckBox) state() string {
	if c.Selected {
		return string(types.SelectionStatusSelected)
	}
	return string(types.SelectionStatusNotSelected)
}

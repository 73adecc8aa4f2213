package textractdoc

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Geometry is the position of an element on its page, in fractions of the page's width and height:
// 0 is the left or top edge, and 1 the right or bottom edge. It is zero where Textract returns
// none.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/text-location.html
type Geometry struct {
	// BoundingBox is an upright rectangle around the element, also around turned text.
	BoundingBox BoundingBox
	// Polygon has the corners of the element, also of turned text. The first is at the top left of
	// the text.
	Polygon []Point `json:",omitempty"`
	// RotationAngle is the angle of the text in degrees, where Textract returns it.
	RotationAngle float32 `json:",omitempty"`
}

// BoundingBox is an upright rectangle, in fractions of the page's width and height.
type BoundingBox struct{ Left, Top, Width, Height float32 }

// Point is a corner of a polygon, in fractions of the page's width and height.
type Point struct{ X, Y float32 }

func newGeometry(geometry *types.Geometry) Geometry {
	if geometry == nil {
		return Geometry{}
	}
	g := Geometry{RotationAngle: aws.ToFloat32(geometry.RotationAngle)}
	if box := geometry.BoundingBox; box != nil {
		g.BoundingBox = BoundingBox{Left: box.Left, Top: box.Top, Width: box.Width, Height: box.Height}
	}
	if len(geometry.Polygon) > 0 {
		g.Polygon = make([]Point, len(geometry.Polygon))
		for i, point := range geometry.Polygon {
			g.Polygon[i] = Point{X: point.X, Y: point.Y}
		}
	}
	return g
}

func (g Geometry) isZero() bool { return g.BoundingBox == BoundingBox{} && len(g.Polygon) == 0 }

// center returns the middle of the bounding box.
func (g Geometry) center() Point {
	return Point{X: g.BoundingBox.Left + g.BoundingBox.Width/2, Y: g.BoundingBox.Top + g.BoundingBox.Height/2}
}

// describe returns the middle, in words.
func (g Geometry) describe() string {
	if g.isZero() {
		return "on the page"
	}
	center := g.center()
	return fmt.Sprintf("%.0f %% from the left, %.0f %% from the top", 100*center.X, 100*center.Y)
}

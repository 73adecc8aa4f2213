package textractclient

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Geometry is the position of an element on its page, as fractions of the page's width and height: 0 is the left or top edge, 1
// the right or bottom one. It is the zero value where Textract gives none.
type Geometry struct {
	// BoundingBox is upright, also around turned text.
	BoundingBox BoundingBox
	// Polygon follows turned text: four points, the first at the top left of the text.
	Polygon []Point `json:",omitempty"`
	// RotationAngle is the turn of the text in degrees, where Textract gives it.
	RotationAngle float32 `json:",omitempty"`
}

// BoundingBox is an upright rectangle.
type BoundingBox struct{ Left, Top, Width, Height float32 }

// Point is a corner of a polygon.
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

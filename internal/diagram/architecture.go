package main

import (
	"fmt"
	"strings"
)

// The grid of the architecture: two columns, a row for each step from the documents down to the dead-letter queue.
const (
	margin     = 16.0
	nodeWidth  = 156.0
	nodeHeight = 62.0
	columnStep = 252.0
	rowStep    = 116.0
	frameSpace = 10.0

	labelWidth  = 80.0
	labelHeight = 15.0
)

type slot struct{ column, row float64 }

var slots = map[kind]slot{
	documents:       {0, 0},
	results:         {1, 0},
	caller:          {0, 1},
	textract:        {1, 1},
	serviceRole:     {1, 2},
	queue:           {0, 3},
	topic:           {1, 3},
	deadLetterQueue: {0, 4},
	key:             {1, 4},
}

var colors = map[kind]string{
	documents: "storage", results: "storage", caller: "identity", serviceRole: "identity", key: "identity",
	textract: "intelligence", queue: "messaging", topic: "messaging", deadLetterQueue: "messaging",
}

// note is what no template tells.
const note = "Textract reads documents and writes results with the permissions of the caller."

type box struct{ x, y, width, height float64 }

func (b box) right() float64   { return b.x + b.width }
func (b box) bottom() float64  { return b.y + b.height }
func (b box) centerX() float64 { return b.x + b.width/2 }
func (b box) centerY() float64 { return b.y + b.height/2 }

func drawArchitecture(t template) (string, error) {
	g := readGraph(t)
	boxes, err := place(g.nodes)
	if err != nil {
		return "", err
	}
	c := &canvas{width: 2*margin + columnStep + nodeWidth}
	bottom := 0.0
	for _, b := range boxes {
		bottom = max(bottom, b.bottom())
	}
	drawFrame(c, g.nodes, boxes)
	for _, e := range g.edges {
		drawEdge(c, e, boxes)
	}
	for _, n := range g.nodes {
		drawNode(c, n, boxes[n.id])
	}
	y := bottom + 2*frameSpace + 16
	for _, line := range wrap(note, c.width-2*margin, 12) {
		c.text(margin, y, "muted", "start", line)
		y += 16
	}
	c.height = y
	return c.svg("Resources of the sample stack", describe(g)), nil
}

// place rejects a second node of a kind, because it would cover the first.
func place(nodes []node) (map[string]box, error) {
	boxes, taken := map[string]box{}, map[kind]string{}
	for _, n := range nodes {
		if first, ok := taken[n.kind]; ok {
			return nil, fmt.Errorf("%s and %s have one place: give the picture a place for a second %s", first, n.id, n.title)
		}
		taken[n.kind] = n.id
		at := slots[n.kind]
		boxes[n.id] = box{margin + at.column*columnStep, margin + at.row*rowStep, nodeWidth, nodeHeight}
	}
	return boxes, nil
}

func drawFrame(c *canvas, nodes []node, boxes map[string]box) {
	left, top, right, bottom := c.width, 1e9, 0.0, 0.0
	for _, n := range nodes {
		if b := boxes[n.id]; n.ours {
			left, top = min(left, b.x), min(top, b.y)
			right, bottom = max(right, b.right()), max(bottom, b.bottom())
		}
	}
	if right == 0 {
		return
	}
	c.rect(left-frameSpace, top-frameSpace, right-left+2*frameSpace, bottom-top+2*frameSpace, 10, "frame")
	c.text(left, top+12, "muted", "start", "the construct")
}

func drawNode(c *canvas, n node, b box) {
	c.rect(b.x, b.y, b.width, b.height, 6, "card")
	c.rect(b.x, b.y+6, 4, b.height-12, 2, colors[n.kind])
	y := b.centerY() + 5 - 8*float64(len(n.details))
	c.text(b.x+12, y, "text", "start", n.title)
	for _, detail := range n.details {
		y += 16
		c.text(b.x+12, y, "muted", "start", detail)
	}
}

// drawEdge goes straight along a row or a column, and in a curve from side to side everywhere else.
func drawEdge(c *canvas, e edge, boxes map[string]box) {
	from, ok := boxes[e.from]
	to, there := boxes[e.to]
	if !ok || !there {
		return
	}
	if from.x == to.x {
		drawVertical(c, e.label, from, to)
		return
	}
	drawSideways(c, e.label, from, to)
}

func drawVertical(c *canvas, label string, from, to box) {
	x, start, end := from.centerX(), from.bottom(), to.y
	if to.y < from.y {
		start, end = from.y, to.bottom()
	}
	c.arrow(fmt.Sprintf("M%s %sV%s", short(x), short(start), short(end)))
	lines := wrap(label, labelWidth, 12)
	y := (start+end)/2 + 4 - labelHeight*float64(len(lines)-1)/2
	for _, line := range lines {
		c.text(x+8, y, "label", "start", line)
		y += labelHeight
	}
}

// drawSideways leaves a node in the half that is nearer to its target, so that arrows to different rows stay apart.
func drawSideways(c *canvas, label string, from, to box) {
	startX, endX := from.right(), to.x
	if to.x < from.x {
		startX, endX = from.x, to.right()
	}
	lean := 0.0
	if to.y != from.y {
		lean = nodeHeight / 4
		if to.y < from.y {
			lean = -lean
		}
	}
	startY, endY, middle := from.centerY()+lean, to.centerY()-lean, (startX+endX)/2
	c.arrow(fmt.Sprintf("M%s %sC%s %s %s %s %s %s", short(startX), short(startY), short(middle), short(startY),
		short(middle), short(endY), short(endX), short(endY)))
	y := (startY+endY)/2 + 4
	if startY == endY {
		y -= 10 // above the line
	} else {
		width := float64(len(label)) * 12 * averageAdvance
		c.rect(middle-width/2, y-12, width, 16, 0, "ground")
	}
	c.text(middle, y, "label", "middle", label)
}

// describe says the picture in words.
func describe(g graph) string {
	titles := map[string]string{}
	for _, n := range g.nodes {
		titles[n.id] = n.title
	}
	var all []string
	for _, e := range g.edges {
		if titles[e.from] != "" && titles[e.to] != "" {
			all = append(all, fmt.Sprintf("%s to %s: %s", titles[e.from], titles[e.to], e.label))
		}
	}
	return strings.Join(all, ". ") + ". " + note
}

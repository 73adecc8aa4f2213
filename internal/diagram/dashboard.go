package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cdk-textract/textractasync/internal/fnsub"
)

// The dashboard is drawn to CloudWatch's grid, with higher headers so that they may wrap.
const (
	gridColumns = 24
	gridUnitX   = 17.0
	gridUnitY   = 20.0
	headerExtra = 22.0
	widgetSpace = 2.0
	lineHeight  = 14.0
	axisHeight  = 36.0
	lampWidth   = 34.0
	lampHeight  = 12.0
	lampSpace   = 7.5

	// A graph with more lines than this says what the lines are one for.
	mostLabels = 3
)

type dashboardBody struct {
	Widgets []widget
}

type widget struct {
	Type                string
	X, Y, Width, Height float64
	Properties          struct {
		Title, Markdown string
		Metrics         [][]any
		Alarms          []string
		Annotations     struct{ Horizontal []struct{ Label string } }
	}
}

func drawDashboard(t template) (string, error) {
	body, err := readDashboard(t)
	if err != nil {
		return "", err
	}
	c := &canvas{width: 2*margin + gridColumns*gridUnitX}
	for _, w := range body.Widgets {
		b := w.box()
		c.height = max(c.height, b.bottom()+margin)
		switch w.Type {
		case "text":
			drawHeader(c, w, b)
		case "metric":
			drawMetrics(c, w, b)
		case "alarm":
			drawAlarms(c, w, b)
		default:
			return "", fmt.Errorf("no drawing for a widget of type %q", w.Type)
		}
	}
	return c.svg("The layout of the dashboard", describeDashboard(body)), nil
}

func readDashboard(t template) (dashboardBody, error) {
	var body dashboardBody
	ids := t.ofType("AWS::CloudWatch::Dashboard")
	if len(ids) != 1 {
		return body, fmt.Errorf("%d dashboards in the template, want 1", len(ids))
	}
	text, ok := fnsub.Flatten(t.Resources[ids[0]].Properties["DashboardBody"]).(string)
	if !ok {
		return body, errors.New("the body of the dashboard is no text")
	}
	return body, json.Unmarshal([]byte(text), &body)
}

func (w widget) box() box {
	b := box{
		x:     margin + w.X*gridUnitX + widgetSpace,
		y:     margin + w.Y*gridUnitY + widgetSpace,
		width: w.Width*gridUnitX - 2*widgetSpace, height: w.Height*gridUnitY - 2*widgetSpace,
	}
	if w.Y == 0 {
		b.height += headerExtra
	} else {
		b.y += headerExtra
	}
	return b
}

func (w widget) header() string { return strings.TrimLeft(w.Properties.Markdown, "# ") }

func drawHeader(c *canvas, w widget, b box) {
	lines := wrap(w.header(), b.width, 13)
	y := b.bottom() - 5 - 15*float64(len(lines)-1)
	for _, line := range lines {
		c.text(b.x, y, "header", "start", line)
		y += 15
	}
}

func drawMetrics(c *canvas, w widget, b box) {
	c.rect(b.x, b.y, b.width, b.height, 4, "card")
	y := b.y + 3
	for _, line := range wrap(w.Properties.Title, b.width-10, 12) {
		y += lineHeight
		c.text(b.x+6, y, "title", "start", line)
	}
	y += 3
	for _, name := range w.legend() {
		for _, line := range wrap(name, b.width-10, 12) {
			y += lineHeight
			c.text(b.x+6, y, "muted", "start", line)
		}
	}
	if b.bottom()-y > axisHeight+16 {
		drawAxes(c, w, b)
	}
}

// drawAxes has no values: the picture is of the layout.
func drawAxes(c *canvas, w widget, b box) {
	left, bottom, right := b.x+8, b.bottom()-8, b.right()-6
	c.path(fmt.Sprintf("M%s %sV%sH%s", short(left), short(bottom-axisHeight), short(bottom), short(right)), "axis")
	for _, level := range w.Properties.Annotations.Horizontal {
		y := bottom - axisHeight/2
		c.path(fmt.Sprintf("M%s %sH%s", short(left), short(y), short(right)), "alarm")
		c.text(right, y-4, "muted", "end", level.Label)
	}
}

// legend is what the graph's lines are called.
func (w widget) legend() []string {
	metrics := w.Properties.Metrics
	if len(metrics) > mostLabels && len(metrics[0]) > 2 {
		return []string{fmt.Sprintf("%d lines, one per %s", len(metrics), strings.ToLower(fmt.Sprint(metrics[0][2])))}
	}
	var labels []string
	for _, metric := range metrics {
		if label, ok := at(metric[len(metric)-1], "label").(string); ok {
			labels = append(labels, label)
		}
	}
	return labels
}

func drawAlarms(c *canvas, w widget, b box) {
	c.rect(b.x, b.y, b.width, b.height, 4, "card")
	c.text(b.x+6, b.y+17, "title", "start", fmt.Sprintf("%s ×%d", w.Properties.Title, len(w.Properties.Alarms)))
	perRow := int((b.width - 8) / (lampWidth + lampSpace))
	for i := range w.Properties.Alarms {
		x := b.x + 6 + (lampWidth+lampSpace)*float64(i%perRow)
		y := b.y + 30 + (lampHeight+lampSpace)*float64(i/perRow)
		c.rect(x, y, lampWidth, lampHeight, 3, "lamp")
	}
}

// describeDashboard says the picture in words.
func describeDashboard(body dashboardBody) string {
	var all []string
	for _, w := range body.Widgets {
		if w.Type == "text" {
			all = append(all, w.header()+":")
			continue
		}
		all = append(all, w.Properties.Title+";")
	}
	return strings.Join(all, " ")
}

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/template"
)

//go:embed growth.svg.tmpl
var plotText string

// The area of the plot within its picture.
const (
	plotLeft, plotTop     = 56.0, 44.0
	plotWidth, plotHeight = 480.0, 300.0
)

type plot struct {
	Left, Top, Right, Bottom float64
	Description              string
	XTicks, YTicks           []tick
	Lines                    []curve
}

type tick struct {
	At    float64
	Label string
}

type curve struct {
	Name, Class, Path string
	Points            []dot
	EndX, EndY        float64 // where the name stands
}

// dot is a median with its quartiles.
type dot struct{ X, Y, Low, High float64 }

// plotOf draws the time of the whole process by the number of constructs.
func plotOf(r *results) []byte {
	names := allNames
	slowest := 0.0
	for _, name := range names {
		for _, p := range r.Growth[name] {
			slowest = max(slowest, p.Total.quantile(0.75))
		}
	}
	step := niceStep(slowest)
	highest := step * math.Ceil(slowest/step)
	largest := float64(slices.Max(r.Effort.Sizes))
	x := func(count float64) float64 { return plotLeft + plotWidth*count/largest }
	y := func(seconds float64) float64 { return plotTop + plotHeight*(1-seconds/highest) }

	drawn := plot{Left: plotLeft, Top: plotTop, Right: plotLeft + plotWidth, Bottom: plotTop + plotHeight}
	for i := 0.0; i <= largest; i += niceStep(largest) {
		drawn.XTicks = append(drawn.XTicks, tick{x(i), fmt.Sprintf("%g", i)})
	}
	for i := 0.0; i <= highest+step/2; i += step {
		drawn.YTicks = append(drawn.YTicks, tick{y(i), fmt.Sprintf("%g", i)})
	}
	var ends []string
	for i, name := range names {
		c := curve{Name: name, Class: fmt.Sprintf("c%d", i)}
		for _, count := range r.Effort.Sizes {
			total := r.Growth[name][count].Total
			d := dot{x(float64(count)), y(total.median()), y(total.quantile(0.25)), y(total.quantile(0.75))}
			c.Points = append(c.Points, d)
			c.Path += fmt.Sprintf(" %.1f,%.1f", d.X, d.Y)
			c.EndX, c.EndY = d.X, d.Y
		}
		ends = append(ends, fmt.Sprintf("%s %.1f s", name, r.Growth[name][int(largest)].Total.median()))
		drawn.Lines = append(drawn.Lines, c)
	}
	drawn.Description = fmt.Sprintf("At %g constructs: %s.", largest, strings.Join(ends, ", "))
	spreadLabels(drawn.Lines)
	return render(drawn)
}

// niceStep divides a range into 4 to 8 parts of 1, 2 or 5 by a power of ten.
func niceStep(length float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(length/4)))
	for _, factor := range []float64{5, 2} {
		if length/(factor*power) >= 4 {
			return factor * power
		}
	}
	return power
}

// spreadLabels keeps the names at the ends of the curves from standing on each other.
func spreadLabels(curves []curve) {
	const apart = 17
	byHeight := make([]*curve, len(curves))
	for i := range curves {
		byHeight[i] = &curves[i]
	}
	slices.SortFunc(byHeight, func(a, b *curve) int { return int(math.Copysign(1, b.EndY-a.EndY)) })
	for i := 1; i < len(byHeight); i++ {
		byHeight[i].EndY = min(byHeight[i].EndY, byHeight[i-1].EndY-apart)
	}
}

func render(drawn plot) []byte {
	var picture bytes.Buffer
	if err := template.Must(template.New("plot").Parse(plotText)).Execute(&picture, drawn); err != nil {
		panic(fmt.Errorf("the template of the plot: %w", err))
	}
	return picture.Bytes()
}

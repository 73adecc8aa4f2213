package main

import (
	"math"
	"slices"
)

// sample is a quantity, measured several times.
type sample []float64

// quantile interpolates between the values beside it.
func (s sample) quantile(q float64) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	at := q * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
}

func (s sample) median() float64 { return s.quantile(0.5) }

// growth fits time = start + slope·n^exponent, so that every point counts by its relative error, and returns the exponent.
func growth(counts []int, times []float64) float64 {
	const lowest, highest, step = 0.5, 2.0, 0.001
	best, exponent := math.Inf(1), math.NaN()
	for k := lowest; k <= highest; k += step {
		if e := errorOfFit(counts, times, k); e < best {
			best, exponent = e, k
		}
	}
	return exponent
}

// errorOfFit is the weighted sum of squares that the best start and slope leave.
func errorOfFit(counts []int, times []float64, exponent float64) float64 {
	var weights, sx, sy, sxx, sxy float64
	for i, n := range counts {
		x, y, w := math.Pow(float64(n), exponent), times[i], 1/(times[i]*times[i])
		weights += w
		sx += w * x
		sy += w * y
		sxx += w * x * x
		sxy += w * x * y
	}
	slope := (weights*sxy - sx*sy) / (weights*sxx - sx*sx)
	start := (sy - slope*sx) / weights
	var sum float64
	for i, n := range counts {
		missed := (start + slope*math.Pow(float64(n), exponent) - times[i]) / times[i]
		sum += missed * missed
	}
	return sum
}

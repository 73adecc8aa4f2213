package main

import (
	"math"
	"testing"
)

func TestQuantile(t *testing.T) {
	s := sample{4, 1, 3, 2}
	for q, want := range map[float64]float64{0: 1, 0.25: 1.75, 0.5: 2.5, 0.75: 3.25, 1: 4} {
		if got := s.quantile(q); got != want {
			t.Errorf("quantile(%v) = %v, want %v", q, got, want)
		}
	}
	if s[0] != 4 {
		t.Error("the sample was sorted in place")
	}
}

func TestGrowthFindsTheExponent(t *testing.T) {
	counts := []int{1, 10, 100, 400}
	for _, want := range []float64{0.9, 1, 1.05, 1.5} {
		times := make([]float64, len(counts))
		for i, n := range counts {
			times[i] = 800 + 15*math.Pow(float64(n), want)
		}
		if got := growth(counts, times); math.Abs(got-want) > 0.002 {
			t.Errorf("growth = %v, want %v", got, want)
		}
	}
}

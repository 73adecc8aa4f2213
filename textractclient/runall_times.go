package textractclient

import (
	"math"
	"math/rand/v2"
	"time"
)

// jobTimes estimates how long jobs take from those that ended: as a lognormal distribution over the
// last of them.
type jobTimes struct {
	count        float64
	mean, spread float64    // of the logarithm of seconds; spread is its variance
	random       *rand.Rand // the same in each run
}

const (
	// rememberedTimes is how many jobs count; later ones outweigh earlier ones.
	rememberedTimes = 200
	// Before any job has ended: 10 s or so, with the weight of three jobs.
	priorTime, priorVariance, priorWeight = 10, 1, 3
	fewTimes                              = 10
	leastVariance                         = 0.01
)

func newJobTimes() *jobTimes {
	return &jobTimes{count: priorWeight, mean: math.Log(priorTime), spread: priorVariance, random: rand.New(rand.NewPCG(1, 2))}
}

// fewKnown reports whether the estimate is little more than a guess.
func (t *jobTimes) fewKnown() bool { return t.count < priorWeight+fewTimes }

// add counts a job that took this long.
func (t *jobTimes) add(took time.Duration) {
	value := math.Log(max(took.Seconds(), 0.05))
	t.count = min(t.count+1, rememberedTimes)
	delta := value - t.mean
	t.mean += delta / t.count
	t.spread += (delta*(value-t.mean) - t.spread) / t.count
}

// addBetween counts a job that took longer than the one and at most the other. It counts as long as
// the distribution makes of it, since the middle of a long interval would be too short or too long
// for all of them.
func (t *jobTimes) addBetween(more, most time.Duration) {
	low, high := t.longer(more), t.longer(most) // falling
	if low-high < 1e-9 {
		t.add(most)
		return
	}
	longer := low + (high-low)*t.random.Float64()
	z := math.Sqrt2 * math.Erfinv(1-2*longer)
	seconds := math.Exp(t.mean + z*t.deviation())
	t.add(min(max(time.Duration(seconds*float64(time.Second)), more), most))
}

func (t *jobTimes) deviation() float64 { return math.Sqrt(max(t.spread, leastVariance)) }

// longer returns the share of jobs that take longer.
func (t *jobTimes) longer(than time.Duration) float64 {
	if than <= 0 {
		return 1
	}
	return math.Erfc((math.Log(than.Seconds())-t.mean)/t.deviation()/math.Sqrt2) / 2
}

// ended returns the probability that a job of this age has ended, when it was in progress at an
// earlier age.
func (t *jobTimes) ended(age, inProgressAt time.Duration) float64 {
	before := t.longer(inProgressAt)
	if before < 1e-12 {
		return 1
	}
	return 1 - t.longer(age)/before
}

// typical returns the median.
func (t *jobTimes) typical() time.Duration {
	return time.Duration(math.Exp(min(t.mean, 12)) * float64(time.Second))
}

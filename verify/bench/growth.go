package main

import "context"

// measureGrowth builds more and more pipelines, 20 a stack, without the validator, which costs everybody the same.
func (s *session) measureGrowth(ctx context.Context, r *results) error {
	r.Growth = map[string]map[int]*point{}
	var jobs []func() error
	for _, c := range s.contenders() {
		r.Growth[c.name] = map[int]*point{}
	}
	for _, count := range s.effort.Sizes {
		for _, c := range s.contenders() {
			p := &point{}
			r.Growth[c.name][count] = p
			jobs = append(jobs, func() error { return s.measurePoint(ctx, c, count, p) })
		}
	}
	return alternate(s.effort.Growth, jobs)
}

func (s *session) measurePoint(ctx context.Context, c contender, count int, p *point) error {
	report, used, err := s.reported(ctx, c, count, validatorOff)
	if err != nil {
		return err
	}
	p.Total = append(p.Total, used.Time.Seconds())
	p.Build = append(p.Build, report.BuildMillis/1000)
	p.Synth = append(p.Synth, report.SynthMillis/1000)
	p.Memory = append(p.Memory, float64(used.Memory))
	return nil
}

// marginal is what each further pipeline costs between two sizes, by the medians.
func marginal(points map[int]*point, from, to int, of func(*point) sample) float64 {
	return (of(points[to]).median() - of(points[from]).median()) / float64(to-from)
}

func totalTime(p *point) sample { return p.Total }

func buildTime(p *point) sample { return p.Build }

func memory(p *point) sample { return p.Memory }

// exponents are those of each round, without the empty app.
func exponents(points map[int]*point, sizes []int) sample {
	counts := sizes[1:]
	var s sample
	for round := range points[counts[0]].Total {
		times := make([]float64, len(counts))
		for i, n := range counts {
			times[i] = points[n].Total[round]
		}
		s = append(s, growth(counts, times))
	}
	return s
}

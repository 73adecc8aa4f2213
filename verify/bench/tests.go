package main

import "context"

// measureTests runs make test with everything compiled: each test anew, and then with the results that Go remembers.
func (s *session) measureTests(ctx context.Context, r *results) error {
	const runAll = "GOFLAGS=-count=1"
	makeTest := func(env ...string) (float64, error) {
		used, err := run(ctx, s.root, s.environment(env...), "make", "--silent", "test")
		return used.Time.Seconds(), err
	}
	if _, err := makeTest(); err != nil { // compiles
		return err
	}
	return alternate(s.effort.Tests, []func() error{func() error {
		anew, err := makeTest(runAll)
		if err != nil {
			return err
		}
		cached, err := makeTest()
		r.Tests.Run, r.Tests.Cached = append(r.Tests.Run, anew), append(r.Tests.Cached, cached)
		return err
	}})
}

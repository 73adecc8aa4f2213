package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/cdk-textract/textractasync/verify/bench/equivalence"
)

// comparison is how the template of this library differs from that of the contenders without it.
type comparison struct {
	Resources            int
	OnlyOurs, OnlyByHand []equivalence.Permission
}

// compareTemplates refuses to go on unless all rivals build the same resources. Of those without this library two write what the
// CDK offers and must allow the same, and one must allow what this library does.
func (s *session) compareTemplates(ctx context.Context, r *results) error {
	templates := map[string]*equivalence.Template{}
	for _, c := range s.rivals() {
		assembly := s.newPath("compared")
		if _, err := s.synthesize(ctx, c, 1, assembly, "CDK_VALIDATION=false"); err != nil {
			return err
		}
		template, err := equivalence.Load(filepath.Join(assembly, "Bench0.template.json"))
		if err != nil {
			return err
		}
		templates[c.name] = template
	}
	for _, pair := range [][2]string{{byHand, floor}, {ours, strict}} {
		d := equivalence.Compare(templates[pair[0]], templates[pair[1]])
		if d.Resources != "" || len(d.OnlyFirst)+len(d.OnlySecond) > 0 {
			return fmt.Errorf("%s and %s differ:\n%s%v\n%v", pair[0], pair[1], d.Resources, d.OnlyFirst, d.OnlySecond)
		}
	}
	d := equivalence.Compare(templates[ours], templates[byHand])
	if d.Resources != "" {
		return fmt.Errorf("%s and %s build other resources (-%[1]s +%[2]s):\n%[3]s", ours, byHand, d.Resources)
	}

	r.Template = comparison{Resources: len(templates[ours].Resources), OnlyOurs: d.OnlyFirst, OnlyByHand: d.OnlySecond}
	return nil
}

// compareSamples does so with the sample stack, of which only the two that are measured exist.
func compareSamples(ours, javaScript string) error {
	const template = "TextractAsyncSample.template.json"
	first, err := equivalence.Load(filepath.Join(ours, template))
	if err != nil {
		return err
	}
	second, err := equivalence.Load(filepath.Join(javaScript, template))
	if err != nil {
		return err
	}
	if d := equivalence.Compare(first, second); d.Resources != "" {
		return fmt.Errorf("the sample and its equivalent build other resources:\n%s", d.Resources)
	}
	return nil
}

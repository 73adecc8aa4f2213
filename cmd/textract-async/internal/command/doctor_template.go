package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/planned"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

// doctorTemplates judges what templates have. It calls no AWS API and needs no credentials.
func (a *app) doctorTemplates(ctx context.Context, o doctorOptions) error {
	setUps, source, err := a.planned(o)
	if err != nil {
		return &usageError{err}
	}
	code := exitOK
	for i, setUp := range setUps {
		report, err := doctor.Run(ctx, source.Clients(setUp.Env), setUp.Settings)
		if err != nil {
			return err
		}
		report.SetUp = setUp.Name
		// The reports of several set-ups have one exit code each, and the command the worst.
		reportCode := o.exitCode(report)
		if code == exitOK || reportCode == exitWrong {
			code = reportCode
		}
		if i > 0 && o.format == formatText {
			if _, err := fmt.Fprintln(a.stdout); err != nil {
				return err
			}
		}
		if err := o.write(a.stdout, report, reportCode, setUp.File); err != nil {
			return err
		}
	}
	if code != exitOK {
		return &findings{code}
	}
	return nil
}

// planned loads the templates and finds their set-ups.
func (a *app) planned(o doctorOptions) ([]planned.SetUp, *planned.Source, error) {
	options := template.Options{Region: a.flags.regionOf(), Parameters: make(map[string]string)}
	var errs []error
	for _, parameter := range o.parameters {
		name, value, ok := strings.Cut(parameter, "=")
		if !ok || name == "" {
			errs = append(errs, fmt.Errorf("--parameter %q is malformed: use NAME=VALUE", parameter))
		}
		options.Parameters[name] = value
	}
	choice := planned.Choice{Topic: o.topic, Queue: o.queue, Role: o.role, Caller: o.caller, OutputKey: o.outputKey}
	var err error
	if o.document != "" {
		choice.Document, err = doctor.ParseObject(o.document)
		errs = append(errs, err)
	}
	if o.output != "" {
		choice.Output, err = doctor.ParseOutput(o.output)
		errs = append(errs, err)
	}
	if a.flags.stack != "" || a.flags.withoutStack() != nil {
		errs = append(errs, errors.New(
			"--stack, --stack-prefix and --assume-caller are of what is deployed: omit them, or --template and --assembly",
		))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	set, err := o.load(options)
	if err != nil {
		return nil, nil, err
	}
	source := planned.New(set)
	setUps, err := source.SetUps(choice)
	return setUps, source, err
}

func (o *doctorOptions) load(options template.Options) (*template.Set, error) {
	if o.assembly != "" {
		if len(o.templates) > 0 {
			return nil, errors.New("--assembly has its own templates: omit --template")
		}
		return template.LoadAssembly(o.assembly, options)
	}
	return template.Load(o.templates, options)
}

// Command diagram draws the pictures in docs/images from the templates in testdata, so that they show what is built and nothing
// else. Run it from the root of the repository.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const (
	templates = "testdata/flags-recommended"
	images    = "docs/images"
)

// picture is a file in docs/images with the template that it is drawn from.
type picture struct {
	file, template string
	draw           func(template) (string, error)
}

var pictures = []picture{
	{"architecture.svg", "TextractAsyncSample.template.json", drawArchitecture},
	{"dashboard.svg", "Monitored.template.json", drawDashboard},
}

func main() {
	for _, p := range pictures {
		if err := p.write("."); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", p.file, err)
			os.Exit(1)
		}
	}
}

func (p picture) render(root string) (string, error) {
	t, err := readTemplate(filepath.Join(root, templates, p.template))
	if err != nil {
		return "", err
	}
	return p.draw(t)
}

func (p picture) write(root string) error {
	svg, err := p.render(root)
	if err != nil {
		return err
	}
	dir := filepath.Join(root, images)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, p.file), []byte(svg), 0o644)
}
